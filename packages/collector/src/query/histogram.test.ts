/** The spread of values: every value is in the row that holds it, rows are few and stand still, and nothing is lost. */
import { Kind } from '@telltale/protocol'
import { HistogramQuery, HistogramResult } from '@telltale/protocol/api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bench, histograms, reader, samples } from './testing/fixtures.js'

const noon = Date.UTC(2026, 0, 15, 12)
const minute = 60_000

function ask({ service }: ReturnType<typeof bench>, query: object = {}) {
  const parsed = HistogramQuery.parse({ metric_name: 'm', time_range: { start: 'now-1h' }, step: '1m', ...query })
  return service.histogram(reader, parsed).then((result) => HistogramResult.parse(result))
}

it('counts every value in the row and the bucket that hold it', async () => {
  const value = fc.oneof(
    fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
    fc.constant(0),
    fc.double({ min: -1e4, max: -1e-2, noNaN: true }),
  )
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), value), { minLength: 1, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(points, fc.integer({ min: 4, max: 64 }), async (observations, rows) => {
      const b = bench(noon)
      const series = b.index.define(1, 'm', Kind.gauge)
      const at = (ago: number) => noon - 60 * minute + ago * minute
      b.store.append(1, samples(observations.map(([ago, v]) => [series, at(ago), v] as const)))
      const result = await ask(b, { rows })
      expect(result.rows.length).toBeLessThanOrEqual(rows)
      expect(result.meta.count).toBe(observations.length)
      const left = new Map<string, number>()
      result.cells.count.forEach((count, i) => {
        left.set(`${result.cells.time[i]} ${result.cells.row[i]}`, count)
      })
      for (const [ago, v] of observations) {
        const row = result.rows.findIndex(({ lower, upper }) =>
          v === 0 ? lower === 0 && upper === 0 : v > 0 ? v > lower && v <= upper : v >= lower && v < upper,
        )
        const key = `${result.timestamps.indexOf(at(ago))} ${row}`
        left.set(key, (left.get(key) ?? 0) - 1)
      }
      expect([...left.values()].every((count) => count === 0)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

it('adds up histograms of all series, and filters', async () => {
  const b = bench(noon)
  const one = b.index.define(1, 'm', Kind.histogram, { host: 'a' })
  const two = b.index.define(1, 'm', Kind.histogram, { host: 'b' })
  const timeMs = noon - 30 * minute
  b.store.append(
    1,
    histograms([
      { series: one, timeMs, values: [10, 10, 20] },
      { series: two, timeMs, values: [10] },
    ]),
  )
  const all = await ask(b)
  expect(all.cells.count).toEqual([3, 1])
  expect(all.meta).toMatchObject({ count: 4, kind: 'histogram', step: '1m', step_ms: minute })
  expect((await ask(b, { filters: { host: 'b' } })).cells.count).toEqual([1])
})

it('edges stand still as values come', async () => {
  const edges = async (values: number[]) => {
    const b = bench(noon)
    const series = b.index.define(1, 'm', Kind.gauge)
    b.store.append(1, samples(values.map((v, i) => [series, noon - (i + 1) * minute, v] as const)))
    return (await ask(b, { rows: 16 })).rows.map(({ lower }) => lower)
  }
  const before = await edges([100, 180])
  const after = await edges([100, 150, 190])
  expect(before.length).toBeGreaterThan(4)
  for (const edge of before) expect(after).toContain(edge)
})

it('refuses what has no distribution, and what is not known; an empty range is empty', async () => {
  const b = bench(noon)
  b.index.define(1, 'changes', Kind.upDownCounter)
  b.index.define(1, 'm', Kind.gauge)
  await expect(ask(b, { metric_name: 'changes' })).rejects.toMatchObject({ code: 'aggregation_not_supported' })
  await expect(ask(b, { metric_name: 'other' })).rejects.toMatchObject({ code: 'unknown_metric' })
  const empty = await ask(b)
  expect(empty.rows).toEqual([])
  expect(empty.timestamps.length).toBeGreaterThanOrEqual(60)
})
