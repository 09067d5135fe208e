/**
 * Turns the store's partials into values: a flat matrix, one row a group and one column a bucket, NaN where there is no
 * value. Everything stays in typed arrays, because a percentile timeline over a day is tens of thousands of sketch rows.
 */
import { quantileOfSorted } from '@telltale/protocol'
import type { Partials } from '../store/store.js'
import { type Measure, rateSeconds } from './aggregation.js'
import { type Axis, bucketAt } from './buckets.js'

/** values[row × buckets + bucket] */
export interface Matrix {
  rows: number
  buckets: number
  values: Float64Array
}

/** Partial aggregates as columns; those that are not wanted are empty. */
export interface CellColumns {
  count: Float64Array
  sum: Float64Array
  min: Float64Array
  max: Float64Array
  last: Float64Array
  lastMs: Float64Array
}

/** Partials summed into buckets of the axis: cell = store group × buckets + bucket. */
export interface Cells extends CellColumns {
  buckets: number
}

export function newCellColumns(size: number, want: Measure['want']): CellColumns {
  const none = new Float64Array(0)
  return {
    count: new Float64Array(size),
    sum: want.sum ? new Float64Array(size) : none,
    min: want.minMax ? new Float64Array(size).fill(Number.POSITIVE_INFINITY) : none,
    max: want.minMax ? new Float64Array(size).fill(Number.NEGATIVE_INFINITY) : none,
    last: want.last ? new Float64Array(size) : none,
    lastMs: want.last ? new Float64Array(size).fill(Number.NEGATIVE_INFINITY) : none,
  }
}

/** The store's grid may be finer than the axis, and its rows come in no order: so they are added up here. */
export function foldCells(partials: Partials, axis: Axis, storeGroups: number, want: Measure['want']): Cells {
  const buckets = axis.edges.length - 1
  const cells: Cells = { buckets, ...newCellColumns(storeGroups * buckets, want) }
  for (let i = 0; i < partials.rows; i++) {
    const cell = partials.group[i]! * buckets + bucketAt(axis, partials.bucketMs[i]!)
    cells.count[cell]! += partials.count[i]!
    if (want.sum) cells.sum[cell]! += partials.sum[i]!
    if (want.minMax) {
      if (partials.min[i]! < cells.min[cell]!) cells.min[cell] = partials.min[i]!
      if (partials.max[i]! > cells.max[cell]!) cells.max[cell] = partials.max[i]!
    }
    if (want.last && partials.lastMs[i]! >= cells.lastMs[cell]!) {
      cells.last[cell] = partials.last[i]!
      cells.lastMs[cell] = partials.lastMs[i]!
    }
  }
  return cells
}

/** Values of every measure that looks at one bucket alone. */
export function finaliseCells(partials: Partials, cells: Cells, axis: Axis, rows: number, measure: Measure): Matrix {
  const { buckets } = cells
  const values = new Float64Array(rows * buckets).fill(Number.NaN)
  if (measure.reducer === 'quantile') {
    quantileValues(partials, cells, axis, measure.quantile, values)
    return { rows, buckets, values }
  }
  if (measure.reducer === 'ratio') {
    ratioValues(cells, rows, values)
    return { rows, buckets, values }
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    const seconds = rateSeconds(axis.edges[bucket]!, axis.edges[bucket + 1]!, axis.startMs, axis.endMs)
    for (let row = 0; row < rows; row++) {
      const cell = row * buckets + bucket
      if (cells.count[cell]! > 0) values[cell] = cellValue(cells, cell, measure.reducer, seconds)
    }
  }
  return { rows, buckets, values }
}

/** The value of one cell that has data. `quantile`, `level` and `ratio` look at more than that. */
export function cellValue(cells: CellColumns, cell: number, reducer: Measure['reducer'], seconds: number): number {
  switch (reducer) {
    case 'sum':
      return cells.sum[cell]!
    case 'count':
      return cells.count[cell]!
    case 'sumRate':
      return cells.sum[cell]! / seconds
    case 'countRate':
      return cells.count[cell]! / seconds
    case 'avg':
      return cells.sum[cell]! / cells.count[cell]!
    case 'min':
      return cells.min[cell]!
    case 'max':
      return cells.max[cell]!
    case 'last':
      return cells.last[cell]!
    default:
      return Number.NaN
  }
}

/** Store group 2 × row + 1 holds the favoured part of row's counts, 2 × row the others. */
function ratioValues({ buckets, sum }: Cells, rows: number, values: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    for (let bucket = 0; bucket < buckets; bucket++) {
      const favoured = sum[(2 * row + 1) * buckets + bucket]!
      values[row * buckets + bucket] = ratioOf(favoured, sum[2 * row * buckets + bucket]!)
    }
  }
}

export function ratioOf(favoured: number, others: number): number {
  const all = favoured + others
  return all > 0 ? favoured / all : Number.NaN
}

/** Sketch rows come sorted, so each cell is one run of them; runs over several store buckets are merged first. */
function quantileValues(partials: Partials, cells: Cells, axis: Axis, quantile: number, values: Float64Array): void {
  const { rows, group, bucketMs, key, count } = partials.sketch
  const merge = new KeyMerge(key)
  let from = 0
  while (from < rows) {
    const cell = group[from]! * cells.buckets + bucketAt(axis, bucketMs[from]!)
    let to = from + 1
    let isOneBucket = true
    let total = count[from]!
    for (; to < rows && group[to] === group[from]; to++) {
      if (bucketMs[to] !== bucketMs[to - 1]) {
        if (group[to]! * cells.buckets + bucketAt(axis, bucketMs[to]!) !== cell) break
        isOneBucket = false
      }
      total += count[to]!
    }
    const min = cells.min[cell]!
    const max = cells.max[cell]!
    values[cell] = isOneBucket
      ? quantileOfSorted(key, count, from, to, total, quantile, min, max)
      : merge.quantile(count, from, to, total, quantile, min, max)
    from = to
  }
}

/** Merges runs of sketch rows. Keys lie close together as a rule, so counting by key beats sorting. */
class KeyMerge {
  readonly #key: Int32Array
  #counts = new Float64Array(0)

  constructor(key: Int32Array) {
    this.#key = key
  }

  quantile(
    count: Float64Array,
    from: number,
    to: number,
    total: number,
    quantile: number,
    min: number,
    max: number,
  ): number {
    const key = this.#key
    let low = key[from]!
    let high = low
    for (let i = from; i < to; i++) {
      if (key[i]! < low) low = key[i]!
      else if (key[i]! > high) high = key[i]!
    }
    const size = high - low + 1
    if (this.#counts.length < size) this.#counts = new Float64Array(size)
    const counts = this.#counts.fill(0, 0, size)
    for (let i = from; i < to; i++) counts[key[i]! - low]! += count[i]!
    let distinct = 0
    for (let i = 0; i < size; i++) if (counts[i]! > 0) distinct++
    const keys = new Int32Array(distinct)
    const merged = new Float64Array(distinct)
    for (let i = 0, at = 0; i < size; i++) {
      if (counts[i]! === 0) continue
      keys[at] = low + i
      merged[at++] = counts[i]!
    }
    return quantileOfSorted(keys, merged, 0, distinct, total, quantile, min, max)
  }
}

/**
 * Levels at the end of each bucket: what had been added up before the range, and every delta since. A level holds until
 * the next change, so buckets without points repeat it; it starts at the first point and stops at `nowMs`.
 */
export function levelValues(cells: Cells, axis: Axis, rows: number, base: Base, nowMs: number): Matrix {
  const { buckets } = cells
  const values = new Float64Array(rows * buckets).fill(Number.NaN)
  for (let row = 0; row < rows; row++) {
    let level = base.sum[row]!
    let isKnown = base.count[row]! > 0
    for (let bucket = 0; bucket < buckets; bucket++) {
      const cell = row * buckets + bucket
      if (cells.count[cell]! > 0) {
        isKnown = true
        level += cells.sum[cell]!
      } else if (axis.edges[bucket]! > nowMs) continue
      if (isKnown) values[cell] = level
    }
  }
  return { rows, buckets, values }
}

/** Sums and counts of each store group before the range. */
export interface Base {
  sum: Float64Array
  count: Float64Array
}

export function foldBase(partials: Partials | undefined, storeGroups: number): Base {
  const base: Base = { sum: new Float64Array(storeGroups), count: new Float64Array(storeGroups) }
  if (partials === undefined) return base
  for (let i = 0; i < partials.rows; i++) {
    base.sum[partials.group[i]!]! += partials.sum[i]!
    base.count[partials.group[i]!]! += partials.count[i]!
  }
  return base
}

/** One value a row from the moments sampled over the whole range. */
export function foldSamples(matrix: Matrix, over: Measure['over']): Matrix {
  const values = new Float64Array(matrix.rows)
  for (let row = 0; row < matrix.rows; row++) {
    values[row] = foldSampleRow(matrix.values, row * matrix.buckets, (row + 1) * matrix.buckets, over)
  }
  return { rows: matrix.rows, buckets: 1, values }
}

export function foldSampleRow(values: Float64Array, from: number, to: number, over: Measure['over']): number {
  let result = Number.NaN
  let sum = 0
  let known = 0
  for (let i = from; i < to; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    known++
    sum += value
    if (known === 1 || over === 'last' || (over === 'max' && value > result) || (over === 'min' && value < result)) {
      result = value
    }
  }
  return over === 'avg' ? sum / known : result
}
