import { keyOf, TaskStatus } from '@telltale/protocol'
import { describe, expect, it } from 'vitest'
import type { NumberedBatch } from '../model.js'
import { maxErrorTypes } from './derive.js'
import { Pipeline } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'
import { nowMs, type TestRun, taskBatch, testBatch, testSettings } from './testing/batches.js'

function setUp(settings = testSettings) {
  const registry = new SeriesRegistry(settings)
  return { registry, pipeline: new Pipeline(registry, settings) }
}

/** Samples and histogram sums by metric and tags, as a reader of the columns sees them. */
function derived(batch: NumberedBatch, registry: SeriesRegistry) {
  const rows: { metric: string; tags: Record<string, string>; timeMs: number; value: number }[] = []
  const push = (series: number, timeMs: number, value: number) => {
    const def = registry.get(series)
    rows.push({ metric: def?.metric ?? '?', tags: Object.fromEntries(def?.attributes ?? []), timeMs, value })
  }
  const { samples, histograms } = batch.columns
  for (let i = 0; i < (samples?.count ?? 0); i++) push(samples!.series[i], samples!.timeMs[i], samples!.value[i])
  for (let i = 0; i < (histograms?.count ?? 0); i++)
    push(histograms!.series[i], histograms!.timeMs[i], histograms!.sum[i])
  return rows
}

const second = nowMs - 1000

describe('metrics derived from task runs', () => {
  it('adds up runs of one series and second', () => {
    const { pipeline, registry } = setUp()
    const runs: TestRun[] = [
      { startMs: second, durationMs: 100, queueWaitMs: 5, cpuTimeMs: 40, cpuUsagePercent: 40, memoryUsageMb: 64 },
      { startMs: second, durationMs: 300 },
      { startMs: second, durationMs: 1200 },
    ]
    const rows = derived(pipeline.prepare(1, taskBatch(runs), nowMs), registry)
    const tags = { 'task.type': 'email.send', status: 'ok' }
    expect(rows).toEqual([
      { metric: 'task.execution.count', tags, timeMs: second, value: 2 },
      { metric: 'task.execution.count', tags, timeMs: second + 1000, value: 1 },
      { metric: 'task.cpu.usage', tags, timeMs: second + 100, value: 40 },
      { metric: 'task.memory.usage', tags, timeMs: second + 100, value: 64 },
      { metric: 'task.execution.duration', tags, timeMs: second, value: 400 },
      { metric: 'task.cpu.time', tags, timeMs: second, value: 40 },
      { metric: 'task.queue.wait', tags, timeMs: second, value: 5 },
      { metric: 'task.execution.duration', tags, timeMs: second + 1000, value: 1200 },
    ])
  })

  it('writes sketches whose keys ascend and whose counts add up', () => {
    const { pipeline } = setUp()
    const durations = [5, 100, 5, 0, 70, 100, 5]
    const runs = durations.map((durationMs) => ({ startMs: second, durationMs }))
    const { histograms } = pipeline.prepare(1, taskBatch(runs), nowMs).columns
    expect(histograms).toMatchObject({ count: 1 })
    expect(Array.from(histograms?.key ?? [])).toEqual([0, 5, 70, 100].map(keyOf))
    expect(Array.from(histograms?.bucketCount ?? [])).toEqual([1, 3, 1, 2])
    expect(histograms?.min[0]).toBe(0)
    expect(histograms?.max[0]).toBe(100)
  })

  it('tags by status, error type, resource and the marked attributes', () => {
    const { pipeline, registry } = setUp()
    const payload = testBatch(
      [],
      (batch, ref) => {
        batch.tasks = {
          count: 1,
          type: [ref('email.send')],
          timeMs: [second],
          durationMs: [1],
          status: [TaskStatus.error],
          id: [ref('a')],
          errorType: [ref('SmtpError')],
          attributes: [
            { key: ref('queue'), type: 'string', value: [ref('mail')], dimension: true },
            { key: ref('shard'), type: 'number', value: [3], dimension: true },
            { key: ref('status'), type: 'string', value: [ref('forged')], dimension: true },
            { key: ref('recipient'), type: 'string', value: [ref('a@b.c')], dimension: false },
          ],
        }
      },
      { resource: { service: 'billing', version: '1.4.0', environment: 'prod' } },
    )
    const batch = pipeline.prepare(1, payload, nowMs)
    expect(derived(batch, registry)[0].tags).toEqual({
      environment: 'prod',
      'error.type': 'SmtpError',
      queue: 'mail',
      service: 'billing',
      shard: '3',
      status: 'error',
      'task.type': 'email.send',
    })
    expect(batch.columns.tasks?.[0].context).toEqual({
      service: 'billing',
      version: '1.4.0',
      environment: 'prod',
      queue: 'mail',
      shard: 3,
      status: 'forged',
      recipient: 'a@b.c',
    })
  })

  it('gives runs that are fine no error type', () => {
    const { pipeline, registry } = setUp()
    const rows = derived(pipeline.prepare(1, taskBatch([{ errorType: 'Stale' }]), nowMs), registry)
    expect(rows[0].tags).not.toHaveProperty('error.type')
  })

  it('bounds error types by task type, and keeps those that it knows', () => {
    const { pipeline, registry } = setUp({ ...testSettings, maxSeriesPerMetric: 1000 })
    const fail = (errorType: string): TestRun => ({ status: TaskStatus.error, errorType })
    const many = Array.from({ length: maxErrorTypes + 20 }, (_, i) => fail(`E${i}`))
    pipeline.prepare(1, taskBatch(many), nowMs)
    const rows = derived(pipeline.prepare(1, taskBatch([fail('E3'), fail('New')]), nowMs), registry)
    const counts = rows.filter(({ metric }) => metric === 'task.execution.count')
    expect(counts.map(({ tags }) => tags['error.type'])).toEqual(['E3', 'other'])
  })
})

describe('replay', () => {
  it('gives the rows that ingest gave, with limits reached and error types folded', () => {
    const settings = { ...testSettings, maxSeriesPerMetric: 150 }
    const { pipeline, registry } = setUp(settings)
    const payloads = Array.from({ length: 30 }, (_, round) =>
      taskBatch(
        Array.from({ length: 12 }, (_, i) => ({
          type: `type-${(round + i) % 5}`,
          status: 1 + (i % 4),
          errorType: `E${round * 12 + i}`,
          cpuTimeMs: i,
          memoryUsageMb: i,
          startMs: nowMs - 5000 + i * 300,
        })),
        { id: round },
      ),
    )
    const first = payloads.map((payload) => pipeline.prepare(1, payload, nowMs))
    const stored = first.flatMap(({ newSeries }) => newSeries)
    expect(registry.foldedSeries).toBeGreaterThan(0)

    const restarted = new SeriesRegistry(settings)
    restarted.load(new Map(stored.map((def) => [def.id, def])).values())
    const replay = new Pipeline(restarted, settings)
    const second = restarted.frozen(() => payloads.map((payload) => replay.prepare(1, payload, nowMs)))
    for (const [i, { columns }] of second.entries()) expect(columns).toEqual(first[i].columns)
    expect(second.every(({ newSeries }) => newSeries.length === 0)).toBe(true)
  })

  it('drops nothing that is known and defines nothing that is not', () => {
    const { registry, pipeline } = setUp()
    registry.frozen(() => pipeline.prepare(1, taskBatch([{}]), nowMs))
    expect(registry.size).toBe(0)
  })
})
