/** The fast histogram gives the buckets of the plain sketch, for every double. */
import { Kind, Sketch } from '@telltale/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HistogramCell } from './histogram-cell.js'

const spec = { name: 'h', kind: Kind.histogram, unit: '', description: '' }
const make = (refused: string[] = []) =>
  new HistogramCell(spec, [], [], { refuse: (_signal, reason) => void refused.push(reason) })

function read(cell: HistogramCell): unknown {
  const [key, count]: number[][] = [[], []]
  const end = cell.writeColumns(key, count, 0)
  expect([key.length, count.length]).toEqual([end, end])
  return { key, count, sum: cell.sum, min: cell.min, max: cell.max }
}

function plain(values: readonly number[]): unknown {
  const sketch = new Sketch()
  for (const value of values) sketch.record(value)
  const { key, bucketCount } = sketch.toColumns()
  return { key: [...key], count: [...bucketCount], sum: sketch.sum, min: sketch.min, max: sketch.max }
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const latency = fc.double({ min: 0.01, max: 10_000, noNaN: true })
const bound = fc.integer({ min: -2000, max: 2000 }).map((step) => 2 ** (step / 64))

describe('a histogram cell', () => {
  it('has the buckets, sum, minimum and maximum of a sketch, over several intervals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.oneof(latency, finite, bound, fc.integer()), { maxLength: 80 })),
        (intervals) => {
          const cell = make()
          for (const values of intervals) {
            for (const value of values) cell.record(value)
            expect(cell.calls).toBe(values.length)
            if (values.length > 0) expect(read(cell)).toEqual(plain(values))
            cell.clear()
            expect(read(cell)).toMatchObject({ key: [], sum: 0 })
          }
        },
      ),
    )
  })

  it('takes the smallest and the largest there are', () => {
    const values = [5e-324, Number.MIN_VALUE * 1000, 2 ** -1022, Number.MAX_VALUE, -Number.MAX_VALUE, 0, -0, 1]
    const cell = make()
    for (const value of values) cell.record(value)
    expect(read(cell)).toEqual(plain(values))
  })

  it('refuses what is no finite number, and everything once it is closed, keeping what it has', () => {
    const refused: string[] = []
    const cell = make(refused)
    cell.record(3)
    cell.record(-3)
    cell.record(Number.MAX_VALUE)
    const before = read(cell)
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '3', null, undefined]) {
      cell.record(value as number)
    }
    cell.close('closed')
    cell.record(3)
    expect(read(cell)).toEqual(before)
    expect(refused).toEqual([...Array(6).fill('not_finite'), 'closed'])
  })
})
