/** Rows are judged by what their metric's definition said when they came, also when the journal is replayed later. */
import { Kind, keyOf } from '@telltale/protocol'
import { expect, it } from 'vitest'
import type { MetricDefinition } from '../model.js'
import { Pipeline } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'
import { nowMs, sampleBatch, type TestSeries, testBatch, testSettings } from './testing/batches.js'

const definition = (parts: Partial<MetricDefinition>): MetricDefinition => ({
  ...{ name: 'value', kind: Kind.gauge, unit: '', description: '', attributes: null, expression: null },
  ...{ min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, ...parts },
})

/** In force from `nowMs` on. */
function pipelineWith(...definitions: MetricDefinition[]): Pipeline {
  const inForce = new Map(definitions.map((one) => [one.name, one]))
  const before = new Map<string, MetricDefinition>()
  const at = (project: number, timeMs: number) => (project === 1 && timeMs >= nowMs ? inForce : before)
  return new Pipeline(new SeriesRegistry(testSettings), testSettings, { at })
}

const outcome = (pipeline: Pipeline, payload: Uint8Array, receivedMs = nowMs, project = 1) => {
  const { accepted, rejected } = pipeline.prepare(project, payload, receivedMs)
  return [accepted, rejected.map(({ reason, row }) => [reason, [...row]])]
}

it('refuses values out of bounds, by row', () => {
  const pipeline = pipelineWith(definition({ min: 0, max: 10 }), definition({ name: 'open', max: 5 }))
  const payload = sampleBatch(
    [{ name: 'free' }, { name: 'value' }, { name: 'open' }],
    [
      [0, 1e9],
      [1, -0.1],
      [1, 0],
      [1, 10],
      [1, 10.1],
      [2, -1e9],
      [2, 6],
    ],
  )
  expect(outcome(pipeline, payload)).toEqual([4, [['out_of_bounds', [1, 4, 6]]]])
  // The same bytes from before, and of another project: nothing was defined there.
  expect(outcome(pipeline, payload, nowMs - 1)).toEqual([7, []])
  expect(outcome(pipeline, payload, nowMs, 2)).toEqual([7, []])
  expect(outcome(pipeline, payload)).toEqual([4, [['out_of_bounds', [1, 4, 6]]]])
})

it('refuses deltas and histograms out of bounds', () => {
  const pipeline = pipelineWith(
    definition({ name: 'jobs', kind: Kind.counter, max: 5 }),
    definition({ name: 'latency', kind: Kind.histogram, min: 0, max: 100 }),
  )
  const series = [
    { name: 'jobs', kind: Kind.counter },
    { name: 'latency', kind: Kind.histogram },
  ]
  const payload = testBatch(series, (batch) => {
    const interval = { startMs: nowMs - 1000, endMs: nowMs }
    batch.points = { count: 2, ...interval, series: [0, 0], value: [5, 6] }
    batch.histograms = {
      ...{ count: 2, ...interval, series: [1, 1], sum: [50, 101], min: [50, 1], max: [50, 100.5] },
      ...{ buckets: [1, 1], key: [keyOf(50), keyOf(1)], bucketCount: [1, 1] },
    }
  })
  expect(outcome(pipeline, payload)).toEqual([
    2,
    [
      ['out_of_bounds', [1]],
      ['out_of_bounds', [1]],
    ],
  ])
})

it('refuses attributes that are not allowed, another kind, and samples of computed metrics', () => {
  const pipeline = pipelineWith(
    definition({ attributes: new Set(['plan']) }),
    definition({ name: 'ratio', expression: 'a / b' }),
    definition({ name: 'jobs', kind: Kind.counter }),
  )
  const series: TestSeries[] = [
    { name: 'value', attributes: { plan: 'pro' } },
    { name: 'value', attributes: { plan: 'pro', user: 'u1' } },
    { name: 'value', attributes: { user: '' } },
    { name: 'ratio' },
    { name: 'jobs' },
  ]
  const rows = series.map((_, at): [number, number] => [at, 1])
  // Attributes of the resource are nobody's own.
  expect(outcome(pipeline, sampleBatch(series, rows, { resource: { service: 'shop' } }))).toEqual([
    2,
    [
      ['attribute_not_allowed', [1]],
      ['reserved_name', [3]],
      ['kind_conflict', [4]],
    ],
  ])
})
