/**
 * `aggregate`: partial aggregates of a metric's series by group and bucket, over hot rows, raw segments and rollups at
 * once. What is in memory is added up there; SQL reads the rest.
 *
 *   hot rows ───────────── where they lie ────────────────────────────────────────────┐
 *   segments, warm ─────── blocks of typed arrays ────────────────────────────────────┼─► cells ─► typed columns
 *   segments, not warm ─── UNION ALL ─ join series → group ─ GROUP BY group, bucket ──┘
 *
 * Where there would be too many cells, SQL does all of it, and hot rows are brought to DuckDB first.
 */
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api'
import { UINTEGER } from '@duckdb/node-api'
import { Kind } from '@telltale/protocol'
import type { RawTableName } from '../journal/index.js'
import { type Duck, readNumbers } from './duck.js'
import type { RangeView, Slice } from './range-view.js'
import type { Pause } from './read-pool.js'
import { type AggregatePlan, isLevelSlice, resolutionOf } from './rollup/plan.js'
import type { AggregateRequest, Partials } from './store.js'
import type { Column } from './tables.js'
import type { EntryBlock, PointBlock } from './warm/blocks.js'
import { Cells, MAX_CELLS, type PartialRows } from './warm/cells.js'
import { SeriesGroups } from './warm/groups.js'
import { Locator } from './warm/scattered.js'
import { SketchFold, type SketchRows } from './warm/sketch-fold.js'
import type { WarmSegments } from './warm/warm-segments.js'

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

function none(): Float64Array {
  return new Float64Array(0)
}

export function emptyPartials(asOf: number): Partials {
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

/** Can the request be added up in cells? Otherwise it is left to SQL, hot rows included. */
export function fitsMemory({ group }: AggregateRequest, { buckets }: Grid): boolean {
  return (group.reduce((highest, one) => Math.max(highest, one), 0) + 1) * buckets <= MAX_CELLS
}

/** What an aggregate is computed with. */
export interface AggregateTools {
  duck: Duck
  connection: DuckDBConnection
  warm: WarmSegments
  pause: Pause
}

export async function aggregate(
  tools: AggregateTools,
  request: AggregateRequest,
  view: RangeView,
  plan: AggregatePlan,
): Promise<Partials> {
  const grid = gridOf(request)
  const partials = emptyPartials(view.asOf)
  if (grid.endMs <= grid.startMs || request.series.length === 0) return partials
  // The sketch is what a quantile is made of; where it is wanted, its resolution is the answer's.
  const decisive = request.want.sketch ? plan.sketch : plan.points
  partials.resolution = resolutionOf(decisive.filter((slice) => view.has(slice)))
  const groups = new SeriesGroups(request)
  const query: Query = { ...tools, request, view, grid, groups, mapping: mappingOf(request) }
  await addPoints(query, plan.points, partials)
  if (request.want.sketch) await addSketch(query, plan.sketch, partials)
  return partials
}

interface Query extends AggregateTools {
  request: AggregateRequest
  view: RangeView
  grid: Grid
  groups: SeriesGroups
  mapping: ReturnType<typeof mappingOf>
}

async function addPoints(query: Query, planned: readonly Slice[], partials: Partials): Promise<void> {
  const { request, view, grid, groups, pause } = query
  const { warm, cold } = await split(query, planned)
  const counted = request.kind === Kind.histogram || cold.some(isLevelSlice)
  const rows = pointRows(request, view, cold, counted, grid)
  const answer = rows === undefined ? undefined : await runPoints(query, cold, rows, counted)
  const samples = view.pieces('samples')
  const hist = request.kind === Kind.histogram ? view.pieces('hist') : []
  if (warm.length + samples.length + hist.length === 0) {
    if (answer === undefined) return
    const { bucket, lastSeries: _, ...columns } = answer
    Object.assign(partials, columns, { bucketMs: bucketTimes(grid, bucket) })
    return
  }
  const cells = new Cells(groups.count, grid.buckets, request.want)
  if (answer !== undefined) cells.addRows(answer)
  const locator = new Locator(grid, groups)
  for (const piece of samples) {
    cells.addScattered(locator.locate(piece), { value: piece.columns[2] as Float64Array })
    await pause()
  }
  for (const piece of hist) {
    const [, , count, sum, min, max] = piece.columns as Float64Array[]
    cells.addScattered(locator.locate(piece), { count, sum, min, max })
    await pause()
  }
  for (const { slice, blocks } of warm) {
    for (const block of blocks) {
      cells.addBlock(block as PointBlock, slice, grid, groups)
      await pause()
    }
  }
  cells.writeTo(partials, grid)
}

async function addSketch(query: Query, planned: readonly Slice[], partials: Partials): Promise<void> {
  const { request, view, grid, groups, pause } = query
  const { warm, cold } = await split(query, planned)
  const entries = sketchRows(request, view, cold)
  const answer = entries === undefined ? undefined : await runSketch(query, cold, entries)
  const samples = view.pieces('samples')
  const hot = request.kind === Kind.histogram ? view.pieces('sketch') : []
  if (warm.length + samples.length + hot.length === 0) {
    if (answer === undefined) return
    const { bucket, ...columns } = answer
    partials.sketch = { ...columns, bucketMs: bucketTimes(grid, bucket) }
    return
  }
  const fold = new SketchFold(groups.count, grid.buckets)
  if (answer !== undefined) fold.addRows(answer)
  const locator = new Locator(grid, groups)
  for (const piece of samples) {
    fold.addValues(locator.locate(piece), piece.columns[2] as Float64Array)
    await pause()
  }
  for (const piece of hot) {
    fold.addScattered(locator.locate(piece), piece.columns[2] as Int32Array, piece.columns[3] as Uint32Array)
    await pause()
  }
  for (const { slice, blocks } of warm) {
    for (const block of blocks) {
      if ('key' in block) fold.addEntries(block, slice, grid, groups)
      else fold.addPoints(block, slice, grid, groups)
      await pause()
    }
  }
  partials.sketch = await fold.finish(grid, pause)
}

/** Slices whose rows are in memory, and those for SQL. Slices without segments are in neither. */
async function split({ request, view, grid, warm, connection, pause }: Query, planned: readonly Slice[]) {
  const found: { slice: Slice; blocks: readonly (PointBlock | EntryBlock)[] }[] = []
  const cold: Slice[] = []
  const metric = fitsMemory(request, grid) ? warm.metricOf(request) : undefined
  for (const slice of planned) {
    if (!view.has(slice)) continue
    const blocks = metric && (await warm.blocks(connection, view.segments(slice), slice, metric, request))
    if (blocks === undefined) cold.push(slice)
    else found.push({ slice, blocks })
    await pause()
  }
  return { warm: found, cold }
}

type Sql = (join: string, group: string) => string

/** Of a table DuckDB knows bounds and that series are unique: it then joins by position, and not by hash. */
const LARGE_ROWS = 300_000

async function run(
  { duck, connection, request, mapping, view }: Query,
  cold: readonly Slice[],
  sql: Sql,
): Promise<DuckDBMaterializedResult> {
  if (mapping === undefined) return connection.run(sql('', `${request.group[0]}::UINTEGER`))
  const rowsToRead = cold.flatMap((slice) => view.segments(slice)).reduce((sum, { rows }) => sum + rows, 0)
  if (rowsToRead < LARGE_ROWS) {
    return duck.withRows(GROUP_COLUMNS, mapping, (rows) => connection.run(sql(`JOIN ${rows} USING (series)`, 'grp')))
  }
  // One a connection: what a cancelled query has left is replaced.
  await duck.withRows(GROUP_COLUMNS, mapping, (rows) =>
    connection.run(`CREATE OR REPLACE TEMP TABLE series_groups AS SELECT * FROM ${rows}`),
  )
  const answer = await connection.run(sql('JOIN series_groups USING (series)', 'grp'))
  await connection.run('DROP TABLE series_groups')
  return answer
}

async function runPoints(query: Query, cold: readonly Slice[], rows: string, counted: boolean): Promise<PartialRows> {
  const { select, names } = pointColumns(query.request, counted)
  const columns = (group: string) => [`${group} AS g`, 'b', ...select].join(', ')
  const sql: Sql = (join, group) => `SELECT ${columns(group)} FROM (${rows}) ${join} GROUP BY 1, 2`
  const read = await readNumbers(await run(query, cold, sql), ['u32', 'f64', ...names.map(() => 'f64' as const)])
  const [group, bucket, ...values] = read.columns
  const answer: PartialRows = {
    rows: read.rows,
    group: group as Uint32Array,
    bucket: bucket as Float64Array,
    // Each an array of its own: an answer's arrays leave the thread, and none of them twice.
    ...{ count: none(), sum: none(), min: none(), max: none(), last: none(), lastMs: none(), lastSeries: none() },
  }
  for (const [i, name] of names.entries()) answer[name] = values[i] as Float64Array
  return answer
}

async function runSketch(query: Query, cold: readonly Slice[], entries: string): Promise<SketchRows> {
  const bucket = bucketSql(query.grid)
  const sql: Sql = (join, group) =>
    `SELECT ${group} AS g, ${bucket} AS b, key, sum(count)::DOUBLE FROM (${entries}) ${join}
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
  const { rows, columns } = await readNumbers(await run(query, cold, sql), ['u32', 'f64', 'i32', 'f64'])
  const [group, number, key, count] = columns
  return { rows, group, bucket: number, key, count }
}

type PointColumn = 'count' | 'sum' | 'min' | 'max' | 'last' | 'lastMs' | 'lastSeries'

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
    const latest = `last_ts * ${LAST_TIE} + series % ${LAST_TIE}`
    select.push(`arg_max(last, ${latest})`, 'max(last_ts)::DOUBLE', `arg_max(series, ${latest})::DOUBLE`)
    names.push('last', 'lastMs', 'lastSeries')
  }
  return { select, names }
}

/** Rows with the number of their bucket and the columns that the wishes need, of (series, count, sum, min, max, last, last_ts). */
function pointRows(
  { kind, want }: AggregateRequest,
  view: RangeView,
  slices: readonly Slice[],
  counted: boolean,
  grid: Grid,
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
  const bucket = `${bucketSql(grid)} AS b`
  const sampleColumns = (b: string) => ['series', `${b} AS b`, ...ones, ...value, ...last.samples].join(', ')
  const samples = slices.filter(({ table }) => table === 'samples')
  const selects = [
    ...view.hot('samples', sampleColumns(bucketSql(grid))),
    ...view.sealed(samples, sampleColumns(bucketOfSecondSql(grid) ?? bucketSql(grid))),
  ]
  if (kind === Kind.histogram) {
    selects.push(...rowsOf(view, slices, 'hist', ['series', bucket, 'count', ...stored, ...last.hist]))
  }
  const partials = ['series', bucket, 'count', ...stored, ...last.partials]
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

/** The bucket's number, as a 32-bit integer where it fits: that groups faster. */
function bucketSql({ originMs, stepMs, buckets }: Grid): string {
  if (stepMs === 0) return '0::INTEGER'
  const type = buckets < 2 ** 31 ? 'INTEGER' : 'DOUBLE'
  return `((ts - ${originMs}) // ${stepMs})::${type}`
}

/** The same of sealed samples, from their seconds: dividing 32 bits takes half the time. Undefined where seconds do not do. */
function bucketOfSecondSql({ originMs, endMs, stepMs }: Grid): string | undefined {
  if (stepMs === 0 || stepMs % 1000 !== 0 || originMs % 1000 !== 0 || endMs - originMs >= 2 ** 31 * 1000)
    return undefined
  return `((sec - ${originMs / 1000})::INTEGER // ${stepMs / 1000}::INTEGER)`
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
