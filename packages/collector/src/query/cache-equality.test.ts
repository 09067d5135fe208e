/** A service that keeps answers gives what one without a cache gives, however ingest, the clock and questions mix. */
import { MetricsQuery, type MetricsResult } from '@telltale/protocol/api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createQueryService } from './service.js'
import { bench, reader } from './testing/fixtures.js'
import { aggregationsOf, fills, metricOf, type Observed, observations, record, subjects } from './testing/questions.js'
import { hourMs, minuteMs } from './time.js'

const sceneStart = Date.UTC(2026, 9, 24, 6)
const sceneMs = 6 * hourMs
/** The longest that an answer to a relative range may stand. */
const liveMs = 5_000

const question = fc.constantFrom(...subjects).chain((subject) =>
  fc.record({
    subject: fc.constant(subject),
    aggregation: fc.constantFrom(...aggregationsOf[subject]),
    range: fc.constantFrom(
      { start: 'now-1h' },
      { start: 'now-10m' },
      { start: 'now-3h', end: 'now-1h' },
      { start: sceneStart, end: sceneStart + 2 * hourMs },
      { start: sceneStart + hourMs, end: 'now' },
      { start: 'now-2h', end: sceneStart + sceneMs },
    ),
    step: fc.constantFrom(undefined, '1m', '20m', '1h', 'auto'),
    host: fc.constantFrom(undefined, 'a'),
    fill: fc.constantFrom(...fills),
    isGrouped: fc.boolean(),
    limit: fc.constantFrom(undefined, undefined, 1),
    compareTo: fc.constantFrom(undefined, undefined, '1h'),
  }),
)

const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('ask' as const), which: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('ingest' as const),
      count: fc.integer({ min: 1, max: 4 }),
      /** Times from now for one more of them; the others come as they may: late, or ahead of the clock. */
      nearMs: fc.constantFrom(undefined, -1_500, 0, 400, 2_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 900, 2_500, 5_000, 30_000, 8 * minuteMs),
    }),
  },
)

it('answers as if nothing were kept', async () => {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(question, { minLength: 3, maxLength: 3 }),
      observations(sceneMs),
      fc.array(act, { minLength: 20, maxLength: 60 }),
      fc.integer({ min: 2 * hourMs, max: 5 * hourMs }),
      async (questions, observed, acts, beginMs) => {
        let nowMs = sceneStart + beginMs
        const { index, store, service, setNow } = bench(nowMs)
        let clockMs = nowMs
        const plain = createQueryService({ store, series: index, now: () => clockMs, cacheBytes: 0 })
        const asked: number[][] = questions.map(() => [])
        const waiting = [...observed]
        const stored: Observed[] = []
        const ingest = (count: number, nearMs?: number) => {
          const rows = waiting.splice(0, count)
          if (nearMs !== undefined && observed.length > 0) {
            rows.push({ ...observed[stored.length % observed.length]!, atMs: nowMs - sceneStart + nearMs })
          }
          for (const { subject } of questions) {
            const { columns } = record(index, subject, rows, sceneStart)
            store.append(1, columns)
          }
          stored.push(...rows)
        }
        ingest(5)
        for (const step of acts) {
          if (step.type === 'wait') nowMs += step.ms
          if (step.type === 'ingest') ingest(step.count, step.nearMs)
          if (step.type !== 'ask') continue
          setNow(nowMs)
          const query = queryOf(questions[step.which]!)
          const times = asked[step.which]!
          times.push(nowMs)
          const answer = shown(await service.metrics(reader, query).catch(codeOf))
          if (answer.isCached) hits++
          // A kept answer is that of a moment shortly before, with all data that has come since.
          const moments = times.filter(
            (ms) =>
              ms === nowMs ||
              (answer.isCached && nowMs - ms <= liveMs && !hasEntered(questions[step.which]!, stored, ms, nowMs)),
          )
          if (questions[step.which]!.range.start === sceneStart) moments.push(nowMs)
          const wanted: string[] = []
          for (const ms of moments) {
            clockMs = ms
            wanted.push(shown(await plain.metrics(reader, query).catch(codeOf)).text)
          }
          if (!wanted.includes(answer.text)) expect(answer.text).toBe(wanted.at(-1))
        }
      },
    ),
    { numRuns: 300, endOnFailure: true },
  )
  // The property would hold without a cache, too.
  expect(hits).toBeGreaterThan(500)
}, 30_000)

/** Has a point come into the range because its end moved on? Then an answer of the moment before would hide it. */
function hasEntered({ range, host }: Question, stored: readonly Observed[], fromMs: number, toMs: number): boolean {
  if (typeof range.end === 'number') return false
  const backMs = range.end === 'now-1h' ? hourMs : 0
  return stored.some((one) => {
    const timeMs = sceneStart + one.atMs + backMs
    return timeMs >= fromMs && timeMs < toMs && (host === undefined || host === one.host)
  })
}

type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

function queryOf(asked: Question) {
  return MetricsQuery.parse({
    metric_name: metricOf(asked.subject),
    aggregation: asked.aggregation,
    time_range: asked.range,
    step: asked.step,
    filters: asked.host === undefined ? {} : { host: asked.host },
    group_by: asked.isGrouped ? ['host'] : [],
    fill: asked.fill,
    limit: asked.limit,
    compare_to: asked.compareTo,
  })
}

function codeOf(error: unknown): { code: unknown } {
  return { code: (error as { code?: unknown }).code }
}

function shown(answer: object): { text: string; isCached: boolean } {
  const { meta, ...content } = answer as Partial<MetricsResult>
  const { cached = false, took_ms: _, ...fixed } = meta ?? {}
  return { text: JSON.stringify({ content, fixed }), isCached: cached }
}
