/**
 * Keeps decoded rows of segments in memory, bounded in bytes, so that a dashboard that is asked again and again is added
 * up from arrays. A segment never changes: what is kept is right for as long as a read sees the segment, and a merge or
 * retention makes it unreachable.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { LRUCache } from 'lru-cache'
import type { Segment } from '../segments.js'
import type { MetricSeries, SeriesMetrics } from '../series-metrics.js'
import type { AggregateRequest } from '../store.js'
import { tables } from '../tables.js'
import { bytesOf, type EntryBlock, type PointBlock } from './blocks.js'
import { columnsFor, columnsWith, holds, isEntryTable, loadEntries, loadPoints, type Stretch } from './load.js'

type Block = PointBlock | EntryBlock

/** A part of the cache that one slice may fill: what needs more is faster in SQL than in loading it again each time. */
const LARGEST_PART = 5 / 8
/** Fewer of a metric's series than this are faster read than loaded with all the others. */
const SMALLEST_SHARE = 1 / 8
const BLOCK_OVERHEAD_BYTES = 512
/** Of a row, before it is read. */
const ESTIMATED_BYTES = 8

export interface WarmOptions {
  maxBytes: number
  metrics: SeriesMetrics
}

export class WarmSegments {
  readonly #maxBytes: number
  readonly #metrics: SeriesMetrics
  readonly #blocks: LRUCache<string, Block>
  readonly #loading = new Map<string, Promise<Block | undefined>>()

  constructor({ maxBytes, metrics }: WarmOptions) {
    this.#maxBytes = maxBytes
    this.#metrics = metrics
    this.#blocks = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: (block) => BLOCK_OVERHEAD_BYTES + bytesOf(block),
    })
  }

  get bytes(): number {
    return this.#blocks.calculatedSize
  }

  /** The metric that all of these series are of. */
  metricOf({ series }: Pick<AggregateRequest, 'series'>): MetricSeries | undefined {
    return this.#maxBytes > 0 ? this.#metrics.common(series) : undefined
  }

  /**
   * Every row of the metric in these segments and this range, or undefined where that is better left to SQL. The blocks
   * may hold rows outside the range.
   */
  async blocks(
    connection: DuckDBConnection,
    segments: readonly Segment[],
    range: { startMs: number; endMs: number },
    metric: MetricSeries,
    { series, want }: Pick<AggregateRequest, 'series' | 'want'>,
  ): Promise<Block[] | undefined> {
    const stretches = segments.flatMap((segment) => stretchesOf(segment, range, metric))
    const missing = stretches.filter((stretch) => this.#kept(stretch, want) === undefined)
    if (missing.length > 0) {
      if (series.length < metric.size * SMALLEST_SHARE) return undefined
      const bytes = missing.reduce((sum, stretch) => sum + estimatedBytes(stretch, want), 0)
      if (bytes > this.#maxBytes * LARGEST_PART) return undefined
    }
    const blocks: Block[] = []
    for (const stretch of stretches) {
      const block = this.#kept(stretch, want) ?? (await this.#load(connection, stretch, want))
      if (block === undefined) return undefined
      blocks.push(block)
    }
    return blocks
  }

  #kept(stretch: Stretch, want: AggregateRequest['want']): Block | undefined {
    const block = this.#blocks.get(nameOf(stretch))
    if (block === undefined || 'key' in block) return block
    return holds(block, stretch.segment.table, want) ? block : undefined
  }

  /** Two reads that want the same block load it once, except where the first one gives up. */
  async #load(
    connection: DuckDBConnection,
    stretch: Stretch,
    want: AggregateRequest['want'],
  ): Promise<Block | undefined> {
    const name = nameOf(stretch)
    const under = this.#loading.get(name)
    if (under !== undefined) {
      await under.catch(() => {})
      const block = this.#kept(stretch, want)
      if (block !== undefined) return block
    }
    const loading = this.#read(connection, stretch, want)
    this.#loading.set(name, loading)
    try {
      const block = await loading
      if (block !== undefined) this.#blocks.set(name, block)
      return block
    } finally {
      if (this.#loading.get(name) === loading) this.#loading.delete(name)
    }
  }

  #read(connection: DuckDBConnection, stretch: Stretch, want: AggregateRequest['want']): Promise<Block | undefined> {
    const { table } = stretch.segment
    if (isEntryTable(table)) return loadEntries(connection, stretch, this.#metrics)
    const before = this.#blocks.get(nameOf(stretch)) as PointBlock | undefined
    return loadPoints(connection, stretch, columnsWith(before, table, want), this.#metrics)
  }
}

/** The blocks in which merged files hold their rows; files that were not merged are cut in the same way. */
function stretchesOf(
  segment: Segment,
  { startMs, endMs }: { startMs: number; endMs: number },
  metric: MetricSeries,
): Stretch[] {
  const { table, minSeries, maxSeries, minTimeMs, maxTimeMs } = segment
  if (maxSeries < metric.lowest || minSeries > metric.highest) return []
  const blockMs = tables[table].blockMs as number
  const stretches: Stretch[] = []
  const lastMs = Math.min(endMs - 1, maxTimeMs)
  for (let at = Math.floor(Math.max(startMs, minTimeMs) / blockMs) * blockMs; at <= lastMs; at += blockMs) {
    stretches.push({ segment, metric, startMs: at, endMs: at + blockMs })
  }
  return stretches
}

function nameOf({ segment, metric, startMs }: Stretch): string {
  return `${segment.file}@${startMs}#${metric.id}`
}

function estimatedBytes({ segment, metric, startMs, endMs }: Stretch, want: AggregateRequest['want']): number {
  const { table, rows, minTimeMs, maxTimeMs, minSeries, maxSeries } = segment
  const overlapMs = Math.min(endMs, maxTimeMs + 1) - Math.max(startMs, minTimeMs)
  const share = Math.min(1, metric.size / (maxSeries - minSeries + 1))
  const bytes = isEntryTable(table) ? ESTIMATED_BYTES : 4 + 8 * columnsFor(table, want).length
  return (rows * share * bytes * overlapMs) / (maxTimeMs + 1 - minTimeMs)
}
