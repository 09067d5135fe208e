/** The manifest: which segments exist, with their checksums. A file that it does not name is not data. */
import type Database from 'better-sqlite3'
import type { ProjectId } from '../model.js'
import { DamagedJournal, segmentCheck } from './checks.js'
import { SEGMENT_COLUMNS, type SegmentRecord, type TableName } from './segment-record.js'

/** What a change of the manifest does besides, or instead of, adding segments. */
export interface Replacement {
  added: readonly SegmentRecord[]
  /** Files that are no data any more. */
  removed: readonly string[]
  /** Files whose rows are in the rollups from now on. */
  rolledUp?: readonly string[]
}

export class Manifest {
  readonly #list: Database.Statement<[], SegmentRecord & { check32: number }>
  readonly #latest: Database.Statement<[], { project: ProjectId; table: TableName; maxTimeMs: number }>
  readonly #damaged: Database.Statement<[], { count: number }>
  readonly #insert: Database.Statement<[SegmentRecord & { check32: number }]>
  readonly #get: Database.Statement<[string], SegmentRecord>
  readonly #mark: Database.Statement<[string, string]>
  readonly #remove: Database.Statement<[string]>
  readonly #update: Database.Statement<[number, string, number, string]>

  constructor(db: Database.Database) {
    this.#list = db.prepare(`SELECT ${SEGMENT_COLUMNS}, check32 FROM segments WHERE damaged IS NULL ORDER BY id`)
    this.#latest = db.prepare(
      'SELECT project, table_name AS "table", max(max_time_ms) AS maxTimeMs FROM segments GROUP BY 1, 2',
    )
    this.#damaged = db.prepare('SELECT count(*) AS count FROM segments WHERE damaged IS NOT NULL')
    this.#insert = db.prepare(`
      INSERT INTO segments (file, project, table_name, day, seq_from, seq_to, rows, bytes, min_time_ms, max_time_ms,
        min_series, max_series, crc32, created_ms, schema_version, rolled_up, dropped, check32)
      VALUES (@file, @project, @table, @day, @seqFrom, @seqTo, @rows, @bytes, @minTimeMs, @maxTimeMs,
        @minSeries, @maxSeries, @crc32, @createdMs, @schemaVersion, @rolledUp, @dropped, @check32)`)
    this.#get = db.prepare(`SELECT ${SEGMENT_COLUMNS} FROM segments WHERE file = ? AND damaged IS NULL`)
    this.#mark = db.prepare('UPDATE segments SET damaged = ? WHERE file = ?')
    this.#remove = db.prepare('DELETE FROM segments WHERE file = ? AND damaged IS NULL')
    this.#update = db.prepare('UPDATE segments SET rolled_up = ?, dropped = ?, check32 = ? WHERE file = ?')
  }

  /** Throws `DamagedJournal` where a row is not as it was written. */
  list(): SegmentRecord[] {
    return this.#list.all().map(({ check32, ...record }) => {
      if (segmentCheck(record) === check32) return record
      throw new DamagedJournal(`the entry of segment ${record.file} does not match its checksum`)
    })
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
    this.#insert.run({ dropped: '', ...record, check32: segmentCheck(record) })
  }

  /** Inside a transaction of the journal. Throws where a file that should go, or change, is not named any more. */
  replace({ added, removed, rolledUp = [] }: Replacement): void {
    for (const record of added) this.insert(record)
    for (const file of removed) expectOne(file, this.#remove.run(file).changes)
    for (const file of rolledUp) expectOne(file, this.#change(file, { rolledUp: 1 }))
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
    this.#change(file, { dropped })
  }

  markDamaged(file: string, reason: string): void {
    this.#mark.run(reason, file)
  }

  /** Rows changed: 0 or 1. */
  #change(file: string, change: Partial<SegmentRecord>): number {
    const before = this.#get.get(file)
    if (before === undefined) return 0
    const record = { dropped: '', ...before, ...change }
    return this.#update.run(record.rolledUp, record.dropped, segmentCheck(record), file).changes
  }
}

function expectOne(file: string, changes: number): void {
  if (changes !== 1) throw new Error(`segment ${file} has left the manifest`)
}
