/** What tests of queries and streams begin with. */
import { keyOf, Sketch } from '@telltale/protocol'
import { type MetricsColumns, MetricsQuery, type MetricsResult } from '@telltale/protocol/api'
import type { z } from 'zod'
import type { Columns, Principal, SeriesId } from '../../model.js'
import { createQueryService, type QueryService } from '../service.js'
import { MemoryIndex } from './memory-index.js'
import { MemoryStore } from './memory-store.js'

export const reader: Principal = {
  project: 1,
  projectName: 'default',
  scopes: new Set(['read'] as const),
  viewKey: '',
}

/** Series, time, value. */
export type Observation = readonly [series: SeriesId, timeMs: number, value: number]

export function samples(observations: readonly Observation[]): Columns {
  return {
    samples: {
      count: observations.length,
      series: Uint32Array.from(observations, ([series]) => series),
      timeMs: Float64Array.from(observations, ([, timeMs]) => timeMs),
      value: Float64Array.from(observations, ([, , value]) => value),
    },
  }
}

/** Each observation list becomes one histogram row, as an SDK would have aggregated it. */
export function histograms(rows: readonly { series: SeriesId; timeMs: number; values: readonly number[] }[]): Columns {
  const sketches = rows.map(({ values }) => {
    const sketch = new Sketch()
    for (const value of values) sketch.record(value)
    return { sketch, entries: [...entriesOf(values)].sort(([a], [b]) => a - b) }
  })
  return {
    histograms: {
      count: rows.length,
      series: Uint32Array.from(rows, ({ series }) => series),
      timeMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
      sum: Float64Array.from(sketches, ({ sketch }) => sketch.sum),
      min: Float64Array.from(sketches, ({ sketch }) => sketch.min),
      max: Float64Array.from(sketches, ({ sketch }) => sketch.max),
      buckets: Uint32Array.from(sketches, ({ entries }) => entries.length),
      key: Int32Array.from(sketches.flatMap(({ entries }) => entries.map(([key]) => key))),
      bucketCount: Uint32Array.from(sketches.flatMap(({ entries }) => entries.map(([, count]) => count))),
    },
  }
}

function entriesOf(values: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1)
  return counts
}

export interface Bench {
  index: MemoryIndex
  store: MemoryStore
  service: QueryService
  setNow(nowMs: number): void
  /** Asks as a client would, through the schema with its defaults. */
  ask(query: z.input<typeof MetricsQuery>): Promise<MetricsResult>
  askColumns(query: z.input<typeof MetricsQuery>): Promise<MetricsColumns>
}

export function bench(startMs = Date.UTC(2026, 0, 15, 12), limits = {}, cacheBytes?: number): Bench {
  let nowMs = startMs
  const index = new MemoryIndex()
  const store = new MemoryStore()
  const service = createQueryService({ store, series: index, now: () => nowMs, limits, cacheBytes })
  store.onAppend = (project, seq, columns) => {
    index.see(columns)
    service.noteBatch(project, seq, columns)
  }
  return {
    index,
    store,
    service,
    setNow(ms) {
      nowMs = ms
    },
    ask: async (query) => (await service.metrics(reader, MetricsQuery.parse(query))) as MetricsResult,
    askColumns: async (query) =>
      (await service.metrics(reader, MetricsQuery.parse({ ...query, format: 'columns' }))) as MetricsColumns,
  }
}
