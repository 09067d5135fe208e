import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type CoverGrid, cover } from './cover.js'
import { levels } from './levels.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const names = (grid: CoverGrid) => cover(grid, levels).map(({ level }) => level?.name ?? 'raw')

it.each([
  ['an aligned hour by minutes', { startMs: 0, endMs: HOUR_MS, originMs: 0, stepMs: MINUTE_MS }, ['1m']],
  ['a step that no level fits', { startMs: 0, endMs: DAY_MS, originMs: 0, stepMs: 90_000 }, ['raw']],
  ['an origin that no level fits', { startMs: 0, endMs: DAY_MS, originMs: 1, stepMs: HOUR_MS }, ['raw']],
  ['half-hour time zones', { startMs: 0, endMs: DAY_MS, originMs: 30 * MINUTE_MS, stepMs: HOUR_MS }, ['5m']],
  ['less than a bucket', { startMs: 1, endMs: 59_000, originMs: 0, stepMs: 0 }, ['raw']],
  ['nothing', { startMs: 5, endMs: 5, originMs: 0, stepMs: 0 }, []],
  ['times before 1970', { startMs: -DAY_MS, endMs: DAY_MS, originMs: 0, stepMs: 0 }, ['raw', '1d']],
  [
    'months with uneven edges',
    { startMs: DAY_MS - 1, endMs: 40 * DAY_MS + HOUR_MS + MINUTE_MS + 1, originMs: 0, stepMs: 0 },
    ['raw', '1d', '1h', '1m', 'raw'],
  ],
])('covers %s', (_, grid, expected) => {
  expect(names(grid)).toEqual(expected)
})

it('covers any range without gap or overlap, by buckets that lie in those asked for', () => {
  const time = fc.integer({ min: -2 * DAY_MS, max: 1000 * DAY_MS })
  const step = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 1, max: 100 * DAY_MS }),
    fc.tuple(fc.constantFrom(1000, MINUTE_MS, HOUR_MS, DAY_MS), fc.integer({ min: 1, max: 60 })).map(([a, b]) => a * b),
  )
  const origin = fc.oneof(
    time,
    fc.integer({ min: -2000, max: 2000 }).map((n) => n * 15 * MINUTE_MS),
  )
  fc.assert(
    fc.property(time, time, step, origin, (a, b, stepMs, originMs) => {
      const grid = { startMs: Math.min(a, b), endMs: Math.max(a, b), originMs, stepMs }
      const intervals = cover(grid, levels)
      let at = grid.startMs
      for (const { level, startMs, endMs } of intervals) {
        expect(startMs).toBe(at)
        expect(endMs).toBeGreaterThan(startMs)
        at = endMs
        if (level === undefined) continue
        expect([Math.abs(startMs % level.bucketMs), Math.abs(endMs % level.bucketMs)]).toEqual([0, 0])
        expect(startMs).toBeGreaterThanOrEqual(0)
        if (stepMs === 0) continue
        const bucketOf = (ms: number) => Math.floor((ms - originMs) / stepMs)
        expect(bucketOf(startMs)).toBe(bucketOf(startMs + level.bucketMs - 1))
        expect(bucketOf(endMs - level.bucketMs)).toBe(bucketOf(endMs - 1))
      }
      expect(at).toBe(grid.endMs)
      expect(intervals.length).toBeLessThanOrEqual(grid.startMs < 0 ? 8 : 7)
    }),
    { numRuns: 2000 },
  )
})
