/**
 * The sliding window behind a stream: starts from the store's partials, adds each point as it is published, and gives the
 * numbers that a query over the same buckets would give. One window serves every subscriber of a question.
 *
 *        dropped (levels keep the sum)     window: range back from now           kept for later
 *   ─────────────────────────────────┼───────┬───────┬───────┬───────┬──now──┼───────┬──────►
 */
import { keyOf } from '@telltale/protocol'
import type { MetricKind, ResolvedStreamQuery, Tags } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { HistogramColumns, SeriesId, SeriesIndex } from '../model.js'
import type { Partials, Store } from '../store/store.js'
import { rateSeconds } from './aggregation.js'
import { bucketedAxis, edgesOf, nominalStepMs, type Step, searchEdges } from './buckets.js'
import { aggregateBase, aggregateRequest, needsSampling } from './execute.js'
import { cellValue, foldSampleRow, ratioOf } from './finalise.js'
import type { QueryLimits } from './limits.js'
import { type Addend, LiveBucket } from './live-bucket.js'
import type { Plan } from './plan.js'
import { rankRows } from './rank.js'
import { type StreamState, streamState } from './stream-state.js'
import type { Zone } from './zone.js'

export interface StreamContext {
  index: SeriesIndex
  store: Pick<Store, 'aggregate'>
  limits: QueryLimits
}

/** How a window is cut. */
export interface WindowShape {
  rangeMs: number
  /** Buckets that are kept. */
  step: Exclude<Step, { type: 'none' }>
  /** The whole range is one value, and the buckets only let it slide. */
  isWhole: boolean
}

export class StreamWindow {
  readonly kind: MetricKind
  readonly unit: string
  /** The whole range is one value, so every state replaces the one before. */
  readonly isWhole: boolean
  /** Buckets without a value are shown as null. */
  readonly showsGaps: boolean
  /** `limit` keeps the groups that rank first, so a group may leave. */
  readonly isRanked: boolean
  readonly #plan: Plan
  readonly #source: string
  readonly #query: ResolvedStreamQuery
  readonly #shape: WindowShape
  readonly #zone: Zone
  readonly #context: StreamContext
  readonly #buckets = new Map<number, LiveBucket>()
  /** Store group by series; −1 where a series does not belong. */
  readonly #groupOf = new Map<SeriesId, number>()
  /** Series that the store was asked for; all others came later, and every point of theirs is published. */
  #loaded: ReadonlySet<SeriesId> = new Set()
  #edges: Float64Array = new Float64Array(0)
  #startMs = 0
  #nowMs = 0
  /** The store's answers include every batch up to these: points of the window, and those before it. */
  #asOf = -1
  #baseAsOf = -1
  #loadStartMs = 0
  /** For levels: sums and counts before the window, by group. */
  readonly #baseSum: number[] = []
  readonly #baseCount: number[] = []
  #latest: LiveBucket | undefined
  #hasChanged = true
  #state: StreamState = { timesMs: new Float64Array(0), groups: [], values: new Float64Array(0) }
  readonly #addend: Addend = { count: 0, sum: 0, min: 0, max: 0, last: 0, lastMs: 0 }

  constructor(
    plan: Plan,
    source: string,
    query: ResolvedStreamQuery,
    shape: WindowShape,
    zone: Zone,
    context: StreamContext,
  ) {
    this.#plan = plan
    this.#source = source
    this.#query = query
    this.#shape = shape
    this.#zone = zone
    this.#context = context
    this.kind = plan.kindName
    this.unit = plan.unit
    this.isWhole = shape.isWhole
    this.showsGaps = query.fill !== 'none'
    this.isRanked = query.limit !== undefined
    for (let i = 0; i < plan.series.length; i++) this.#groupOf.set(plan.series[i]!, plan.storeGroup[i]!)
  }

  tags(group: number): Tags {
    return this.#plan.groups.tags(group)
  }

  /** Reads what is stored. Batches that are published from now on, and while this runs, are added afterwards. */
  async load(nowMs: number, signal?: AbortSignal): Promise<void> {
    const { store, limits } = this.#context
    this.#slide(nowMs)
    const edges = this.#edges
    const axis = bucketedAxis({ startMs: edges[0]!, endMs: edges[edges.length - 1]! }, edges)
    this.#loadStartMs = axis.startMs
    this.#loaded = new Set(this.#plan.series)
    if (this.#loaded.size === 0) return
    const order = Array.from({ length: this.#plan.groups.size }, (_, group) => group)
    const request = aggregateRequest(this.#plan, order, axis, limits)
    const isLevel = this.#plan.measure.reducer === 'level'
    const [partials, base] = await Promise.all([
      store.aggregate(request, signal),
      isLevel ? aggregateBase(request, axis.startMs, { store, signal }) : undefined,
    ])
    this.#asOf = partials.asOf
    this.#addPartials(partials)
    if (base === undefined) return
    // Read apart from the window, it may include more batches, or fewer.
    this.#baseAsOf = base.asOf
    for (let i = 0; i < base.rows; i++) this.#addBase(base.group[i]!, base.count[i]!, base.sum[i]!)
  }

  /** Adds one number of the batch `seq`, as it was published. */
  addSample(series: SeriesId, timeMs: number, value: number, seq: number): void {
    const group = this.#groupOf.get(series) ?? this.#addSeries(series)
    if (group < 0) return
    const addend = this.#addend
    addend.count = 1
    addend.sum = value
    addend.min = value
    addend.max = value
    addend.last = value
    addend.lastMs = timeMs
    const bucket = this.#add(series, group, timeMs, seq)
    if (bucket !== undefined && this.#plan.measure.want.sketch) bucket.sketch(group).add(keyOf(value), 1)
  }

  /** Adds one row of aggregated histograms; its sketch entries start at `from`. */
  addHistogram(columns: HistogramColumns, row: number, from: number, seq: number): void {
    const series = columns.series[row]!
    const group = this.#groupOf.get(series) ?? this.#addSeries(series)
    if (group < 0) return
    const to = from + columns.buckets[row]!
    let count = 0
    for (let i = from; i < to; i++) count += columns.bucketCount[i]!
    const addend = this.#addend
    addend.count = count
    addend.sum = columns.sum[row]!
    addend.min = columns.min[row]!
    addend.max = columns.max[row]!
    const bucket = this.#add(series, group, columns.timeMs[row]!, seq)
    if (bucket === undefined || !this.#plan.measure.want.sketch) return
    const sketch = bucket.sketch(group)
    for (let i = from; i < to; i++) sketch.add(columns.key[i]!, columns.bucketCount[i]!)
  }

  /** The state at `nowMs`; the same object as long as nothing has changed. Time does not run backwards here. */
  evaluate(nowMs: number): StreamState {
    this.#slide(Math.max(nowMs, this.#nowMs))
    if (!this.#hasChanged) return this.#state
    this.#hasChanged = false
    const edges = this.#edges
    const buckets = searchEdges(edges, this.#nowMs) + 1
    const rows = this.#plan.groups.size
    if (rows * buckets > this.#context.limits.maxStreamCells) throw this.#tooManyCells(rows, buckets)
    const timesMs = edges.slice(0, buckets)
    const isSampled = needsSampling(this.#plan.measure)
    // A whole range is one bucket, except where its value is made of a sequence of moments.
    const values = this.isWhole && !isSampled ? this.#wholeValues(rows) : this.#bucketValues(timesMs, rows)
    this.#state = this.isWhole
      ? this.#present(isSampled ? this.#foldRows(values, rows, buckets) : values, edges.slice(0, 1))
      : this.#present(values, timesMs)
    return this.#state
  }

  #present(values: Float64Array, timesMs: Float64Array): StreamState {
    const isGrouped = this.#plan.groups.keys.length > 0
    return streamState(values, timesMs, this.#orderedRows(values), this.#query.fill, isGrouped)
  }

  #orderedRows(values: Float64Array): number[] {
    const { groups, measure } = this.#plan
    const byTags = groups.sorted()
    const { limit, order } = this.#query
    if (limit === undefined && order === undefined) return byTags
    const isSampled = needsSampling(measure)
    const buckets = this.isWhole ? 1 : values.length / Math.max(groups.size, 1)
    let whole = values
    if (!this.isWhole) {
      whole = isSampled ? this.#foldRows(values, groups.size, buckets) : this.#wholeValues(groups.size)
    }
    const ranked = Float64Array.from(byTags, (row) => whole[row]!)
    return rankRows(ranked, order ?? 'desc', limit).map((at) => byTags[at]!)
  }

  #foldRows(values: Float64Array, rows: number, buckets: number): Float64Array {
    const folded = new Float64Array(rows)
    const { over } = this.#plan.measure
    for (let row = 0; row < rows; row++) folded[row] = foldSampleRow(values, row * buckets, (row + 1) * buckets, over)
    return folded
  }

  #bucketValues(timesMs: Float64Array, rows: number): Float64Array {
    if (this.#plan.measure.reducer === 'level') return this.#levelValues(timesMs, rows)
    const buckets = timesMs.length
    const values = new Float64Array(rows * buckets).fill(Number.NaN)
    for (let at = 0; at < buckets; at++) {
      const bucket = this.#buckets.get(timesMs[at]!)
      if (bucket === undefined) continue
      this.#refresh(bucket, bucket.startMs, this.#nowMs, this.#isOpenRate(bucket))
      const size = Math.min(rows, bucket.values.length)
      for (let row = 0; row < size; row++) values[row * buckets + at] = bucket.values[row]!
    }
    return values
  }

  /** Makes the values of groups that have changed since the last time. */
  #refresh(bucket: LiveBucket, rangeStartMs: number, rangeEndMs: number, all: boolean): void {
    const { reducer } = this.#plan.measure
    const seconds = rateSeconds(bucket.startMs, bucket.endMs, rangeStartMs, Math.max(rangeEndMs, bucket.startMs))
    const { cells, values, stale } = bucket
    for (let row = 0; row < values.length; row++) {
      if (stale[row] === 0 && !all) continue
      // The divisor of a rate goes on growing until its bucket is over.
      stale[row] = this.#isOpenRate(bucket) ? 1 : 0
      if (reducer === 'ratio') {
        const others = 2 * row
        if (others + 1 < cells.sum.length) values[row] = ratioOf(cells.sum[others + 1]!, cells.sum[others]!)
      } else if (row >= cells.count.length || cells.count[row] === 0) {
        values[row] = Number.NaN
      } else if (reducer === 'quantile') {
        const { quantile } = this.#plan.measure
        values[row] = bucket.sketches[row]?.quantile(quantile, cells.min[row]!, cells.max[row]!) ?? Number.NaN
      } else {
        values[row] = cellValue(cells, row, reducer, seconds)
      }
    }
  }

  #isRate(): boolean {
    return this.#plan.measure.reducer === 'sumRate' || this.#plan.measure.reducer === 'countRate'
  }

  #isOpenRate(bucket: LiveBucket): boolean {
    return this.#isRate() && bucket.endMs > this.#nowMs
  }

  #levelValues(timesMs: Float64Array, rows: number): Float64Array {
    const buckets = timesMs.length
    const values = new Float64Array(rows * buckets).fill(Number.NaN)
    for (let row = 0; row < rows; row++) {
      let level = this.#baseSum[row] ?? 0
      let isKnown = (this.#baseCount[row] ?? 0) > 0
      for (let at = 0; at < buckets; at++) {
        const cells = this.#buckets.get(timesMs[at]!)?.cells
        if (cells !== undefined && row < cells.count.length && cells.count[row]! > 0) {
          isKnown = true
          level += cells.sum[row]!
        }
        if (isKnown) values[row * buckets + at] = level
      }
    }
    return values
  }

  /** Each group's value over all buckets that have begun. */
  #wholeValues(rows: number): Float64Array {
    const { parts, measure } = this.#plan
    const endMs = Math.max(this.#nowMs, this.#startMs + 1)
    const whole = new LiveBucket(this.#startMs, endMs, measure.want)
    const rowOf = (group: number) => Math.floor(group / parts)
    for (const bucket of this.#buckets.values()) {
      if (bucket.startMs >= this.#startMs && bucket.startMs <= this.#nowMs) whole.addAll(bucket, rowOf, this.#addend)
    }
    this.#refresh(whole, this.#startMs, endMs, true)
    const values = new Float64Array(rows).fill(Number.NaN)
    values.set(whole.values.subarray(0, rows))
    return values
  }

  /** Moves the window up to `nowMs`: buckets that have left are dropped, and levels keep their sums. */
  #slide(nowMs: number): void {
    if (nowMs < this.#nowMs) return
    const openedBefore = searchEdges(this.#edges, this.#nowMs)
    const opened = searchEdges(this.#edges, nowMs)
    const wasMs = this.#nowMs
    this.#nowMs = nowMs
    if (this.#isRate() && nowMs !== wasMs) this.#hasChanged = true
    if (this.#edges.length > 0 && opened === openedBefore && nowMs - this.#shape.rangeMs < this.#edges[1]!) return
    this.#hasChanged = true
    const { step, rangeMs } = this.#shape
    const aheadMs = this.#context.limits.streamAheadMs + nominalStepMs(step)
    this.#edges = edgesOf({ startMs: Math.max(nowMs - rangeMs, 0), endMs: nowMs + aheadMs }, step, this.#zone)
    this.#startMs = this.#edges[0]!
    for (const bucket of this.#buckets.values()) {
      if (bucket.startMs >= this.#startMs) continue
      this.#buckets.delete(bucket.startMs)
      if (this.#plan.measure.reducer !== 'level') continue
      const { count, sum } = bucket.cells
      for (let row = 0; row < count.length; row++) this.#addBase(row, count[row]!, sum[row]!)
    }
  }

  #addBase(row: number, count: number, sum: number): void {
    while (this.#baseSum.length <= row) {
      this.#baseSum.push(0)
      this.#baseCount.push(0)
    }
    this.#baseSum[row]! += sum
    this.#baseCount[row]! += count
    this.#hasChanged = true
  }

  #addPartials(partials: Partials): void {
    const { want } = this.#plan.measure
    const addend = this.#addend
    for (let i = 0; i < partials.rows; i++) {
      const bucket = this.#bucketAt(partials.bucketMs[i]!)
      if (bucket === undefined) continue
      addend.count = partials.count[i]!
      addend.sum = want.sum ? partials.sum[i]! : 0
      addend.min = want.minMax ? partials.min[i]! : 0
      addend.max = want.minMax ? partials.max[i]! : 0
      addend.last = want.last ? partials.last[i]! : 0
      addend.lastMs = want.last ? partials.lastMs[i]! : 0
      bucket.add(partials.group[i]!, this.#rowOf(partials.group[i]!), addend)
    }
    const { rows, group, bucketMs, key, count } = partials.sketch
    for (let i = 0; i < rows; i++) this.#bucketAt(bucketMs[i]!)?.sketch(group[i]!).add(key[i]!, count[i]!)
    this.#hasChanged = true
  }

  /** Adds `#addend`; returns the bucket where the point lies in the window and was not loaded already. */
  #add(series: SeriesId, group: number, timeMs: number, seq: number): LiveBucket | undefined {
    const isOld = timeMs < this.#loadStartMs
    if (seq <= (isOld ? this.#baseAsOf : this.#asOf) && this.#loaded.has(series)) return undefined
    if (timeMs < this.#startMs) {
      if (this.#plan.measure.reducer === 'level') this.#addBase(group, this.#addend.count, this.#addend.sum)
      return undefined
    }
    const bucket = this.#bucketAt(timeMs)
    if (bucket === undefined) return undefined
    bucket.add(group, this.#rowOf(group), this.#addend)
    this.#hasChanged = true
    return bucket
  }

  /** The bucket of a time in the window or shortly after it; points mostly fall into the one before's. */
  #bucketAt(timeMs: number): LiveBucket | undefined {
    const latest = this.#latest
    if (latest !== undefined && timeMs >= latest.startMs && timeMs < latest.endMs && latest.startMs >= this.#startMs) {
      return latest
    }
    const at = searchEdges(this.#edges, timeMs)
    if (at < 0 || at >= this.#edges.length - 1) return undefined
    const startMs = this.#edges[at]!
    let bucket = this.#buckets.get(startMs)
    if (bucket === undefined) {
      bucket = new LiveBucket(startMs, this.#edges[at + 1]!, this.#plan.measure.want)
      this.#buckets.set(startMs, bucket)
    }
    this.#latest = bucket
    return bucket
  }

  #addSeries(id: SeriesId): number {
    const series = this.#context.index.get(id)
    const belongs = series?.project === this.#plan.project && series.metric === this.#source
    const group = belongs ? this.#plan.add(series) : -1
    this.#groupOf.set(id, group)
    return group
  }

  #rowOf(storeGroup: number): number {
    return this.#plan.parts === 1 ? storeGroup : Math.floor(storeGroup / this.#plan.parts)
  }

  #tooManyCells(rows: number, buckets: number): TelltaleError {
    return new TelltaleError(
      'too_many_groups',
      `${rows} groups of ${buckets} buckets are too many for a stream: group by fewer tags, or use a longer step.`,
    )
  }
}
