/**
 * Partial aggregates as dense cells, one a group and bucket: what blocks and rows of SQL are added up in.
 *
 *   cell = group × buckets + bucket
 */
import type { Grid } from '../aggregate.js'
import type { AggregateRequest, Partials } from '../store.js'
import { BlockAxis, lowerBound } from './axis.js'
import type { PointBlock, PointColumns } from './blocks.js'
import type { SeriesGroups } from './groups.js'
import type { Scattered } from './scattered.js'

/** More cells than this are left to SQL, which only makes those that have data. */
export const MAX_CELLS = 2_000_000

type Want = AggregateRequest['want']

/** Partials as rows: what SQL answers. */
export interface PartialRows {
  rows: number
  group: Uint32Array
  /** Number of the bucket. */
  bucket: Float64Array
  count: Float64Array
  sum: Float64Array
  min: Float64Array
  max: Float64Array
  last: Float64Array
  lastMs: Float64Array
  /** Whose value `last` is: of several at the same time the highest wins. */
  lastSeries: Float64Array
}

const none = new Float64Array(0)

export class Cells {
  readonly #want: Want
  readonly #buckets: number
  readonly #count: Float64Array
  readonly #sum: Float64Array
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #last: Float64Array
  readonly #lastMs: Float64Array
  readonly #lastSeries: Float64Array
  /** Cells of the rows of one run. */
  #cellOf = new Int32Array(1024)

  constructor(groups: number, buckets: number, want: Want) {
    const size = groups * buckets
    this.#want = want
    this.#buckets = buckets
    this.#count = new Float64Array(size)
    this.#sum = want.sum ? new Float64Array(size) : none
    this.#min = want.minMax ? new Float64Array(size).fill(Number.POSITIVE_INFINITY) : none
    this.#max = want.minMax ? new Float64Array(size).fill(Number.NEGATIVE_INFINITY) : none
    this.#last = want.last ? new Float64Array(size) : none
    this.#lastMs = want.last ? new Float64Array(size).fill(Number.NEGATIVE_INFINITY) : none
    this.#lastSeries = want.last ? new Float64Array(size) : none
  }

  addBlock(block: PointBlock, slice: { startMs: number; endMs: number }, grid: Grid, groups: SeriesGroups): void {
    const axis = new BlockAxis(block, slice, grid)
    const { time, runs } = block
    for (let run = 0; run < runs.series.length; run++) {
      const group = groups.of(runs.series[run])
      if (group < 0) continue
      let from = runs.start[run]
      let to = runs.start[run + 1]
      if (!axis.isInside) {
        from = lowerBound(time, from, to, axis.lower)
        to = lowerBound(time, from, to, axis.upper)
        if (from === to) continue
      }
      const firstCell = group * this.#buckets
      const first = firstCell + axis.bucketOf(time[from])
      const last = firstCell + axis.bucketOf(time[to - 1])
      if (first === last) this.#addToOne(block.columns, from, to, first)
      else if (isInStep(block, from, to) && last - first === to - from - 1) {
        this.#addInStep(block.columns, from, to, first)
      } else {
        this.#setCells(axis, time, from, to, firstCell)
        this.#addToEach(block.columns, from, to)
      }
      if (this.#want.last) this.#addLast(block, axis, runs.series[run], from, to, firstCell)
    }
  }

  /** Hot rows, each wherever it belongs. */
  addScattered({ piece, length, row, cell }: Scattered, { value, ...columns }: PointColumns): void {
    const { count, sum = value, min = value, max = value } = columns
    const counts = this.#count
    if (count === undefined) for (let i = 0; i < length; i++) counts[cell[i]]++
    else for (let i = 0; i < length; i++) counts[cell[i]] += count[row[i]]
    if (this.#want.sum && sum !== undefined) {
      const sums = this.#sum
      for (let i = 0; i < length; i++) sums[cell[i]] += sum[row[i]]
    }
    if (this.#want.minMax && min !== undefined && max !== undefined) {
      const mins = this.#min
      const maxs = this.#max
      for (let i = 0; i < length; i++) {
        if (min[row[i]] < mins[cell[i]]) mins[cell[i]] = min[row[i]]
        if (max[row[i]] > maxs[cell[i]]) maxs[cell[i]] = max[row[i]]
      }
    }
    if (!this.#want.last) return
    const [series, time] = piece.columns
    for (let i = 0; i < length; i++) {
      const at = row[i]
      const latest = value?.[at] ?? (sum as Float64Array)[at] / Math.max((count as Float64Array)[at], 1)
      this.#offerLast(cell[i], latest, time[at], series[at])
    }
  }

  addRows(rows: PartialRows): void {
    const { sum, minMax, last } = this.#want
    for (let i = 0; i < rows.rows; i++) {
      const cell = rows.group[i] * this.#buckets + rows.bucket[i]
      this.#count[cell] += rows.count[i]
      if (sum) this.#sum[cell] += rows.sum[i]
      if (minMax) {
        if (rows.min[i] < this.#min[cell]) this.#min[cell] = rows.min[i]
        if (rows.max[i] > this.#max[cell]) this.#max[cell] = rows.max[i]
      }
      if (last) this.#offerLast(cell, rows.last[i], rows.lastMs[i], rows.lastSeries[i])
    }
  }

  /** One row a cell that has data. */
  writeTo(partials: Partials, { originMs, stepMs }: Grid): void {
    let rows = 0
    for (let cell = 0; cell < this.#count.length; cell++) if (this.#count[cell] > 0) rows++
    const picked = new Uint32Array(rows)
    for (let cell = 0, at = 0; cell < this.#count.length; cell++) if (this.#count[cell] > 0) picked[at++] = cell
    partials.rows = rows
    partials.group = new Uint32Array(rows)
    partials.bucketMs = new Float64Array(rows)
    for (let i = 0; i < rows; i++) {
      const group = Math.floor(picked[i] / this.#buckets)
      partials.group[i] = group
      partials.bucketMs[i] = originMs + (picked[i] - group * this.#buckets) * stepMs
    }
    partials.count = pick(this.#count, picked)
    partials.sum = pick(this.#sum, picked)
    partials.min = pick(this.#min, picked)
    partials.max = pick(this.#max, picked)
    partials.last = pick(this.#last, picked)
    partials.lastMs = pick(this.#lastMs, picked)
  }

  /** All rows fall into one cell. */
  #addToOne({ value, ...columns }: PointColumns, from: number, to: number, cell: number): void {
    const { count, sum = value, min = value, max = value } = columns
    if (count === undefined) this.#count[cell] += to - from
    else for (let i = from; i < to; i++) this.#count[cell] += count[i]
    if (this.#want.sum && sum !== undefined) {
      let total = 0
      for (let i = from; i < to; i++) total += sum[i]
      this.#sum[cell] += total
    }
    if (!this.#want.minMax || min === undefined || max === undefined) return
    let low = this.#min[cell]
    let high = this.#max[cell]
    for (let i = from; i < to; i++) {
      if (min[i] < low) low = min[i]
      if (max[i] > high) high = max[i]
    }
    this.#min[cell] = low
    this.#max[cell] = high
  }

  /** Rows fall into one cell after the other. */
  #addInStep({ value, ...columns }: PointColumns, from: number, to: number, first: number): void {
    const { count, sum = value, min = value, max = value } = columns
    const shift = first - from
    const counts = this.#count
    if (count === undefined) for (let i = from; i < to; i++) counts[i + shift]++
    else for (let i = from; i < to; i++) counts[i + shift] += count[i]
    if (this.#want.sum && sum !== undefined) {
      const sums = this.#sum
      for (let i = from; i < to; i++) sums[i + shift] += sum[i]
    }
    if (!this.#want.minMax || min === undefined || max === undefined) return
    const mins = this.#min
    const maxs = this.#max
    for (let i = from; i < to; i++) {
      if (min[i] < mins[i + shift]) mins[i + shift] = min[i]
      if (max[i] > maxs[i + shift]) maxs[i + shift] = max[i]
    }
  }

  #setCells(axis: BlockAxis, time: Int32Array, from: number, to: number, firstCell: number): void {
    if (this.#cellOf.length < to - from) this.#cellOf = new Int32Array(2 * (to - from))
    const cellOf = this.#cellOf
    for (let i = from; i < to; i++) cellOf[i - from] = firstCell + axis.bucketOf(time[i])
  }

  #addToEach({ value, ...columns }: PointColumns, from: number, to: number): void {
    const { count, sum = value, min = value, max = value } = columns
    const cellOf = this.#cellOf
    const counts = this.#count
    if (count === undefined) for (let i = from; i < to; i++) counts[cellOf[i - from]]++
    else for (let i = from; i < to; i++) counts[cellOf[i - from]] += count[i]
    if (this.#want.sum && sum !== undefined) {
      const sums = this.#sum
      for (let i = from; i < to; i++) sums[cellOf[i - from]] += sum[i]
    }
    if (!this.#want.minMax || min === undefined || max === undefined) return
    const mins = this.#min
    const maxs = this.#max
    for (let i = from; i < to; i++) {
      const cell = cellOf[i - from]
      if (min[i] < mins[cell]) mins[cell] = min[i]
      if (max[i] > maxs[cell]) maxs[cell] = max[i]
    }
  }

  #addLast(block: PointBlock, axis: BlockAxis, series: number, from: number, to: number, firstCell: number): void {
    const { time, baseMs, unitMs, columns } = block
    const { value, count, sum, last, lastMs } = columns
    for (let i = from; i < to; i++) {
      // Aggregated histograms keep no single values: their average stands for it.
      const latest = value?.[i] ?? last?.[i] ?? (sum as Float64Array)[i] / Math.max((count as Float64Array)[i], 1)
      const latestMs = lastMs?.[i] ?? baseMs + time[i] * unitMs
      this.#offerLast(firstCell + axis.bucketOf(time[i]), latest, latestMs, series)
    }
  }

  #offerLast(cell: number, value: number, timeMs: number, series: number): void {
    const knownMs = this.#lastMs[cell]
    if (timeMs < knownMs || (timeMs === knownMs && series < this.#lastSeries[cell])) return
    this.#last[cell] = value
    this.#lastMs[cell] = timeMs
    this.#lastSeries[cell] = series
  }
}

/** Each time is one unit after the one before. Raw rows may share a time, partials of one series never do. */
function isInStep({ time, unitMs }: PointBlock, from: number, to: number): boolean {
  return unitMs > 1 && time[to - 1] - time[from] === to - from - 1
}

function pick(values: Float64Array, cells: Uint32Array): Float64Array {
  // An array of its own even so: an answer's arrays leave the thread, and none of them twice.
  if (values.length === 0) return new Float64Array(0)
  const picked = new Float64Array(cells.length)
  for (let i = 0; i < cells.length; i++) picked[i] = values[cells[i]]
  return picked
}
