/** The tables of `journal.db`, the collector's one system of record beside the segments that it lists. */
import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import { entryCheck, sealMeta, segmentCheck, seriesCheck, streamCheck } from './checks.js'
import { SEGMENT_COLUMNS, type SegmentRecord } from './segment-record.js'

/** Raised with every change of the tables below; an older file is brought up to date by a step in `prepareSchema`. */
export const JOURNAL_SCHEMA_VERSION = 5

/** Why an entry was set aside, where nothing else is known. */
export const BAD_CHECKSUM = 'the checksum does not match'

const DDL = `
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY,
    project INTEGER NOT NULL,
    stream BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    received_ms REAL NOT NULL,
    crc32 INTEGER NOT NULL,
    payload BLOB NOT NULL
  );
  CREATE TABLE IF NOT EXISTS journal_damaged (
    seq INTEGER PRIMARY KEY,
    project INTEGER, stream BLOB, sequence INTEGER, received_ms REAL, crc32 INTEGER, payload BLOB,
    reason TEXT NOT NULL DEFAULT '${BAD_CHECKSUM}'
  );

  CREATE TABLE IF NOT EXISTS streams (
    project INTEGER NOT NULL,
    stream BLOB NOT NULL,
    watermark INTEGER NOT NULL,
    bitmap BLOB NOT NULL,
    last_seen_ms REAL NOT NULL,
    check32 INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project, stream)
  ) WITHOUT ROWID;

  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY,
    project INTEGER NOT NULL,
    metric TEXT NOT NULL,
    kind INTEGER NOT NULL,
    unit TEXT NOT NULL,
    description TEXT NOT NULL,
    attributes TEXT NOT NULL,
    last_seen_ms REAL,
    check32 INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE IF NOT EXISTS segments (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,
    project INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    day INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    min_time_ms INTEGER NOT NULL,
    max_time_ms INTEGER NOT NULL,
    min_series INTEGER NOT NULL,
    max_series INTEGER NOT NULL,
    crc32 INTEGER NOT NULL,
    created_ms REAL NOT NULL,
    schema_version INTEGER NOT NULL,
    damaged TEXT,
    rolled_up INTEGER NOT NULL DEFAULT 0,
    dropped TEXT NOT NULL DEFAULT '',
    check32 INTEGER NOT NULL DEFAULT 0
  );
`

/** Steps from each version to the next, by the version that they start from. */
const MIGRATIONS: Readonly<Record<number, (db: Database.Database) => void>> = {
  // Segments of version 1 are in no rollups; the column says so until a rollup of them has been built.
  1: (db) => db.exec('ALTER TABLE segments ADD COLUMN rolled_up INTEGER NOT NULL DEFAULT 0'),
  // Until version 2 a checksum was the only reason.
  2: (db) => db.exec(`ALTER TABLE journal_damaged ADD COLUMN reason TEXT NOT NULL DEFAULT '${BAD_CHECKSUM}'`),
  // Nothing had been taken out of a segment yet.
  3: (db) => db.exec(`ALTER TABLE segments ADD COLUMN dropped TEXT NOT NULL DEFAULT ''`),
  4: addChecks,
}

/** In one transaction: a kill leaves the file as it was, or brought up to date. */
export function prepareSchema(db: Database.Database, probe: (step: string) => void = () => {}): void {
  db.transaction(() => {
    db.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID')
    const row = db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'schema_version'`).get()
    if (row !== undefined && row.value > JOURNAL_SCHEMA_VERSION) {
      throw new TelltaleError(
        'storage_unavailable',
        `This data folder was written by a newer version (storage schema ${row.value}, this one reads ${JOURNAL_SCHEMA_VERSION}). Upgrade the collector.`,
      )
    }
    for (let from = row?.value ?? JOURNAL_SCHEMA_VERSION; from < JOURNAL_SCHEMA_VERSION; from++) {
      MIGRATIONS[from]!(db)
      probe(`migrate.${from}`)
    }
    db.exec(DDL)
    db.prepare(`INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)`).run(JOURNAL_SCHEMA_VERSION)
    sealMeta(db)
    probe('migrate.end')
  }).immediate()
  probe('migrate.committed')
}

/** Everything up to this batch is in segments. */
export function sealedSeqOf(db: Database.Database): number {
  return db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'sealed_seq'`).get()?.value ?? 0
}

/** Until version 4 rows had no checksums, and those of batches covered the payload alone. */
function addChecks(db: Database.Database): void {
  for (const table of ['segments', 'series', 'streams']) {
    db.exec(`ALTER TABLE ${table} ADD COLUMN check32 INTEGER NOT NULL DEFAULT 0`)
  }
  const entries = db.prepare<[], { seq: number }>('SELECT seq FROM journal').all()
  const entry = db.prepare<[number], Parameters<typeof entryCheck>[0] & { crc32: number }>(`
    SELECT seq, project, stream, sequence, received_ms AS receivedMs, crc32, payload FROM journal WHERE seq = ?`)
  const setEntry = db.prepare('UPDATE journal SET crc32 = ? WHERE seq = ?')
  for (const { seq } of entries) {
    const row = entry.get(seq)!
    if (crc32(row.payload) === row.crc32) setEntry.run(entryCheck(row), seq)
  }
  const setSeries = db.prepare('UPDATE series SET check32 = ? WHERE id = ?')
  const series = db.prepare<[], Parameters<typeof seriesCheck>[0]>('SELECT * FROM series')
  for (const row of series.all()) setSeries.run(seriesCheck(row), row.id)
  const setSegment = db.prepare('UPDATE segments SET check32 = ? WHERE file = ?')
  for (const row of db.prepare<[], SegmentRecord>(`SELECT ${SEGMENT_COLUMNS} FROM segments`).all()) {
    setSegment.run(segmentCheck(row), row.file)
  }
  const setStream = db.prepare('UPDATE streams SET check32 = ? WHERE project = ? AND stream = ?')
  const streams = db.prepare<[], Parameters<typeof streamCheck>[0]>(
    'SELECT project, stream, watermark, bitmap, last_seen_ms AS lastSeenMs FROM streams',
  )
  for (const row of streams.all()) setStream.run(streamCheck(row), row.project, row.stream)
}
