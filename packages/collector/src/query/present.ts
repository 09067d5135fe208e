/**
 * Writes a matrix of values as the JSON that the API answers: rows by time, or columns on one time axis. Straight from typed
 * arrays to text, for a dashboard's answer has tens of thousands of values, and an object for each costs more than the query.
 */
import type { Fill, Tags } from '@telltale/protocol/api'
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

/** JSON of the content without its closing brace. */
export function contentOf(
  table: Table,
  compare: Table | undefined,
  { fill, format }: { fill: Fill; format: 'rows' | 'columns' },
): string {
  if (format === 'rows') {
    const rows = `{"data":${rowsJson(table, fill)}`
    return compare === undefined ? rows : `${rows},"compare":${rowsJson(compare, fill)}`
  }
  const buckets = shownBuckets(compare === undefined ? [table] : [table, compare], fill)
  const timesMs = buckets.map((bucket) => table.timesMs[bucket]!)
  const columns = `{"timestamps":[${timesMs.join(',')}],"series":${seriesJson(table, buckets)}`
  return compare === undefined ? columns : `${columns},"compare":${seriesJson(compare, buckets)}`
}

function rowsJson({ matrix, tags, timesMs, rows }: Table, fill: Fill): string {
  const endings = rows.map((row) => `,"tags":${JSON.stringify(tags[row])}}`)
  let json = ''
  for (let bucket = 0; bucket < matrix.buckets; bucket++) {
    const beginning = `{"timestamp":"${new Date(timesMs[bucket]!).toISOString()}","value":`
    for (let i = 0; i < rows.length; i++) {
      const value = matrix.values[rows[i]! * matrix.buckets + bucket]!
      if (fill === 'none' && Number.isNaN(value)) continue
      json += `${json === '' ? '' : ','}${beginning}${numberJson(value)}${endings[i]}`
    }
  }
  return `[${json}]`
}

/** Buckets in which none of the tables has a value are left out, unless gaps were to be filled. */
function shownBuckets(tables: readonly Table[], fill: Fill): number[] {
  const buckets: number[] = []
  const count = tables[0]!.matrix.buckets
  for (let bucket = 0; bucket < count; bucket++) {
    const isShown = ({ matrix, rows }: Table) =>
      rows.some((row) => !Number.isNaN(matrix.values[row * matrix.buckets + bucket]!))
    if (fill !== 'none' || tables.some(isShown)) buckets.push(bucket)
  }
  return buckets
}

function seriesJson({ matrix, tags, rows }: Table, buckets: readonly number[]): string {
  const isWhole = buckets.length === matrix.buckets
  const series = rows.map((row) => {
    const own = matrix.values.subarray(row * matrix.buckets, (row + 1) * matrix.buckets)
    // A plain array of numbers is what JSON.stringify is quickest at, and to it NaN and infinity are null.
    const values = isWhole ? Array.from(own) : buckets.map((bucket) => own[bucket]!)
    return `{"tags":${JSON.stringify(tags[row])},"values":${JSON.stringify(values)}}`
  })
  return `[${series.join(',')}]`
}

/** JSON has neither NaN nor infinity. */
function numberJson(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}
