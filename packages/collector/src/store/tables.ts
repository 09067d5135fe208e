/**
 * The tables of the store: one description each, from which the hot table in DuckDB, the row blocks in front of it and
 * the sealed Parquet file all follow. Times are whole Unix milliseconds.
 */
import { BIGINT, DOUBLE, type DuckDBType, INTEGER, UINTEGER, UTINYINT, VARCHAR } from '@duckdb/node-api'
import type { LevelTableName, RawTableName, TableName } from '../journal/index.js'

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export interface Column {
  name: string
  type: DuckDBType
}

export interface TableSpec {
  name: TableName
  columns: readonly Column[]
  /** The column that `startMs ≤ t < endMs` is about, and that decides a row's day. */
  time: string
  /** Column of the series number, where the table has one; segments are pruned by its range. */
  series?: string
  /** Row order inside a segment, or inside a block of one. */
  order: string
  /**
   * Days that one file may span, counted from 1970-01-01: more for coarse rollups, where a file a day would be mostly
   * footer. Retention removes whole files.
   */
  partitionDays: number
  /**
   * A file holds its rows in blocks of so much time, each by metric and in `order`: a short range of all series reads a
   * part of the file, and so does a long range of few. A partition is a number of whole blocks. Absent: one block.
   */
  blockMs?: number
}

const column = (name: string, type: DuckDBType): Column => ({ name, type })

const samples: TableSpec = {
  name: 'samples',
  columns: [column('series', UINTEGER), column('ts', BIGINT), column('value', DOUBLE)],
  time: 'ts',
  series: 'series',
  order: 'series, ts',
  partitionDays: 1,
  blockMs: HOUR_MS,
}

const hist: TableSpec = {
  name: 'hist',
  columns: [
    column('series', UINTEGER),
    column('ts', BIGINT),
    // A double: sums of 32-bit bucket counts pass 2^32, and are exact up to 2^53.
    column('count', DOUBLE),
    column('sum', DOUBLE),
    column('min', DOUBLE),
    column('max', DOUBLE),
  ],
  time: 'ts',
  series: 'series',
  order: 'series, ts',
  partitionDays: 1,
  blockMs: HOUR_MS,
}

const sketch: TableSpec = {
  name: 'sketch',
  columns: [column('series', UINTEGER), column('ts', BIGINT), column('key', INTEGER), column('count', UINTEGER)],
  time: 'ts',
  series: 'series',
  order: 'series, ts, key',
  partitionDays: 1,
  blockMs: HOUR_MS,
}

const tasks: TableSpec = {
  name: 'tasks',
  columns: [
    column('id', VARCHAR),
    column('type', VARCHAR),
    column('start_ms', BIGINT),
    column('duration_ms', DOUBLE),
    column('status', UTINYINT),
    column('attempt', INTEGER),
    column('parent_id', VARCHAR),
    column('trace_id', VARCHAR),
    column('error_type', VARCHAR),
    column('error_message', VARCHAR),
    column('queue_wait_ms', DOUBLE),
    column('cpu_time_ms', DOUBLE),
    column('cpu_usage_percent', DOUBLE),
    column('cpu_method', UTINYINT),
    column('memory_usage_mb', DOUBLE),
    // JSON objects and arrays as text, so that values keep their types.
    column('context', VARCHAR),
    column('steps', VARCHAR),
  ],
  time: 'start_ms',
  order: 'start_ms',
  partitionDays: 1,
}

const events: TableSpec = {
  name: 'events',
  columns: [
    column('ts', BIGINT),
    column('name', VARCHAR),
    column('id', VARCHAR),
    column('user_id', VARCHAR),
    column('org_id', VARCHAR),
    column('session_id', VARCHAR),
    column('attributes', VARCHAR),
  ],
  time: 'ts',
  order: 'ts',
  partitionDays: 1,
}

const sessions: TableSpec = {
  name: 'sessions',
  columns: [
    column('id', VARCHAR),
    column('start_ms', BIGINT),
    column('duration_ms', DOUBLE),
    column('user_id', VARCHAR),
    column('org_id', VARCHAR),
    column('events', INTEGER),
    column('page_views', INTEGER),
    column('entry', VARCHAR),
    column('exit', VARCHAR),
    column('referrer', VARCHAR),
    column('attributes', VARCHAR),
  ],
  time: 'start_ms',
  order: 'start_ms',
  partitionDays: 1,
}

const partialColumns = [
  column('series', UINTEGER),
  // Start of the bucket.
  column('ts', BIGINT),
  column('count', DOUBLE),
  column('sum', DOUBLE),
  column('min', DOUBLE),
  column('max', DOUBLE),
  // Value at the latest time in the bucket, and that time.
  column('last', DOUBLE),
  column('last_ts', BIGINT),
]

const sketchColumns = [
  column('series', UINTEGER),
  column('ts', BIGINT),
  column('key', INTEGER),
  // A double: counts over long times pass 2^32.
  column('count', DOUBLE),
]

function partials(name: LevelTableName, partitionDays: number, blockMs: number): TableSpec {
  return { name, columns: partialColumns, time: 'ts', series: 'series', order: 'series, ts', partitionDays, blockMs }
}

function sketchRows(name: LevelTableName, partitionDays: number, blockMs: number): TableSpec {
  return { ...partials(name, partitionDays, blockMs), columns: sketchColumns, order: 'series, ts, key' }
}

export const tables: Readonly<Record<TableName, TableSpec>> = {
  samples,
  hist,
  sketch,
  tasks,
  events,
  sessions,
  r1m: partials('r1m', 1, 6 * HOUR_MS),
  r5m: partials('r5m', 8, 32 * HOUR_MS),
  r1h: partials('r1h', 32, 16 * DAY_MS),
  r1d: partials('r1d', 512, 256 * DAY_MS),
  k1m: sketchRows('k1m', 1, HOUR_MS),
  k1h: sketchRows('k1h', 32, 2 * DAY_MS),
  k1d: sketchRows('k1d', 512, 32 * DAY_MS),
}

const rawTables: ReadonlySet<TableName> = new Set<RawTableName>([
  'samples',
  'hist',
  'sketch',
  'tasks',
  'events',
  'sessions',
])

export function isRawTable(name: TableName): name is RawTableName {
  return rawTables.has(name)
}

/** Raised when the columns of a sealed file change; `stored.ts` reads all of them. */
export const SEGMENT_SCHEMA_VERSION = 2

/** The columns as blocks of numbers hold them: with times as doubles. */
export function numberColumns({ columns }: TableSpec): Column[] {
  return columns.map(({ name, type }) => column(name, type === BIGINT ? DOUBLE : type))
}

export function createTableSql(name: string, spec: TableSpec): string {
  return `CREATE TABLE ${name} (${spec.columns.map((c) => `"${c.name}" ${c.type}`).join(', ')})`
}

/** Do rollups hold the table's rows as well? */
export function isRolledUpTable(name: TableName): boolean {
  return isRawTable(name) && tables[name].series !== undefined
}
