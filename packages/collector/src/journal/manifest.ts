/** The manifest: which segments exist, with their checksums. A file that it does not name is not data. */
import type Database from 'better-sqlite3'
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

/** What a change of the manifest does besides, or instead of, adding segments. */
export interface Replacement {
  added: readonly SegmentRecord[]
  /** Files that are no data any more. */
  removed: readonly string[]
  /** Files whose rows are in the rollups from now on. */
  rolledUp?: readonly string[]
}

const COLUMNS = `file, project, table_name AS "table", day, seq_from AS seqFrom, seq_to AS seqTo, rows, bytes,
  min_time_ms AS minTimeMs, max_time_ms AS maxTimeMs, min_series AS minSeries, max_series AS maxSeries, crc32,
  created_ms AS createdMs, schema_version AS schemaVersion, rolled_up AS rolledUp, dropped`

export class Manifest {
  readonly #list: Database.Statement<[], SegmentRecord>
  readonly #latest: Database.Statement<[], { project: ProjectId; table: TableName; maxTimeMs: number }>
  readonly #damaged: Database.Statement<[], { count: number }>
  readonly #insert: Database.Statement<[SegmentRecord]>
  readonly #get: Database.Statement<[string], { rolledUp: 0 | 1 }>
  readonly #mark: Database.Statement<[string, string]>
  readonly #remove: Database.Statement<[string]>
  readonly #rolledUp: Database.Statement<[string]>
  readonly #dropped: Database.Statement<[string, string]>

  constructor(db: Database.Database) {
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM segments WHERE damaged IS NULL ORDER BY id`)
    this.#latest = db.prepare(
      'SELECT project, table_name AS "table", max(max_time_ms) AS maxTimeMs FROM segments GROUP BY 1, 2',
    )
    this.#damaged = db.prepare('SELECT count(*) AS count FROM segments WHERE damaged IS NOT NULL')
    this.#insert = db.prepare(`
      INSERT INTO segments (file, project, table_name, day, seq_from, seq_to, rows, bytes, min_time_ms, max_time_ms,
        min_series, max_series, crc32, created_ms, schema_version, rolled_up, dropped)
      VALUES (@file, @project, @table, @day, @seqFrom, @seqTo, @rows, @bytes, @minTimeMs, @maxTimeMs,
        @minSeries, @maxSeries, @crc32, @createdMs, @schemaVersion, @rolledUp, @dropped)`)
    this.#get = db.prepare('SELECT rolled_up AS rolledUp FROM segments WHERE file = ? AND damaged IS NULL')
    this.#mark = db.prepare('UPDATE segments SET damaged = ? WHERE file = ?')
    this.#remove = db.prepare('DELETE FROM segments WHERE file = ? AND damaged IS NULL')
    this.#dropped = db.prepare('UPDATE segments SET dropped = ? WHERE file = ?')
    this.#rolledUp = db.prepare('UPDATE segments SET rolled_up = 1 WHERE file = ? AND damaged IS NULL')
  }

  list(): SegmentRecord[] {
    return this.#list.all()
  }

  /** The newest time that a table of a project ever held, damaged segments included. */
  latest(): { project: ProjectId; table: TableName; maxTimeMs: number }[] {
    return this.#latest.all()
  }

  damagedCount(): number {
    return this.#damaged.get()?.count ?? 0
  }

  /** Inside a transaction of the journal. */
  insert(record: SegmentRecord): void {
    this.#insert.run({ dropped: '', ...record })
  }

  /** Inside a transaction of the journal. Throws where a file that should go, or change, is not named any more. */
  replace({ added, removed, rolledUp = [] }: Replacement): void {
    for (const record of added) this.insert(record)
    for (const file of removed) expectOne(file, this.#remove.run(file).changes)
    for (const file of rolledUp) expectOne(file, this.#rolledUp.run(file).changes)
  }

  /** Has this replacement been made? */
  isReplaced({ added, removed, rolledUp = [] }: Replacement): boolean {
    return (
      added.every(({ file }) => this.#get.get(file) !== undefined) &&
      removed.every((file) => this.#get.get(file) === undefined) &&
      rolledUp.every((file) => this.#get.get(file)?.rolledUp === 1)
    )
  }

  markDropped(file: string, dropped: string): void {
    this.#dropped.run(dropped, file)
  }

  markDamaged(file: string, reason: string): void {
    this.#mark.run(reason, file)
  }
}

function expectOne(file: string, changes: number): void {
  if (changes !== 1) throw new Error(`segment ${file} has left the manifest`)
}
