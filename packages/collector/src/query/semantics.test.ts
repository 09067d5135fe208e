/** Every aggregation × kind × grouping × step × time zone × fill, against an oracle that looks at single points. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { axisOf, resolveStep } from './buckets.js'
import { bench } from './testing/fixtures.js'
import { type OracleQuestion, oracle } from './testing/oracle.js'
import { aggregationsOf, fills, kindOf, metricOf, observations, record, subjects } from './testing/questions.js'
import { dayMs, hourMs } from './time.js'
import { zoneOf } from './zone.js'

/** Over the last Sunday of October 2026 clocks go back in Europe; Lord Howe went forward three weeks before. */
const sceneStart = Date.UTC(2026, 9, 24, 6)
const sceneMs = 2 * dayMs
const now = sceneStart + sceneMs

const question = fc
  .constantFrom(...subjects)
  .chain((subject) =>
    fc.record({
      subject: fc.constant(subject),
      aggregation: fc.constantFrom(...aggregationsOf[subject]),
      observed: observations(sceneMs),
      startMs: fc.integer({ min: sceneStart, max: now - hourMs }),
      lengthMs: fc.integer({ min: 1, max: sceneMs }),
      step: fc.constantFrom(undefined, '20m', '1h', '6h', '1d', '1w', '1M', 'auto'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'),
      fill: fc.constantFrom(...fills),
      isGrouped: fc.boolean(),
    }),
  )
  // Levels without a step are sampled: only the last one is a matter of single points.
  .filter(
    ({ subject, step, aggregation }) =>
      step !== undefined || !(subject === 'upDownCounter' && ['avg', 'min', 'max'].includes(aggregation as string)),
  )
  .filter(
    ({ subject, step, aggregation }) => !(subject === 'successRate' && step === undefined && aggregation === 'last'),
  )

it('answers what single points say', async () => {
  await fc.assert(fc.asyncProperty(question, check), { numRuns: 1000, endOnFailure: true })
})

it('merges distributions over days that clocks make longer', async () => {
  const overChange = question
    .filter(({ aggregation }) => isEstimate(aggregation))
    .map((asked) => ({
      ...asked,
      step: '6h' as const,
      timeZone: 'Europe/Berlin' as const,
      startMs: sceneStart,
      lengthMs: sceneMs,
    }))
  await fc.assert(fc.asyncProperty(overChange, check), { numRuns: 200, endOnFailure: true })
})

type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

async function check(asked: Question): Promise<void> {
  const { subject, aggregation, observed, startMs, lengthMs, step, timeZone, fill, isGrouped } = asked
  const { index, store, ask } = bench(now)
  const { columns, points } = record(index, subject, observed, sceneStart)
  if (observed.length === 0) return
  store.append(1, columns)
  const endMs = Math.min(startMs + lengthMs, now)
  const { data } = await ask({
    metric_name: metricOf(subject),
    aggregation: aggregation as 'avg',
    time_range: { start: startMs, end: endMs },
    step: step as '1h',
    time_zone: timeZone,
    group_by: isGrouped ? ['host'] : [],
    fill,
  })
  const zone = zoneOf(timeZone)
  const axis = axisOf({ startMs, endMs }, resolveStep(step, endMs - startMs, zone), zone)
  const expected = oracle(isGrouped ? points : points.map((point) => ({ ...point, group: '' })), {
    kind: kindOf(subject),
    aggregation,
    startMs,
    endMs,
    nowMs: now,
    edges: step === undefined ? undefined : [...axis.edges],
    fill,
    isRatio: subject === 'successRate',
    isGrouped,
  } satisfies OracleQuestion)
  const rows = [...axis.edges.slice(0, -1)].flatMap((edgeMs, bucket) =>
    [...expected]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, values]) => ({
        timestamp: new Date(edgeMs).toISOString(),
        value: values[bucket]!,
        tags: isGrouped ? { host: group || null } : {},
      })),
  )
  const shown = rows.filter(({ value }) => fill !== 'none' || value !== null)
  expect(data.map(({ timestamp, tags }) => ({ timestamp, tags }))).toEqual(
    shown.map(({ timestamp, tags }) => ({ timestamp, tags })),
  )
  // Between two estimates of either sign, an interpolated value is as uncertain as they are.
  const scale = fill === 'linear' ? 5_000 : 0
  const error = isEstimate(aggregation) ? 0.0055 : 1e-9
  for (const [i, { value }] of shown.entries()) expectClose(data[i]!.value, value, error, scale)
}

function isEstimate(aggregation: unknown): boolean {
  return typeof aggregation === 'object' || /^p\d/.test(String(aggregation))
}

function expectClose(actual: number | null, expected: number | null, error: number, scale: number): void {
  const isClose =
    expected === null || actual === null
      ? actual === expected
      : Math.abs(actual - expected) <= Math.max(Math.abs(expected), scale) * error + 1e-9
  // Called for every value: the expectation itself would be most of the time.
  if (!isClose) expect(actual).toBe(expected)
}
