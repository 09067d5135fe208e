/** Batches for storage tests. The payload is the columns as JSON, so that `replay` can stand in for ingest. */
import { Kind, type KindCode } from '@telltale/protocol'
import type { Columns, EventRow, HistogramColumns, NumberedBatch, SampleColumns, TaskRow } from '../../model.js'
import type { Replay } from '../store.js'

/** 2026-01-05, a Monday. */
export const T0 = Date.UTC(2026, 0, 5)

export type Sample = readonly [series: number, timeMs: number, value: number]

export interface BatchParts {
  project?: number
  stream?: number
  sequence?: number
  samples?: readonly Sample[]
  columns?: Columns
  /** Of all its series, or of each. */
  kind?: KindCode | ((series: number) => KindCode)
}

export function batch({ project = 1, stream = 1, sequence = 0, samples, columns, kind }: BatchParts): NumberedBatch {
  const all: Columns = columns ?? {}
  if (samples !== undefined) all.samples = sampleColumns(samples)
  const ids = new Set([...(all.samples?.series ?? []), ...(all.histograms?.series ?? [])])
  return {
    project,
    receivedMs: T0,
    streamId: new Uint8Array(16).fill(stream),
    sequence,
    payload: new TextEncoder().encode(
      JSON.stringify(all, (_, value) => (ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value)),
    ),
    newSeries: [...ids].map((id) => ({
      id,
      project,
      metric: 'm',
      kind: typeof kind === 'function' ? kind(id) : (kind ?? Kind.gauge),
      unit: 'ms',
      description: 'a metric',
      attributes: [['n', String(id)]],
    })),
    columns: all,
    accepted: samples?.length ?? 0,
    rejected: [],
  }
}

export function sampleColumns(samples: readonly Sample[]): SampleColumns {
  return {
    count: samples.length,
    series: Uint32Array.from(samples, (s) => s[0]),
    timeMs: Float64Array.from(samples, (s) => s[1]),
    value: Float64Array.from(samples, (s) => s[2]),
  }
}

export interface HistogramRow {
  series: number
  timeMs: number
  sum: number
  min: number
  max: number
  buckets: readonly (readonly [key: number, count: number])[]
}

export function histogramColumns(rows: readonly HistogramRow[]): HistogramColumns {
  const entries = rows.flatMap((row) => row.buckets)
  return {
    count: rows.length,
    series: Uint32Array.from(rows, (r) => r.series),
    timeMs: Float64Array.from(rows, (r) => r.timeMs),
    sum: Float64Array.from(rows, (r) => r.sum),
    min: Float64Array.from(rows, (r) => r.min),
    max: Float64Array.from(rows, (r) => r.max),
    buckets: Uint32Array.from(rows, (r) => r.buckets.length),
    key: Int32Array.from(entries, (e) => e[0]),
    bucketCount: Uint32Array.from(entries, (e) => e[1]),
  }
}

/** Reads the payloads that `batch` makes. */
export const replay: Replay = (entries) => entries.map(({ payload }) => columnsOf(payload))

export function columnsOf(payload: Uint8Array): Columns {
  const { samples, histograms, ...rows } = JSON.parse(new TextDecoder().decode(payload)) as Columns
  const columns: Columns = rows
  if (samples !== undefined) {
    columns.samples = {
      count: samples.count,
      series: Uint32Array.from(samples.series),
      timeMs: Float64Array.from(samples.timeMs),
      value: Float64Array.from(samples.value),
    }
  }
  if (histograms !== undefined) {
    columns.histograms = {
      count: histograms.count,
      series: Uint32Array.from(histograms.series),
      timeMs: Float64Array.from(histograms.timeMs),
      sum: Float64Array.from(histograms.sum),
      min: Float64Array.from(histograms.min),
      max: Float64Array.from(histograms.max),
      buckets: Uint32Array.from(histograms.buckets),
      key: Int32Array.from(histograms.key),
      bucketCount: Uint32Array.from(histograms.bucketCount),
    }
  }
  return columns
}

export function taskRow(row: Partial<TaskRow> = {}): TaskRow {
  return {
    id: 'task-1',
    type: 'email.send',
    startMs: T0,
    durationMs: 12.5,
    status: 1,
    attempt: 1,
    parentId: null,
    traceId: null,
    errorType: null,
    errorMessage: null,
    queueWaitMs: null,
    cpuTimeMs: null,
    cpuUsagePercent: null,
    cpuMethod: 0,
    memoryUsageMb: null,
    context: {},
    steps: [],
    ...row,
  }
}

export function eventRow(row: Partial<EventRow> = {}): EventRow {
  return {
    timeMs: T0,
    name: 'page.view',
    id: 'event-1',
    userId: null,
    orgId: null,
    sessionId: null,
    attributes: {},
    ...row,
  }
}
