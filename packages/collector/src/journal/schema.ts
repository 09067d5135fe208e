/** The tables of `journal.db`, the collector's one system of record beside the segments that it lists. */
import type Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'

/** Raised with every change of the tables below; an older file is brought up to date by a step in `prepareSchema`. */
export const JOURNAL_SCHEMA_VERSION = 4

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
    last_seen_ms REAL
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
    dropped TEXT NOT NULL DEFAULT ''
  );
`

/** Steps from each version to the next, by the version that they start from. */
const MIGRATIONS: Readonly<Record<number, string>> = {
  // Segments of version 1 are in no rollups; the column says so until a rollup of them has been built.
  1: 'ALTER TABLE segments ADD COLUMN rolled_up INTEGER NOT NULL DEFAULT 0',
  // Until version 2 a checksum was the only reason.
  2: `ALTER TABLE journal_damaged ADD COLUMN reason TEXT NOT NULL DEFAULT '${BAD_CHECKSUM}'`,
  // Nothing had been taken out of a segment yet.
  3: `ALTER TABLE segments ADD COLUMN dropped TEXT NOT NULL DEFAULT ''`,
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
      db.exec(MIGRATIONS[from]!)
      probe(`migrate.${from}`)
    }
    db.exec(DDL)
    db.prepare(`INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)`).run(JOURNAL_SCHEMA_VERSION)
    probe('migrate.end')
  }).immediate()
  probe('migrate.committed')
}
