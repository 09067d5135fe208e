/** Reads a stretch of a segment into a block. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { TableName } from '../../journal/index.js'
import { readNumbers } from '../duck.js'
import { levels } from '../rollup/levels.js'
import type { Segment } from '../segments.js'
import type { MetricSeries, SeriesMetrics } from '../series-metrics.js'
import { int } from '../sql.js'
import type { AggregateRequest } from '../store.js'
import { parquetSource } from '../stored.js'
import { type EntryBlock, entryBlock, type PointBlock, type PointColumns, pointBlock, withoutCopies } from './blocks.js'
import { coarsen } from './coarse.js'

/** Hours are also kept by six: quantiles over a day are asked for most. Their blocks begin at whole days. */
const COARSENED: TableName = 'k1h'
const COARSE_UNITS = 6

export interface Stretch {
  segment: Segment
  metric: MetricSeries
  /** Half-open. */
  startMs: number
  endMs: number
}

const entryTables: ReadonlySet<TableName> = new Set<TableName>([
  'sketch',
  ...levels.flatMap(({ sketch }) => sketch ?? []),
])

export function isEntryTable(table: TableName): boolean {
  return entryTables.has(table)
}

/** Raw rows come at any millisecond, those of a level at whole buckets. */
export function unitMsOf(table: TableName): number {
  return levels.find(({ partials, sketch }) => partials === table || sketch === table)?.bucketMs ?? 1
}

const columnSql: Readonly<Record<keyof PointColumns, string>> = {
  value: 'value',
  count: 'count',
  sum: 'sum',
  min: 'min',
  max: 'max',
  last: 'last',
  lastMs: 'last_ts::DOUBLE',
}

/** The columns of a table that hold what is wanted. */
export function columnsFor(table: TableName, want: AggregateRequest['want']): (keyof PointColumns)[] {
  if (table === 'samples') return ['value']
  const columns: (keyof PointColumns)[] = ['count']
  if (want.sum || (want.last && table === 'hist')) columns.push('sum')
  if (want.minMax) columns.push('min', 'max')
  if (want.last && table !== 'hist') columns.push('last', 'lastMs')
  return columns
}

/** Does the block hold all that is wanted? */
export function holds(block: PointBlock, table: TableName, want: AggregateRequest['want']): boolean {
  const held = columnsOf(block)
  return columnsFor(table, want).every((name) => held.includes(name))
}

function columnsOf({ columns, standsFor }: PointBlock): readonly (keyof PointColumns)[] {
  const kept = Object.keys(columns) as (keyof PointColumns)[]
  return standsFor === undefined ? kept : [...standsFor, ...kept.filter((name) => name !== 'value')]
}

/** What to load for a wish, with what a block holds already. */
export function columnsWith(
  before: PointBlock | undefined,
  table: TableName,
  want: AggregateRequest['want'],
): (keyof PointColumns)[] {
  const names = columnsFor(table, want)
  return before === undefined ? names : [...new Set([...columnsOf(before), ...names])]
}

export async function loadPoints(
  connection: DuckDBConnection,
  stretch: Stretch,
  columns: readonly (keyof PointColumns)[],
  metrics: SeriesMetrics,
): Promise<PointBlock> {
  const types = columns.map(() => 'f64' as const)
  const sql = stretchSql(
    stretch,
    columns.map((name) => columnSql[name]),
  )
  const read = await readNumbers(await connection.run(sql), ['u32', 'i32', ...types])
  const [series, time, ...values] = keepMetric(read.columns, stretch.metric, metrics)
  const named = Object.fromEntries(columns.map((name, i) => [name, values[i]])) as PointColumns
  const block = pointBlock({ series: series as Uint32Array, time: time as Int32Array }, named, placeOf(stretch))
  return isLevel(stretch.segment.table) ? withoutCopies(block) : block
}

function isLevel(table: TableName): boolean {
  return levels.some(({ partials }) => partials === table)
}

/** Undefined where the rows of the file are in another order than they should be. */
export async function loadEntries(
  connection: DuckDBConnection,
  stretch: Stretch,
  metrics: SeriesMetrics,
): Promise<EntryBlock | undefined> {
  const result = await connection.run(stretchSql(stretch, ['key', 'count::DOUBLE']))
  const read = await readNumbers(result, ['u32', 'i32', 'i32', 'f64'])
  const [series, time, key, count] = keepMetric(read.columns, stretch.metric, metrics)
  const rows = { series: series as Uint32Array, time: time as Int32Array }
  const block = entryBlock(rows, key as Int32Array, count as Float64Array, placeOf(stretch))
  if (block !== undefined && stretch.segment.table === COARSENED) block.coarse = coarsen(block, COARSE_UNITS)
  return block
}

function placeOf({ segment, startMs }: Stretch): { baseMs: number; unitMs: number } {
  return { baseMs: startMs, unitMs: unitMsOf(segment.table) }
}

function stretchSql(stretch: Stretch, columns: readonly string[]): string {
  const { segment, metric, startMs, endMs } = stretch
  const time = `((ts - ${int(startMs)}) // ${int(unitMsOf(segment.table))})::INTEGER`
  return `SELECT ${['series', time, ...columns].join(', ')} FROM ${parquetSource([segment], { startMs, endMs, metric: metric.code })}
    WHERE ts >= ${int(startMs)} AND ts < ${int(endMs)} AND series BETWEEN ${int(metric.lowest)} AND ${int(metric.highest)}`
}

type Column = Uint32Array | Int32Array | Float64Array

/** Series of several metrics may take turns in a file. The first column is that of the series. */
function keepMetric(columns: readonly Column[], metric: MetricSeries, metrics: SeriesMetrics): Column[] {
  const series = columns[0]
  const kept = new Uint32Array(series.length)
  let rows = 0
  for (let row = 0; row < series.length; row++) if (metrics.isOf(series[row], metric)) kept[rows++] = row
  if (rows === series.length) return [...columns]
  return columns.map((column) => {
    const picked = new (column.constructor as new (length: number) => Column)(rows)
    for (let i = 0; i < rows; i++) picked[i] = column[kept[i]]
    return picked
  })
}
