/**
 * `aggregate`: partial aggregates of a metric's series by group and bucket, over hot rows and segments at once.
 *
 *   hot tables ─┐
 *               ├─ UNION ALL ─ join series → group ─ GROUP BY group, bucket ─► typed columns
 *   segments ───┘
 */
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { UINTEGER } from '@duckdb/node-api'
import { Kind } from '@telltale/protocol'
import type { TableName } from '../journal/index.js'
import { type Duck, readNumbers } from './duck.js'
import type { AggregateRequest, Partials } from './store.js'
import type { Column } from './tables.js'

/** Reads one table's rows in the request's range: hot and sealed, as a list of SELECTs over `columns`. */
export type RangeReader = (table: TableName, columns: string) => string[]

const GROUP_COLUMNS: readonly Column[] = [
  { name: 'series', type: UINTEGER },
  { name: 'grp', type: UINTEGER },
]

const LAST_TIE = 2 ** 20

/** Whole-number bounds of a request: ts ≥ startMs as start, ts < endMs as end, buckets counted from `originMs` ≤ start. */
export interface Grid {
  startMs: number
  endMs: number
  originMs: number
  stepMs: number
  buckets: number
}

export function gridOf({ startMs, endMs, originMs, stepMs }: AggregateRequest): Grid {
  const start = Math.ceil(startMs)
  const end = Math.max(start, Math.ceil(endMs))
  if (stepMs <= 0) return { startMs: start, endMs: end, originMs: startMs, stepMs: 0, buckets: 1 }
  const step = Math.max(1, Math.round(stepMs))
  const origin = Math.round(originMs)
  // DuckDB's integer division rounds towards zero; from an origin at or before the start that is rounding down.
  const first = origin + Math.floor((start - origin) / step) * step
  return { startMs: start, endMs: end, originMs: first, stepMs: step, buckets: Math.ceil((end - first) / step) }
}

export function emptyPartials(asOf: number): Partials {
  const none = () => new Float64Array(0)
  return {
    asOf,
    resolution: 'raw',
    rows: 0,
    group: new Uint32Array(0),
    bucketMs: none(),
    count: none(),
    sum: none(),
    min: none(),
    max: none(),
    last: none(),
    lastMs: none(),
    sketch: { rows: 0, group: new Uint32Array(0), bucketMs: none(), key: new Int32Array(0), count: none() },
  }
}

export async function aggregate(
  duck: Duck,
  connection: DuckDBConnection,
  request: AggregateRequest,
  rangeOf: RangeReader,
  asOf: number,
): Promise<Partials> {
  const grid = gridOf(request)
  const partials = emptyPartials(asOf)
  if (grid.endMs <= grid.startMs || request.series.length === 0) return partials
  const mapping = mappingOf(request)
  const run = async (sql: (join: string, group: string) => string): Promise<DuckDBMaterializedResult> => {
    if (mapping === undefined) return connection.run(sql('', `${request.group[0]}::UINTEGER`))
    return duck.withRows(GROUP_COLUMNS, mapping, (rows) => connection.run(sql(`JOIN ${rows} USING (series)`, 'grp')))
  }
  const rows = pointRows(request, rangeOf)
  if (rows === undefined && request.kind !== Kind.histogram) return partials
  const bucket = bucketSql(grid)

  if (rows !== undefined) {
    const { select, names } = pointColumns(request)
    const result = await run(
      (join, group) =>
        `SELECT ${[`${group} AS g`, `${bucket} AS b`, ...select].join(', ')} FROM (${rows}) ${join} GROUP BY 1, 2`,
    )
    const read = await readNumbers(result, ['u32', 'f64', ...names.map(() => 'f64' as const)])
    partials.rows = read.rows
    partials.group = read.columns[0] as Uint32Array
    partials.bucketMs = bucketTimes(grid, read.columns[1] as Float64Array)
    for (const [i, name] of names.entries()) partials[name] = read.columns[i + 2] as Float64Array
  }
  if (request.want.sketch) {
    const entries = sketchRows(request, rangeOf)
    if (entries !== undefined) partials.sketch = await readSketch(await run(sketchSql(entries, bucket)), grid)
  }
  return partials
}

type PointColumn = 'count' | 'sum' | 'min' | 'max' | 'last' | 'lastMs'

function pointColumns({ kind, want }: AggregateRequest): { select: string[]; names: PointColumn[] } {
  const aggregated = kind === Kind.histogram
  const select = [aggregated ? 'sum(count)' : 'count(*)::DOUBLE']
  const names: PointColumn[] = ['count']
  if (want.sum) {
    select.push('sum(sum)')
    names.push('sum')
  }
  if (want.minMax) {
    select.push('min(min)', 'max(max)')
    names.push('min', 'max')
  }
  if (want.last) {
    // Series that report at the same time are a tie; the highest series number wins, whatever the scan order.
    const value = aggregated ? 'sum / greatest(count, 1)' : 'sum'
    select.push(`arg_max(${value}, ts * ${LAST_TIE} + series % ${LAST_TIE})`, 'max(ts)::DOUBLE')
    names.push('last', 'lastMs')
  }
  return { select, names }
}

/** Rows with the columns (series, ts, count, sum, min, max) that the kind and the wishes need. */
function pointRows({ kind, want }: AggregateRequest, rangeOf: RangeReader): string | undefined {
  const raw = ['series', 'ts']
  const aggregated = ['series', 'ts']
  if (kind === Kind.histogram) {
    raw.push('1.0::DOUBLE AS count')
    aggregated.push('count')
  }
  if (want.sum || want.last) {
    raw.push('value AS sum')
    aggregated.push('sum')
  }
  if (want.minMax) {
    raw.push('value AS min', 'value AS max')
    aggregated.push('min', 'max')
  }
  const selects = rangeOf('samples', raw.join(', '))
  if (kind === Kind.histogram) selects.push(...rangeOf('hist', aggregated.join(', ')))
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}

function sketchRows({ kind }: AggregateRequest, rangeOf: RangeReader): string | undefined {
  const selects = rangeOf('samples', 'series, ts, key_of(value) AS key, 1 AS count')
  if (kind === Kind.histogram) selects.push(...rangeOf('sketch', 'series, ts, key, count'))
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}

function sketchSql(entries: string, bucket: string): (join: string, group: string) => string {
  return (join, group) =>
    `SELECT ${group} AS g, ${bucket} AS b, key, sum(count)::DOUBLE FROM (${entries}) ${join}
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
}

async function readSketch(result: DuckDBMaterializedResult, grid: Grid): Promise<Partials['sketch']> {
  const { rows, columns } = await readNumbers(result, ['u32', 'f64', 'i32', 'f64'])
  const [group, bucket, key, count] = columns
  return { rows, group, bucketMs: bucketTimes(grid, bucket), key, count }
}

/** The bucket's number, as a 32-bit integer where it fits: that groups faster. */
function bucketSql({ originMs, stepMs, buckets }: Grid): string {
  if (stepMs === 0) return '0'
  const type = buckets < 2 ** 31 ? 'INTEGER' : 'DOUBLE'
  return `((ts - ${originMs}) // ${stepMs})::${type}`
}

/** In place: from bucket numbers to their starts. */
function bucketTimes({ originMs, stepMs }: Grid, bucket: Float64Array): Float64Array {
  for (let i = 0; i < bucket.length; i++) bucket[i] = originMs + bucket[i] * stepMs
  return bucket
}

/** Series → group as rows to join with, or undefined where the series are one unbroken range and one group. */
function mappingOf({ series, group }: AggregateRequest) {
  const { min, max } = seriesRange(series)
  const unbroken = max - min + 1 === series.length
  if (unbroken && group.every((g) => g === group[0])) return undefined
  return { rows: series.length, columns: [series, group] }
}

export function seriesRange(series: Uint32Array): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY
  let max = 0
  for (const id of series) {
    if (id < min) min = id
    if (id > max) max = id
  }
  return { min, max }
}
