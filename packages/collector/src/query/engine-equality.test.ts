/**
 * The whole way, from batches to answers: any split of the same points into batches, in any order, with retries, sealed and
 * merged at any moment, late or not, gives the same answers at every resolution, and those are what single points say.
 */

import type { MetricsQuery } from '@telltale/protocol/api'
import { type MetricsResult, MetricsQuery as Query } from '@telltale/protocol/api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createEngine } from '../store/engine.js'
import { batch, replay } from '../store/testing/batches.js'
import { keepForever, newFolder, removeFolder } from '../store/testing/places.js'
import { axisOf, resolveStep } from './buckets.js'
import { createQueryService } from './service.js'
import { reader } from './testing/fixtures.js'
import { MemoryIndex } from './testing/memory-index.js'
import { type OraclePoint, type OracleQuestion, oracle } from './testing/oracle.js'
import { aggregationsOf, kindOf, metricOf, type Observed, observations, record, subjects } from './testing/questions.js'
import { dayMs, hourMs } from './time.js'
import { zoneOf } from './zone.js'

/** Clocks go back in Europe on the second of these days, and forward on Lord Howe three weeks before. */
const sceneStart = Date.UTC(2026, 9, 24)
const sceneMs = 3 * dayMs
const now = sceneStart + sceneMs
const timeout = 120_000

type Moment = { batch: number } | 'seal' | 'maintain'

const scene = fc.constantFrom(...subjects).chain((subject) =>
  fc.record({
    subject: fc.constant(subject),
    observed: observations(sceneMs),
    /** Which batch each point goes into, by turns. */
    batchOf: fc.array(fc.nat(5), { minLength: 1, maxLength: 12 }),
    /** Batches in any order and more than once, with work of the store between them. */
    moments: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ batch: fc.nat(5) }) },
        { weight: 2, arbitrary: fc.constant('seal' as const) },
        { weight: 1, arbitrary: fc.constant('maintain' as const) },
      ),
      { maxLength: 12 },
    ),
    questions: fc.array(
      fc.record({
        aggregation: fc.constantFrom(...aggregationsOf[subject]),
        step: fc.constantFrom(undefined, '7m', '1h', '1d', '1w', '1M'),
        timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe'),
        startMs: fc.integer({ min: 0, max: 12 }).map((part) => sceneStart + part * 5 * hourMs + (part % 3) * 61_000),
        isGrouped: fc.boolean(),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  }),
)

it('depends on the points alone, not on how and when they came', { timeout }, async () => {
  await fc.assert(fc.asyncProperty(scene, check), { numRuns: 15, endOnFailure: true })
})

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

async function check({ subject, observed, batchOf, moments, questions }: Scene): Promise<void> {
  if (observed.length === 0) return
  const index = new MemoryIndex()
  const { points } = record(index, subject, observed, sceneStart)
  const folder = newFolder()
  const store = createEngine({ dataDir: folder, threads: 1, memoryLimitMb: 256, retention: keepForever })
  try {
    await store.open(replay)
    const parts = Array.from({ length: 6 }, (_, part) =>
      observed.filter((__, i) => batchOf[i % batchOf.length] === part),
    )
    const send = async (part: number) => store.append(batchOfPart(index, subject, parts[part]!, part))
    const all: Moment[] = [...moments, ...parts.map((_, part) => ({ batch: part }))]
    for (const moment of all) {
      if (moment === 'seal') await store.seal()
      else if (moment === 'maintain') await store.maintain()
      else await send(moment.batch)
    }
    const service = createQueryService({ store, series: index, now: () => now })
    const ask = async (query: MetricsQuery) =>
      ((await service.metrics(reader, Query.parse(query))) as MetricsResult).data
    const queries = questions.filter(({ aggregation, step }) => isSettled(subject, aggregation, step))
    // Hot and sealed as it is, then all sealed, then merged: the answers never move.
    for (const settle of [async () => {}, () => store.seal(), () => store.maintain()]) {
      await settle()
      for (const one of queries) compare(await ask(queryOf(subject, one)), subject, points, one)
    }
  } finally {
    await store.close()
    removeFolder(folder)
  }
}

function batchOfPart(index: MemoryIndex, subject: Scene['subject'], part: readonly Observed[], sequence: number) {
  const { columns } = record(index, subject, part, sceneStart)
  const ids = new Set([...(columns.samples?.series ?? []), ...(columns.histograms?.series ?? [])])
  return { ...batch({ sequence, columns }), newSeries: [...ids].map((id) => index.get(id)!) }
}

/** Levels and latest ratios over a whole range are read at sampled moments, which single points do not tell. */
function isSettled(subject: Scene['subject'], aggregation: unknown, step: string | undefined): boolean {
  if (step !== undefined) return true
  if (subject === 'successRate') return aggregation !== 'last'
  return !(subject === 'upDownCounter' && ['avg', 'min', 'max'].includes(aggregation as string))
}

type Asked = Scene['questions'][number]

function queryOf(subject: Scene['subject'], { aggregation, step, timeZone, startMs, isGrouped }: Asked): MetricsQuery {
  return {
    metric_name: metricOf(subject),
    aggregation: aggregation as 'avg',
    time_range: { start: startMs, end: now },
    step: step as '1h' | undefined,
    time_zone: timeZone,
    group_by: isGrouped ? ['host'] : [],
  }
}

function compare(data: MetricsResult['data'], subject: Scene['subject'], points: OraclePoint[], asked: Asked): void {
  const { aggregation, step, timeZone, startMs, isGrouped } = asked
  const zone = zoneOf(timeZone)
  const axis = axisOf({ startMs, endMs: now }, resolveStep(step, now - startMs, zone), zone)
  const expected = oracle(isGrouped ? points : points.map((point) => ({ ...point, group: '' })), {
    ...{ kind: kindOf(subject), aggregation, startMs, endMs: now, nowMs: now, isGrouped },
    ...{ edges: step === undefined ? undefined : [...axis.edges], fill: 'none', isRatio: subject === 'successRate' },
  } satisfies OracleQuestion)
  const rows = [...axis.edges.slice(0, -1)].flatMap((edgeMs, bucket) =>
    [...expected]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([group, values]) => ({ at: new Date(edgeMs).toISOString(), group, value: values[bucket]! }))
      .filter(({ value }) => value !== null),
  )
  expect(data.map(({ timestamp, tags }) => [timestamp, tags.host ?? ''])).toEqual(
    rows.map(({ at, group }) => [at, group]),
  )
  const isEstimate = typeof aggregation === 'object' || /^p\d/.test(aggregation)
  for (const [i, { value }] of rows.entries()) {
    const near = Math.abs(value as number) * (isEstimate ? 0.0055 : 1e-9) + 1e-9
    if (Math.abs(data[i]!.value! - (value as number)) > near) expect(data[i]!.value).toBe(value)
  }
}
