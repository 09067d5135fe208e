/** Shapes a matrix of values as the API answers it: rows by time, or columns on one time axis. */
import type { DataRow, Fill, MetricsColumns, Tags } from '@telltale/protocol/api'
import { fillRow, hasValue } from './fill.js'
import type { Matrix } from './finalise.js'

/** A matrix with what its rows and columns stand for. */
export interface Table {
  matrix: Matrix
  /** Tags of each row of the matrix. */
  tags: readonly Tags[]
  /** Starts of the buckets. */
  timesMs: ArrayLike<number>
  /** Rows to show, in order. */
  rows: readonly number[]
}

/**
 * Rows that the answer shows, with their gaps filled. A group without any value is not in the answer, but where nothing
 * is grouped and gaps are to be filled, an empty range is one long gap.
 */
export function fillTable(matrix: Matrix, timesMs: ArrayLike<number>, fill: Fill, isGrouped: boolean): number[] {
  const shown: number[] = []
  for (let row = 0; row < matrix.rows; row++) {
    const from = row * matrix.buckets
    const to = from + matrix.buckets
    const isShown = hasValue(matrix.values, from, to) || (fill !== 'none' && !isGrouped)
    if (!isShown) continue
    fillRow(matrix.values, from, to, timesMs, fill)
    shown.push(row)
  }
  return shown
}

export function toRows({ matrix, tags, timesMs, rows }: Table, fill: Fill): DataRow[] {
  const result: DataRow[] = []
  for (let bucket = 0; bucket < matrix.buckets; bucket++) {
    const timestamp = new Date(timesMs[bucket]!).toISOString()
    for (const row of rows) {
      const value = matrix.values[row * matrix.buckets + bucket]!
      if (fill === 'none' && Number.isNaN(value)) continue
      result.push({ timestamp, value: finiteOrNull(value), tags: tags[row]! })
    }
  }
  return result
}

type ColumnSeries = MetricsColumns['series']

/** Buckets in which none of the tables has a value are left out, unless gaps were to be filled. */
export function shownBuckets(tables: readonly Table[], fill: Fill): number[] {
  const buckets: number[] = []
  const count = tables[0]!.matrix.buckets
  for (let bucket = 0; bucket < count; bucket++) {
    const isShown = ({ matrix, rows }: Table) =>
      rows.some((row) => !Number.isNaN(matrix.values[row * matrix.buckets + bucket]!))
    if (fill !== 'none' || tables.some(isShown)) buckets.push(bucket)
  }
  return buckets
}

export function toColumns({ matrix, tags, rows }: Table, buckets: readonly number[]): ColumnSeries {
  return rows.map((row) => ({
    tags: tags[row]!,
    values: buckets.map((bucket) => finiteOrNull(matrix.values[row * matrix.buckets + bucket]!)),
  }))
}

/** JSON has neither NaN nor infinity. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
