/** The manifest: which segments exist, with their checksums. A file that it does not name is not data. */
import type Database from 'better-sqlite3'
import type { ProjectId } from '../model.js'

/** Names of the tables that segments hold; also folder names. */
export type TableName = 'samples' | 'hist' | 'sketch' | 'tasks' | 'events' | 'sessions'

export interface SegmentRecord {
  /** Path below `segments/`, with forward slashes. */
  file: string
  project: ProjectId
  table: TableName
  /** UTC day number since 1970-01-01. */
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
}

const COLUMNS = `file, project, table_name AS "table", day, seq_from AS seqFrom, seq_to AS seqTo, rows, bytes,
  min_time_ms AS minTimeMs, max_time_ms AS maxTimeMs, min_series AS minSeries, max_series AS maxSeries, crc32,
  created_ms AS createdMs, schema_version AS schemaVersion`

export class Manifest {
  readonly #list: Database.Statement<[], SegmentRecord>
  readonly #damaged: Database.Statement<[], { count: number }>
  readonly #insert: Database.Statement<[SegmentRecord]>
  readonly #mark: Database.Statement<[string, string]>

  constructor(db: Database.Database) {
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM segments WHERE damaged IS NULL ORDER BY id`)
    this.#damaged = db.prepare('SELECT count(*) AS count FROM segments WHERE damaged IS NOT NULL')
    this.#insert = db.prepare(`
      INSERT INTO segments (file, project, table_name, day, seq_from, seq_to, rows, bytes, min_time_ms, max_time_ms,
        min_series, max_series, crc32, created_ms, schema_version)
      VALUES (@file, @project, @table, @day, @seqFrom, @seqTo, @rows, @bytes, @minTimeMs, @maxTimeMs,
        @minSeries, @maxSeries, @crc32, @createdMs, @schemaVersion)`)
    this.#mark = db.prepare('UPDATE segments SET damaged = ? WHERE file = ?')
  }

  list(): SegmentRecord[] {
    return this.#list.all()
  }

  damagedCount(): number {
    return this.#damaged.get()?.count ?? 0
  }

  /** Inside a transaction of the journal. */
  insert(record: SegmentRecord): void {
    this.#insert.run(record)
  }

  markDamaged(file: string, reason: string): void {
    this.#mark.run(reason, file)
  }
}
