/** A segment as the manifest describes it. */
import type { ProjectId } from '../model.js'

/** Tables whose rows come from batches. */
export type RawTableName = 'samples' | 'hist' | 'sketch' | 'tasks' | 'events' | 'sessions'

/** Tables of rollups: partials (r) and sketch rows (k) by bucket length. */
export type LevelTableName = 'r1m' | 'r5m' | 'r1h' | 'r1d' | 'k1m' | 'k1h' | 'k1d'

/** Names of the tables that segments hold; also folder names. */
export type TableName = RawTableName | LevelTableName

export interface SegmentRecord {
  /** Path below `segments/`, with forward slashes. */
  file: string
  project: ProjectId
  table: TableName
  /** First day of the file's partition: a UTC day number since 1970-01-01. */
  day: number
  seqFrom: number
  seqTo: number
  rows: number
  bytes: number
  minTimeMs: number
  maxTimeMs: number
  /** 0 for tables without series. */
  minSeries: number
  maxSeries: number
  crc32: number
  createdMs: number
  schemaVersion: number
  /** 1: the rows are in the rollups as well. Always 0 for tables that have none. */
  rolledUp: 0 | 1
  /** Series that retention has taken out, as JSON: up to which time, by rule. Absent or empty: none. */
  dropped?: string
}

/** As a `SegmentRecord` has them. */
export const SEGMENT_COLUMNS = `file, project, table_name AS "table", day, seq_from AS seqFrom, seq_to AS seqTo, rows, bytes,
  min_time_ms AS minTimeMs, max_time_ms AS maxTimeMs, min_series AS minSeries, max_series AS maxSeries, crc32,
  created_ms AS createdMs, schema_version AS schemaVersion, rolled_up AS rolledUp, dropped`
