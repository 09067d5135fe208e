/**
 * Checksums of rows. SQLite has none: a flipped bit in a number of `journal.db` is a wrong number and no error. So each row
 * that answers depend on carries a CRC-32 of what it says, and what it does not match is not believed.
 */
import { crc32 } from 'node:zlib'
import type Database from 'better-sqlite3'
import type { SegmentRecord } from './segment-record.js'
import { codeOf } from './storage-error.js'

/** A file of ours that is not as it was written. */
export class DamagedJournal extends Error {}

export interface EntryFields {
  seq: number
  project: number
  stream: Uint8Array
  sequence: number
  receivedMs: number
  payload: Uint8Array
}

/** Of a batch: its bytes, and what they are stored under. */
export function entryCheck({ seq, project, stream, sequence, receivedMs, payload }: EntryFields): number {
  return crc32(`${seq}:${project}:${sequence}:${receivedMs}`, crc32(stream, crc32(payload)))
}

export interface SeriesFields {
  id: number
  project: number
  metric: string
  kind: number
  unit: string
  description: string
  /** JSON. */
  attributes: string
}

export function seriesCheck(s: SeriesFields): number {
  return crc32(`${s.id}\n${s.project}\n${s.kind}\n${s.metric}\n${s.unit}\n${s.description}\n${s.attributes}`)
}

/** Not of the reason for which it was set aside: without one, its file must be there and match. */
export function segmentCheck(record: Omit<SegmentRecord, 'table'> & { table: string }): number {
  const { file, project, table, day, seqFrom, seqTo, rows, bytes, minTimeMs, maxTimeMs, minSeries, maxSeries } = record
  const { crc32: ofFile, createdMs, schemaVersion, rolledUp, dropped = '' } = record
  const place = [file, project, table, day, seqFrom, seqTo, rows, bytes]
  const content = [minTimeMs, maxTimeMs, minSeries, maxSeries, ofFile, createdMs, schemaVersion, rolledUp, dropped]
  return crc32(JSON.stringify([...place, ...content]))
}

export interface StreamFields {
  project: number
  stream: Uint8Array
  watermark: number
  bitmap: Uint8Array
  lastSeenMs: number
}

export function streamCheck({ project, stream, watermark, bitmap, lastSeenMs }: StreamFields): number {
  // The bitmap may be empty: zlib begins anew at those, so that it must come first.
  return crc32(`${project}:${watermark}:${lastSeenMs}`, crc32(stream, crc32(bitmap)))
}

/** Of all other rows of `meta`. */
export function metaCheck(db: Database.Database): number {
  const rows = db.prepare<[], { key: string; value: number }>(`SELECT key, value FROM meta WHERE key <> 'check'`).all()
  return crc32(JSON.stringify(rows.map(({ key, value }) => `${key}=${value}`).sort()))
}

/** After each change of `meta`, in the same transaction. */
export function sealMeta(db: Database.Database): void {
  db.prepare(`INSERT OR REPLACE INTO meta VALUES ('check', ?)`).run(metaCheck(db))
}

/** Throws where a number of `meta` is not as it was written. */
export function checkMeta(db: Database.Database): void {
  const check = db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'check'`).get()
  if (check?.value !== metaCheck(db)) throw new DamagedJournal('its own notes (meta) do not match their checksum')
}

/** Throws where SQLite finds pages that do not fit together. */
export function checkStructure(db: Database.Database): void {
  const [answer] = db.pragma('quick_check(1)') as { quick_check: string }[]
  if (answer?.quick_check !== 'ok') throw new DamagedJournal(answer?.quick_check ?? 'it cannot be checked')
}

/** Codes that speak of the disk, the folder or other processes, and not of what is in the file. */
const notOfTheFile = /^SQLITE_(IOERR|FULL|BUSY|LOCKED|CANTOPEN|NOMEM|PERM|AUTH|INTERRUPT|PROTOCOL|READONLY)/

/** Does this error, of a file that is there, say that what is in it is broken? */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedJournal) return true
  const code = codeOf(error)
  return code.startsWith('SQLITE_') && !notOfTheFile.test(code)
}
