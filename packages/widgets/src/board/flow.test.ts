import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FlowItem, flow } from './flow.js'
import { compact } from './layout.js'

const item = (w: number, h: number, fixed: Partial<FlowItem> = {}): FlowItem => ({
  ...{ w, h, isFixedW: false, isFixedH: false },
  ...fixed,
})

test('a row fills the width and has one height; what has a width of its own keeps it', () => {
  expect(
    flow([
      [item(3, 3), item(3, 3), item(3, 2)],
      [item(6, 5), item(2, 4, { isFixedW: true })],
    ]),
  ).toEqual([
    { x: 0, y: 0, w: 4, h: 3 },
    { x: 4, y: 0, w: 4, h: 3 },
    { x: 8, y: 0, w: 4, h: 3 },
    { x: 0, y: 3, w: 10, h: 5 },
    { x: 10, y: 3, w: 2, h: 5 },
  ])
})

test('a row that is too wide goes on below', () => {
  expect(flow([[item(8, 4), item(8, 3)]]).map(({ x, y, w }) => [x, y, w])).toEqual([
    [0, 0, 12],
    [0, 4, 12],
  ])
})

test('whatever the rows are: all on the grid, none over another, none that would rise', () => {
  const items = fc.array(fc.record({ w: fc.integer({ min: 1, max: 12 }), h: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(fc.array(items, { maxLength: 6 }), (rows) => {
      const places = flow(rows.map((row) => row.map(({ w, h }) => item(w, h))))
      const cells = places.map((place, i) => ({ id: String(i).padStart(3, '0'), ...place }))
      expect(places.every(({ x, w }) => w >= 1 && x + w <= 12)).toBe(true)
      expect(compact(cells).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(cells)
    }),
    { numRuns: 200 },
  )
})
