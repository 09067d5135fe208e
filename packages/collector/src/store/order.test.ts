import fc from 'fast-check'
import { expect, it } from 'vitest'
import { orderRows, rankSeries } from './order.js'
import { Scratch } from './scratch.js'
import { DAY_MS, tables } from './tables.js'

const HOUR_MS = 3_600_000
const pause = async () => {}
const metricOf = (series: number) => series % 3

it('orders rows by block of time, metric, series, time and key, as comparing them would', async () => {
  const row = fc.record({
    series: fc.integer({ min: 0, max: 9 }),
    timeMs: fc.oneof(fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }), fc.constantFrom(0, 1e12, 1e15, -1e15)),
    key: fc.integer({ min: -5, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
      const unordered = {
        rows: rows.length,
        series: Uint32Array.from(rows, ({ series }) => series),
        timeMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
        key: Int32Array.from(rows, ({ key }) => key),
      }
      const ranks = rankSeries(unordered, metricOf)
      const { order, series, timeMs, key } = await orderRows(unordered, HOUR_MS, ranks, new Scratch(), pause)
      const blockOf = (i: number) => Math.floor(rows[i]!.timeMs / HOUR_MS)
      const expected = [...rows.keys()].sort(
        (a, b) =>
          blockOf(a) - blockOf(b) ||
          metricOf(rows[a]!.series) - metricOf(rows[b]!.series) ||
          rows[a]!.series - rows[b]!.series ||
          rows[a]!.timeMs - rows[b]!.timeMs ||
          rows[a]!.key - rows[b]!.key ||
          a - b,
      )
      expect([...order]).toEqual(expected)
      expect([...series]).toEqual(expected.map((row) => unordered.series[row]))
      expect([...timeMs]).toEqual(expected.map((row) => unordered.timeMs[row]))
      expect([...key!]).toEqual(expected.map((row) => unordered.key[row]))
    }),
    { numRuns: 300 },
  )
})

it('knows tables whose files are whole blocks', () => {
  for (const { blockMs, partitionDays } of Object.values(tables)) {
    if (blockMs !== undefined) expect((partitionDays * DAY_MS) % blockMs).toBe(0)
  }
})
