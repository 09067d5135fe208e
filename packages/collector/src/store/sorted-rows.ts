/**
 * Turns the hot rows of a project into the rows of its files, in their order: raw rows, and every rollup of them.
 *
 *   samples ─ order ─┬─► file                           sketch ─ order ─┬─► file
 *                    ├─ fold ─► r1m ─► r5m ─► r1h ─► r1d                └─ fold ─► k1m ─► k1h ─► k1d
 *   hist ─── order ──┴─► file                           samples (of histograms) ──────────┘
 *
 * All of it is passes over typed arrays, a few milliseconds each, with pauses between: nothing waits for a seal.
 */
import type { LevelTableName, TableName } from '../journal/index.js'
import type { SeriesId } from '../model.js'
import type { NumberBlock, NumericArray } from './blocks.js'
import { gatherDoubles, type Ordered, orderRows, type Pause, rankSeries, type Unordered } from './order.js'
import { foldPartials, foldSamples, type PartialRows, type Samples } from './rollup/fold.js'
import { type EntryRows, foldEntries, foldObservations } from './rollup/fold-entries.js'
import { levels, SKETCH_OF_SAMPLES_MS } from './rollup/levels.js'
import type { ArrayType, Scratch } from './scratch.js'
import type { SeriesKinds } from './series-kinds.js'
import type { SeriesMetrics } from './series-metrics.js'
import { DAY_MS, tables } from './tables.js'

/** Rows of one table in the order of its files; those of one file stand together. */
export interface SortedRows {
  table: TableName
  rows: number
  series: Uint32Array
  timeMs: Float64Array
  /** As `logicalColumns` lists them, with times as doubles. */
  columns: NumericArray[]
}

/** Blocks of hot rows by table; the sources of the rollups. */
export interface HotNumbers {
  samples: readonly NumberBlock<never>[]
  hist: readonly NumberBlock<never>[]
  sketch: readonly NumberBlock<never>[]
}

/** The buckets of all levels but the day nest in it. */
const BLOCK_MS = tables.samples.blockMs!

export class RowSorter {
  readonly #kinds: SeriesKinds
  readonly #metrics: SeriesMetrics
  readonly #scratch: Scratch
  readonly #pause: Pause
  /** Latest time of each series that has been sorted. */
  readonly lastSeenMs = new Map<SeriesId, number>()

  constructor(kinds: SeriesKinds, metrics: SeriesMetrics, scratch: Scratch, pause: Pause) {
    this.#kinds = kinds
    this.#metrics = metrics
    this.#scratch = scratch
    this.#pause = pause
  }

  /**
   * Tables that have rows, one after the other: when the next one is asked for, the memory of the one before is used for
   * something else.
   */
  async *tables(hot: HotNumbers): AsyncGenerator<SortedRows> {
    const partials: PartialRows[] = []
    const entries: EntryRows[] = []
    const samples = await this.#samples(hot.samples)
    if (samples !== undefined) {
      yield* this.#named('samples', samples, [samples.value])
      partials.push(foldSamples(samples, levels[0]!.bucketMs, this.#scratch))
      await this.#pause()
      const isHistogram = (series: SeriesId) => this.#kinds.isHistogram(series)
      entries.push(foldObservations(samples, SKETCH_OF_SAMPLES_MS, isHistogram, this.#scratch))
      this.#free(samples)
      await this.#pause()
    }
    const histograms = await this.#histograms(hot.hist)
    if (histograms !== undefined) {
      const { count, sum, min, max } = histograms
      yield* this.#named('hist', histograms, [count, sum, min, max])
      partials.push(foldPartials(histograms, levels[0]!.bucketMs, this.#scratch))
      this.#free(histograms)
      await this.#pause()
    }
    yield* this.#partials(partials)
    yield* this.#sketches(await this.#entries(hot.sketch), entries)
  }

  async *#partials(firstLevel: readonly PartialRows[]): AsyncGenerator<SortedRows> {
    let below = firstLevel[0]
    if (below === undefined) return
    if (firstLevel.length > 1) {
      below = await this.#orderPartials(joinPartials(firstLevel), BLOCK_MS)
      this.#free(...firstLevel)
    }
    for (const { bucketMs, partials } of levels) {
      if (bucketMs >= DAY_MS) below = await this.#orderPartials(below, blockMs(partials))
      const finer = below
      below = foldPartials(finer, bucketMs, this.#scratch)
      this.#free(finer)
      // Coarser levels have longer blocks; the finest is left as it is, being so much larger.
      if (bucketMs > levels[0]!.bucketMs && bucketMs < DAY_MS) {
        below = await this.#orderPartials(below, blockMs(partials))
      }
      const { count, sum, min, max, last, lastMs } = below
      if (below.rows > 0) yield* this.#named(partials, below, [count, sum, min, max, last, lastMs])
      await this.#pause()
    }
    this.#free(below)
  }

  async *#sketches(raw: EntryRows | undefined, observed: readonly EntryRows[]): AsyncGenerator<SortedRows> {
    if (raw !== undefined) {
      const count = this.#scratch.take(Uint32Array, raw.rows)
      count.set(raw.count)
      yield* this.#named('sketch', raw, [raw.key, count])
      this.#scratch.give(count)
    }
    let below = raw
    for (const { bucketMs, sketch } of levels) {
      if (sketch === undefined) continue
      const sources = below === undefined ? [] : [below]
      if (bucketMs === SKETCH_OF_SAMPLES_MS) sources.push(...observed)
      if (sources.length === 0) continue
      let rows = sources.length === 1 ? sources[0]! : joinEntries(sources)
      if (sources.length > 1) this.#free(...sources)
      if (bucketMs >= SKETCH_OF_SAMPLES_MS) rows = await this.#orderEntries(rows, blockMs(sketch))
      below = foldEntries(rows, bucketMs, this.#scratch)
      this.#free(rows)
      if (below.rows > 0) yield* this.#named(sketch, below, [below.key, below.count])
      await this.#pause()
    }
    if (below !== undefined) this.#free(below)
  }

  async #samples(blocks: readonly NumberBlock<never>[]): Promise<Samples | undefined> {
    const rows = rowsOf(blocks)
    if (rows === 0) return undefined
    const [series, timeMs, value] = this.#flat(blocks, rows) as [Uint32Array, Float64Array, Float64Array]
    await this.#pause()
    const ordered = await this.#order({ rows, series, timeMs }, BLOCK_MS)
    this.#scratch.give(series, timeMs)
    const samples = { rows, series: ordered.series, timeMs: ordered.timeMs, value: await this.#gather(value, ordered) }
    this.#scratch.give(value, ordered.order)
    this.#noteLastSeen(samples)
    return samples
  }

  /** A histogram row is the partial of one moment. */
  async #histograms(blocks: readonly NumberBlock<never>[]): Promise<PartialRows | undefined> {
    const rows = rowsOf(blocks)
    if (rows === 0) return undefined
    const [series, timeMs, ...numbers] = this.#flat(blocks, rows)
    const [count, sum, min, max] = numbers as Float64Array[]
    const last = sum.map((total, i) => total / Math.max(count[i], 1))
    const lastMs = timeMs as Float64Array
    const partials = { rows, series: series as Uint32Array, timeMs: lastMs, count, sum, min, max, last, lastMs }
    const ordered = await this.#orderPartials(partials, BLOCK_MS)
    this.#noteLastSeen(ordered)
    return ordered
  }

  async #entries(blocks: readonly NumberBlock<never>[]): Promise<EntryRows | undefined> {
    const rows = rowsOf(blocks)
    if (rows === 0) return undefined
    const [series, timeMs, key, counts] = this.#flat(blocks, rows) as [
      Uint32Array,
      Float64Array,
      Int32Array,
      Uint32Array,
    ]
    const count = this.#scratch.take(Float64Array, rows)
    count.set(counts)
    this.#scratch.give(counts)
    return this.#orderEntries({ rows, series, timeMs, key, count }, BLOCK_MS)
  }

  /** Takes the memory of what it is given. */
  async #orderPartials(partials: PartialRows, blockMs: number): Promise<PartialRows> {
    const ordered = await this.#order(partials, blockMs)
    const { rows, series, timeMs, order } = ordered
    const inOrder = {
      ...{ rows, series, timeMs },
      count: await this.#gather(partials.count, ordered),
      sum: await this.#gather(partials.sum, ordered),
      min: await this.#gather(partials.min, ordered),
      max: await this.#gather(partials.max, ordered),
      last: await this.#gather(partials.last, ordered),
      lastMs: await this.#gather(partials.lastMs, ordered),
    }
    this.#scratch.give(order)
    this.#free(partials)
    return inOrder
  }

  /** Takes the memory of what it is given. */
  async #orderEntries(entries: EntryRows, blockMs: number): Promise<EntryRows> {
    const ordered = await this.#order(entries, blockMs)
    const { rows, series, timeMs, key, order } = ordered
    const count = await this.#gather(entries.count, ordered)
    this.#scratch.give(order)
    this.#free(entries)
    return { rows, series, timeMs, key: key!, count }
  }

  async #order(unordered: Unordered, blockMs: number): Promise<Ordered> {
    const ranks = rankSeries(unordered, (series) => this.#metrics.codeOf(series))
    await this.#pause()
    return orderRows(unordered, blockMs, ranks, this.#scratch, this.#pause)
  }

  #gather(column: Float64Array, { order }: { order: Uint32Array }): Promise<Float64Array> {
    return gatherDoubles(column, order, this.#scratch, this.#pause)
  }

  *#named(table: TableName, { rows, series, timeMs }: Unordered, numbers: NumericArray[]): Generator<SortedRows> {
    const metric = this.#scratch.take(Uint32Array, rows)
    this.#fillMetrics(metric, series, rows)
    yield { table, rows, series, timeMs, columns: [metric, series, timeMs, ...numbers] }
    this.#scratch.give(metric)
  }

  #fillMetrics(metric: Uint32Array, series: Uint32Array, rows: number): void {
    let code = 0
    for (let i = 0; i < rows; i++) {
      if (i === 0 || series[i] !== series[i - 1]) code = this.#metrics.codeOf(series[i])
      metric[i] = code
    }
  }

  #noteLastSeen({ rows, series, timeMs }: Unordered): void {
    const seen = this.lastSeenMs
    for (let i = 0; i < rows; i++) {
      // The last of a run of one series in a block of time is its latest.
      if (i + 1 < rows && series[i + 1] === series[i] && timeMs[i + 1] >= timeMs[i]) continue
      const before = seen.get(series[i])
      if (before === undefined || before < timeMs[i]) seen.set(series[i], timeMs[i])
    }
  }

  /** The columns of all blocks, each in one piece. */
  #flat(blocks: readonly NumberBlock<never>[], rows: number): NumericArray[] {
    return blocks[0]!.columns.map((like, c) => {
      const whole = this.#scratch.take(like.constructor as ArrayType<NumericArray>, rows)
      let at = 0
      for (const block of blocks) {
        whole.set(block.columns[c]!.subarray(0, block.rows), at)
        at += block.rows
      }
      return whole
    })
  }

  /** Nobody may read the columns any more. */
  #free(...all: readonly (Samples | PartialRows | EntryRows)[]): void {
    for (const { rows: _, ...columns } of all) this.#scratch.give(...Object.values(columns))
  }
}

function blockMs(table: LevelTableName): number {
  return tables[table].blockMs!
}

function rowsOf(blocks: readonly { rows: number }[]): number {
  return blocks.reduce((sum, block) => sum + block.rows, 0)
}

function joinPartials(parts: readonly PartialRows[]): PartialRows {
  const column = (name: Exclude<keyof PartialRows, 'rows' | 'series'>) => joinDoubles(parts.map((part) => part[name]))
  return {
    rows: rowsOf(parts),
    series: joinSeries(parts),
    timeMs: column('timeMs'),
    count: column('count'),
    sum: column('sum'),
    min: column('min'),
    max: column('max'),
    last: column('last'),
    lastMs: column('lastMs'),
  }
}

function joinEntries(parts: readonly EntryRows[]): EntryRows {
  const rows = rowsOf(parts)
  const key = new Int32Array(rows)
  let at = 0
  for (const part of parts) {
    key.set(part.key, at)
    at += part.rows
  }
  const timeMs = joinDoubles(parts.map((part) => part.timeMs))
  return { rows, series: joinSeries(parts), timeMs, key, count: joinDoubles(parts.map((part) => part.count)) }
}

function joinSeries(parts: readonly { rows: number; series: Uint32Array }[]): Uint32Array {
  const joined = new Uint32Array(rowsOf(parts))
  let at = 0
  for (const { rows, series } of parts) {
    joined.set(series, at)
    at += rows
  }
  return joined
}

function joinDoubles(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
