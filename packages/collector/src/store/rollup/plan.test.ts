import { Kind, type KindCode } from '@telltale/protocol'
import { expect, it } from 'vitest'
import { gridOf } from '../aggregate.js'
import type { AggregateRequest } from '../store.js'
import { T0 } from '../testing/batches.js'
import { aggregateRequest } from '../testing/requests.js'
import { planAggregate, resolutionOf } from './plan.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const whole = { startMs: T0, endMs: T0 + 6 * HOUR_MS, originMs: 0 }

/** `table`, with a question mark where only segments without rollups are read. */
function tablesOf(request: Partial<AggregateRequest>, latestMs?: number) {
  const asked = aggregateRequest({ ...whole, ...request })
  const { points, sketch } = planAggregate(asked, gridOf(asked), latestMs)
  const named = (slices: typeof points) => slices.map((slice) => slice.table + (slice.onlyNotRolledUp ? '?' : ''))
  return { points: named(points), sketch: named(sketch), resolution: resolutionOf(points) }
}

it.each<[string, KindCode, number, string[], string[]]>([
  ['gauges by the hour', Kind.gauge, HOUR_MS, ['r1h', 'samples?'], ['samples']],
  ['gauges by ten seconds', Kind.gauge, 10_000, ['samples'], ['samples']],
  ['histograms by the hour', Kind.histogram, HOUR_MS, ['r1h', 'samples?', 'hist?'], ['k1h', 'samples?', 'sketch?']],
  // Below the hour raw observations have no sketch rows.
  ['histograms by the minute', Kind.histogram, MINUTE_MS, ['r1m', 'samples?', 'hist?'], ['k1m', 'samples', 'sketch?']],
  ['histograms by ten seconds', Kind.histogram, 10_000, ['samples', 'hist'], ['samples', 'sketch']],
])('reads %s from the right tables', (_, kind, stepMs, points, sketch) => {
  expect(tablesOf({ kind, stepMs })).toMatchObject({ points, sketch })
})

it('wants no sketch rows where no sketch is asked for', () => {
  expect(tablesOf({ want: { sum: true } }).sketch).toEqual([])
})

it('needs no finer rows at an end that is past all sealed rows', () => {
  const now = { stepMs: HOUR_MS, endMs: T0 + 6 * HOUR_MS - 1234 }
  expect(tablesOf(now, now.endMs).points).toEqual(['r1h', 'samples?', 'r1m', 'samples'])
  expect(tablesOf(now, now.endMs - 1)).toMatchObject({ points: ['r1h', 'samples?'], resolution: '1h' })
})
