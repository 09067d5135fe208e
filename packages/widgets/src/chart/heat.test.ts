import { expect, test } from 'vitest'
import { fillShades, heatRange, intensity, shadeTable } from './heat.js'

const table = shadeTable([
  [0, 0, 0],
  [255, 255, 255],
])
const redOf = (word: number) => word & 255

test('values are shaded between the ends, and cells without one stay clear', () => {
  const grid = { columns: 2, rows: 2, values: Float64Array.of(0, Number.NaN, 25, 100) }
  const range = heatRange(grid)
  expect(range).toEqual({ min: 0, max: 100 })
  const words = new Uint32Array(4)
  fillShades(grid, range, table, words)
  expect([...words].map((word) => [redOf(word), word >>> 24])).toEqual([
    [0, 255],
    [0, 0],
    [128, 255],
    [255, 255],
  ])
  expect(intensity(25, range)).toBe(0.5)
})

test('negative values begin the range; equal and missing ones have one too', () => {
  const rangeOf = (...values: number[]) =>
    heatRange({ columns: values.length, rows: 1, values: Float64Array.from(values) })
  expect(rangeOf(-3, 5)).toEqual({ min: -3, max: 5 })
  expect(rangeOf(0, 0)).toEqual({ min: 0, max: 1 })
  expect(rangeOf(Number.NaN)).toEqual({ min: 0, max: 1 })
})
