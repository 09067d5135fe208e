/**
 * `aggregate`: partial aggregates of a metric's series by group and bucket, over hot rows, raw segments and rollups at
 * once.
 *
 *   hot tables ────┐
 *   raw segments ──┼─ UNION ALL ─ join series → group ─ GROUP BY group, bucket ─► typed columns
 *   rollups ───────┘
 */
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { UINTEGER } from '@duckdb/node-api'
import { Kind } from '@telltale/protocol'
import type { RawTableName } from '../journal/index.js'
import { type Duck, readNumbers } from './duck.js'
import type { RangeView, Slice } from './range-view.js'
import { type AggregatePlan, isLevelSlice, resolutionOf } from './rollup/plan.js'
import type { AggregateRequest, Partials } from './store.js'
import type { Column } from './tables.js'

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
  view: RangeView,
  plan: AggregatePlan,
): Promise<Partials> {
  const grid = gridOf(request)
  const partials = emptyPartials(view.asOf)
  if (grid.endMs <= grid.startMs || request.series.length === 0) return partials
  const mapping = mappingOf(request)
  const run = async (sql: (join: string, group: string) => string): Promise<DuckDBMaterializedResult> => {
    if (mapping === undefined) return connection.run(sql('', `${request.group[0]}::UINTEGER`))
    return duck.withRows(GROUP_COLUMNS, mapping, (rows) => connection.run(sql(`JOIN ${rows} USING (series)`, 'grp')))
  }
  // The sketch is what a quantile is made of; where it is wanted, its resolution is the answer's.
  const decisive = request.want.sketch ? plan.sketch : plan.points
  partials.resolution = resolutionOf(decisive.filter((slice) => view.has(slice)))
  const points = plan.points.filter((slice) => view.has(slice))
  const counted = request.kind === Kind.histogram || points.some(isLevelSlice)
  const rows = pointRows(request, view, points, counted)
  if (rows === undefined && request.kind !== Kind.histogram) return partials
  const bucket = bucketSql(grid)

  if (rows !== undefined) {
    const { select, names } = pointColumns(request, counted)
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
    const entries = sketchRows(request, view, plan.sketch)
    if (entries !== undefined) partials.sketch = await readSketch(await run(sketchSql(entries, bucket)), grid)
  }
  return partials
}

type PointColumn = 'count' | 'sum' | 'min' | 'max' | 'last' | 'lastMs'

function pointColumns({ want }: AggregateRequest, counted: boolean): { select: string[]; names: PointColumn[] } {
  const select = [counted ? 'sum(count)' : 'count(*)::DOUBLE']
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
    select.push(`arg_max(last, last_ts * ${LAST_TIE} + series % ${LAST_TIE})`, 'max(last_ts)::DOUBLE')
    names.push('last', 'lastMs')
  }
  return { select, names }
}

/** Rows with the columns that the wishes need, of (series, ts, count, sum, min, max, last, last_ts). */
function pointRows(
  { kind, want }: AggregateRequest,
  view: RangeView,
  slices: readonly Slice[],
  counted: boolean,
): string | undefined {
  const value: string[] = []
  const stored: string[] = []
  const last: Record<'samples' | 'hist' | 'partials', string[]> = { samples: [], hist: [], partials: [] }
  if (want.sum) {
    value.push('value AS sum')
    stored.push('sum')
  }
  if (want.minMax) {
    value.push('value AS min', 'value AS max')
    stored.push('min', 'max')
  }
  if (want.last) {
    last.samples.push('value AS last', 'ts AS last_ts')
    last.hist.push('sum / greatest(count, 1) AS last', 'ts AS last_ts')
    last.partials.push('last', 'last_ts')
  }
  const ones = counted ? ['1.0::DOUBLE AS count'] : []
  const selects = rowsOf(view, slices, 'samples', ['series', 'ts', ...ones, ...value, ...last.samples])
  if (kind === Kind.histogram) {
    selects.push(...rowsOf(view, slices, 'hist', ['series', 'ts', 'count', ...stored, ...last.hist]))
  }
  const partials = ['series', 'ts', 'count', ...stored, ...last.partials]
  selects.push(...view.sealed(slices.filter(isLevelSlice), partials.join(', ')))
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}

function sketchRows({ kind }: AggregateRequest, view: RangeView, slices: readonly Slice[]): string | undefined {
  const entries = ['series', 'ts', 'key', 'count']
  const selects = rowsOf(view, slices, 'samples', ['series', 'ts', 'key_of(value) AS key', '1 AS count'])
  if (kind === Kind.histogram) selects.push(...rowsOf(view, slices, 'sketch', entries))
  selects.push(...view.sealed(slices.filter(isLevelSlice), entries.join(', ')))
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}

/** Hot rows of a raw table, and those of its slices. */
function rowsOf(view: RangeView, slices: readonly Slice[], table: RawTableName, columns: readonly string[]): string[] {
  const list = columns.join(', ')
  const ofTable = slices.filter((slice) => slice.table === table)
  return [...view.hot(table, list), ...view.sealed(ofTable, list)]
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
