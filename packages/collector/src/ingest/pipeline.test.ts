import { Kind, keyOf, type Rejection, Signal } from '@telltale/protocol'
import { describe, expect, it } from 'vitest'
import { Pipeline } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'
import { nowMs, sampleBatch, type TestSeries, taskBatch, testBatch, testSettings } from './testing/batches.js'

function setUp(settings = testSettings) {
  const registry = new SeriesRegistry(settings)
  return { registry, pipeline: new Pipeline(registry, settings) }
}

function reasons(rejected: Rejection[]): Record<string, number[]> {
  return Object.fromEntries(rejected.map(({ reason, row }) => [reason, Array.from(row)]))
}

const gauge: TestSeries = { name: 'temp' }

describe('refusals of samples', () => {
  it('refuses single rows and keeps the others', () => {
    const { pipeline } = setUp()
    const series: TestSeries[] = [gauge, { name: 'jobs', kind: Kind.counter }]
    const payload = sampleBatch(series, [
      [0, 1],
      [0, Number.NaN],
      [0, Number.POSITIVE_INFINITY],
      [1, -1],
      [0, 2, nowMs - testSettings.maxAgeMs - 1],
      [0, 3, nowMs + testSettings.maxAheadMs + 1],
      [1, 5],
    ])
    const batch = pipeline.prepare(1, payload, nowMs)
    expect(batch.accepted).toBe(2)
    expect(reasons(batch.rejected)).toEqual({
      not_finite: [1, 2],
      negative_counter: [3],
      too_late: [4],
      too_far_ahead: [5],
    })
    expect(Array.from(batch.columns.samples?.value ?? [])).toEqual([1, 5])
  })

  it('refuses negative times', () => {
    const { pipeline } = setUp()
    const payload = testBatch([gauge], (batch) => {
      batch.baseTimeMs = -5
      batch.samples = { count: 1, series: [0], value: [1], timeMs: [-5] }
    })
    expect(reasons(pipeline.prepare(1, payload, nowMs).rejected)).toEqual({ invalid_time: [0] })
  })

  it('refuses a kind that differs from the one that the metric has', () => {
    const { pipeline } = setUp()
    pipeline.prepare(1, sampleBatch([gauge], [[0, 1]]), nowMs)
    const conflicting = sampleBatch([{ name: 'temp', kind: Kind.counter }], [[0, 1]])
    expect(reasons(pipeline.prepare(1, conflicting, nowMs).rejected)).toEqual({ kind_conflict: [0] })
    expect(pipeline.prepare(2, conflicting, nowMs).accepted).toBe(1)
  })

  it('keeps the names of built-in and virtual metrics for what they are', () => {
    const { pipeline } = setUp()
    const series: TestSeries[] = [{ name: 'task.success.rate' }, { name: 'task.execution.duration' }, { name: ' x' }]
    const payload = sampleBatch(series, [
      [0, 1],
      [1, 1],
      [2, 1],
    ])
    expect(reasons(pipeline.prepare(1, payload, nowMs).rejected)).toEqual({
      reserved_name: [0],
      kind_conflict: [1],
      invalid_name: [2],
    })
  })

  it('answers bytes that are no batch with malformed_batch', () => {
    const { pipeline } = setUp()
    expect(() => pipeline.prepare(1, new Uint8Array([255, 255, 255]), nowMs)).toThrowError(
      expect.objectContaining({ code: 'malformed_batch' }),
    )
  })
})

describe('refusals of intervals', () => {
  it('refuses points of levels, and whole tables whose interval is out of the window', () => {
    const { pipeline } = setUp()
    const series: TestSeries[] = [gauge, { name: 'jobs', kind: Kind.counter }]
    const points = (startMs: number, endMs: number) =>
      testBatch(series, (batch) => {
        batch.points = { count: 2, startMs, endMs, series: [0, 1], value: [1, 2] }
      })
    const good = pipeline.prepare(1, points(nowMs - 1000, nowMs), nowMs)
    expect(reasons(good.rejected)).toEqual({ kind_mismatch: [0] })
    expect(Array.from(good.columns.samples?.timeMs ?? [])).toEqual([nowMs - 1000])
    const late = pipeline.prepare(1, points(nowMs - 2 * testSettings.maxAgeMs, nowMs), nowMs)
    expect(reasons(late.rejected)).toEqual({ too_late: [0, 1] })
    expect(reasons(pipeline.prepare(1, points(nowMs, nowMs - 1), nowMs).rejected)).toEqual({ invalid_time: [0, 1] })
  })

  it('refuses histograms without observations or with impossible bounds', () => {
    const { pipeline } = setUp()
    const payload = testBatch([{ name: 'latency', kind: Kind.histogram }], (batch) => {
      batch.histograms = {
        count: 4,
        startMs: nowMs,
        endMs: nowMs,
        series: [0, 0, 0, 0],
        sum: [3, 1, Number.NaN, 5],
        min: [1, 2, 1, 5],
        max: [2, 1, 1, 5],
        buckets: [2, 1, 1, 1],
        key: [keyOf(1), keyOf(2), keyOf(1), keyOf(1), keyOf(5)],
        bucketCount: [1, 1, 1, 1, 0],
      }
    })
    const batch = pipeline.prepare(1, payload, nowMs)
    expect(reasons(batch.rejected)).toEqual({ invalid_histogram: [1, 3], not_finite: [2] })
    expect(batch.columns.histograms).toMatchObject({ count: 1 })
    expect(Array.from(batch.columns.histograms?.key ?? [])).toEqual([keyOf(1), keyOf(2)])
  })
})

describe('refusals of task runs', () => {
  it('refuses impossible durations, statuses and times', () => {
    const { pipeline } = setUp()
    const payload = taskBatch([
      {},
      { durationMs: -1 },
      { durationMs: Number.NaN },
      { status: 9 },
      { startMs: nowMs + testSettings.maxAheadMs, durationMs: 5000 },
      { type: '' },
    ])
    const batch = pipeline.prepare(1, payload, nowMs)
    expect(batch.accepted).toBe(1)
    expect(reasons(batch.rejected)).toEqual({
      invalid_duration: [1],
      not_finite: [2],
      invalid_status: [3],
      too_far_ahead: [4],
      invalid_name: [5],
    })
  })

  it('accepts a long run whose start is older than the window', () => {
    const { pipeline } = setUp()
    const durationMs = 2 * testSettings.maxAgeMs
    const batch = pipeline.prepare(1, taskBatch([{ startMs: nowMs - durationMs, durationMs }]), nowMs)
    expect(batch.accepted).toBe(1)
  })
})

describe('numbering', () => {
  it('merges the resource under the own attributes, without version and telltale.*', () => {
    const { pipeline, registry } = setUp()
    const series = { name: 'temp', attributes: { room: 'a', region: 'own' } }
    const resource = { service: 'billing', version: '1', region: 'eu', 'telltale.sdk': 'node' }
    pipeline.prepare(1, sampleBatch([series], [[0, 1]], { resource }), nowMs)
    expect(registry.metric(1, 'temp')?.series[0].attributes).toEqual([
      ['region', 'own'],
      ['room', 'a'],
      ['service', 'billing'],
    ])
  })

  it('gives one number to one series, whatever the order of its attributes', () => {
    const { pipeline } = setUp()
    const series = (attributes: Record<string, string>) => sampleBatch([{ name: 'temp', attributes }], [[0, 1]])
    const first = pipeline.prepare(1, series({ a: '1', b: '2' }), nowMs)
    const second = pipeline.prepare(1, series({ b: '2', a: '1' }), nowMs)
    expect(second.columns.samples?.series).toEqual(first.columns.samples?.series)
  })

  it('lets definitions travel until a batch that carried them is durable', () => {
    const { pipeline, registry } = setUp()
    const payload = sampleBatch([gauge], [[0, 1]])
    const first = pipeline.prepare(1, payload, nowMs)
    const second = pipeline.prepare(1, payload, nowMs)
    expect(first.newSeries).toHaveLength(1)
    expect(second.newSeries).toEqual(first.newSeries)
    registry.settle(first.newSeries)
    expect(pipeline.prepare(1, payload, nowMs).newSeries).toEqual([])
  })

  it('defines no series for rows that are all refused', () => {
    const { pipeline, registry } = setUp()
    pipeline.prepare(1, sampleBatch([gauge], [[0, Number.NaN]]), nowMs)
    expect(registry.metric(1, 'temp')).toBeUndefined()
  })

  it('folds series past the limit of a metric into one', () => {
    const { pipeline, registry } = setUp({ ...testSettings, maxSeriesPerMetric: 2 })
    const series = ['a', 'b', 'c', 'd'].map((room) => ({ name: 'temp', attributes: { room } }))
    const rows: [number, number][] = series.map((_, at) => [at, at])
    const batch = pipeline.prepare(1, sampleBatch(series, rows), nowMs)
    expect(batch.accepted).toBe(4)
    expect(registry.metric(1, 'temp')?.series.map((def) => def.attributes)).toEqual([
      [['room', 'a']],
      [['room', 'b']],
      [['telltale.overflow', 'true']],
    ])
    expect(registry.foldedSeries).toBe(2)
    const again = pipeline.prepare(1, sampleBatch(series, rows), nowMs)
    expect(again.columns.samples?.series).toEqual(batch.columns.samples?.series)
    expect([batch.folded, again.folded]).toEqual([2, 2])
    expect(pipeline.prepare(1, sampleBatch([series[0]!], [[0, 1]]), nowMs).folded).toBe(0)
  })

  it('refuses new metrics of a project that is full', () => {
    const { pipeline } = setUp({ ...testSettings, maxSeriesPerProject: 1 })
    pipeline.prepare(1, sampleBatch([gauge], [[0, 1]]), nowMs)
    const other = pipeline.prepare(1, sampleBatch([{ name: 'other' }], [[0, 1]]), nowMs)
    expect(reasons(other.rejected)).toEqual({ too_many_series: [0] })
  })

  it('keeps projects apart', () => {
    const { pipeline, registry } = setUp()
    const payload = sampleBatch([gauge], [[0, 1]])
    const one = pipeline.prepare(1, payload, nowMs)
    const two = pipeline.prepare(2, payload, nowMs)
    expect(one.columns.samples?.series[0]).not.toBe(two.columns.samples?.series[0])
    expect([...registry.metrics(2)].map(({ name }) => name)).toEqual(['temp'])
  })

  it('remembers when a metric was last seen', () => {
    const { pipeline, registry } = setUp()
    const times = [nowMs - 5, nowMs - 9]
    pipeline.prepare(
      1,
      sampleBatch(
        [gauge],
        times.map((timeMs) => [0, 1, timeMs]),
      ),
      nowMs,
    )
    expect(registry.metric(1, 'temp')?.lastSeenMs).toBe(nowMs - 5)
  })
})

describe('events', () => {
  it('carries context, columns and typed attributes', () => {
    const { pipeline } = setUp()
    const payload = testBatch(
      [],
      (batch, ref) => {
        batch.events = {
          count: 2,
          name: [ref('invoice.paid'), ref('page.view')],
          timeMs: [nowMs, nowMs],
          user: [ref('u1'), 0],
          attributes: [
            { key: ref('amount'), type: 'number', row: [0], value: [42], dimension: false },
            { key: ref('plan'), type: 'string', value: [ref('pro'), ref('free')], dimension: false },
            { key: ref('trial'), type: 'bool', row: [1], value: [1], dimension: false },
          ],
        }
      },
      { resource: { service: 'billing', version: '1.4.0' } },
    )
    const { columns } = pipeline.prepare(1, payload, nowMs)
    expect(columns.events).toEqual([
      expect.objectContaining({
        name: 'invoice.paid',
        id: '0101010101010101-0',
        userId: 'u1',
        orgId: null,
        attributes: { service: 'billing', version: '1.4.0', amount: 42, plan: 'pro' },
      }),
      expect.objectContaining({
        name: 'page.view',
        userId: null,
        attributes: { service: 'billing', version: '1.4.0', plan: 'free', trial: true },
      }),
    ])
  })

  it('refuses an event with a number that is not finite', () => {
    const { pipeline } = setUp()
    const payload = testBatch([], (batch, ref) => {
      const amount = { key: ref('amount'), type: 'number' as const, value: [Number.NaN, 1], dimension: false }
      batch.events = { count: 2, name: [ref('a'), ref('b')], timeMs: [nowMs, nowMs], attributes: [amount] }
    })
    const { accepted, rejected } = pipeline.prepare(1, payload, nowMs)
    expect(accepted).toBe(1)
    expect(rejected).toEqual([{ signal: Signal.event, reason: 'not_finite', count: 1, row: [0] }])
  })
})
