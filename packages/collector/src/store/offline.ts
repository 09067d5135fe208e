/**
 * Reads a data folder without holding it: for commands that check or copy what is on disk, whether or not a collector
 * serves from there. SQLite's WAL gives a consistent view of the journal, segments never change once they are written,
 * and one that is gone because it was merged is no longer in the manifest either.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import Database from 'better-sqlite3'
import { TelltaleError } from '../errors.js'
import {
  BAD_CHECKSUM,
  doubts,
  type EntryFields,
  entryCheck,
  JOURNAL_SCHEMA_VERSION,
  messageOf,
  storageError,
} from '../journal/index.js'
import { crc32OfFile } from './disk.js'
import type { VerifyReport } from './store.js'

/** A segment as every version of the manifest describes it. */
export interface SegmentEntry {
  file: string
  bytes: number
  rows: number
  crc32: number
  /** Why it was set aside; null where it is in use. */
  damaged: string | null
}

export interface Progress {
  doneBytes: number
  totalBytes: number
}

interface EntryRow extends EntryFields {
  crc32: number
}

/** Journal entries read at once: few, so that no long read keeps SQLite from tidying its log. */
const ENTRIES_AT_ONCE = 64
/** Manifests read before what still changes is left to the next run. */
const MAX_PASSES = 5

/** Opens `journal.db` for reading. Throws where there is none, or a newer version has written it. */
export function openJournalForReading(dataDir: string): Database.Database {
  const file = join(dataDir, 'journal.db')
  if (!existsSync(file)) {
    throw new TelltaleError('storage_unavailable', `There is no Telltale data in ${dataDir}: journal.db is missing`)
  }
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly: true, timeout: 5000 })
    const version = db
      .prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'schema_version'`)
      .get()?.value
    if (version === undefined || version <= JOURNAL_SCHEMA_VERSION) return db
    throw new TelltaleError(
      'storage_unavailable',
      `This data folder was written by a newer version (storage schema ${version}, this one reads ${JOURNAL_SCHEMA_VERSION}). Upgrade telltale.`,
    )
  } catch (error) {
    db?.close()
    throw storageError(error, 'read journal.db')
  }
}

export function segmentEntries(db: Database.Database): SegmentEntry[] {
  return db.prepare<[], SegmentEntry>('SELECT file, bytes, rows, crc32, damaged FROM segments ORDER BY id').all()
}

/** Checks both databases, every live journal entry, the manifest and every segment; changes nothing. */
export async function verifyFolder(dataDir: string, onProgress: (progress: Progress) => void): Promise<VerifyReport> {
  const report: VerifyReport = { segments: 0, journalEntries: 0, failures: [] }
  checkCatalog(join(dataDir, 'catalog.db'), report)
  let db: Database.Database
  try {
    db = openJournalForReading(dataDir)
  } catch (error) {
    if (!existsSync(join(dataDir, 'journal.db'))) throw error
    report.failures.push({ what: 'journal.db', reason: messageOf(error) })
    return report
  }
  try {
    report.failures.push(...doubts(db))
    verifyEntries(db, report)
    await verifySegments(db, join(dataDir, 'segments'), report, onProgress)
  } catch (error) {
    report.failures.push({ what: 'journal.db', reason: messageOf(error) })
  } finally {
    db.close()
  }
  return report
}

function checkCatalog(file: string, { failures }: VerifyReport): void {
  if (!existsSync(file)) return
  const what = 'catalog.db'
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly: true, timeout: 5000 })
    const answer = db.pragma('quick_check(10)') as { quick_check: string }[]
    for (const { quick_check: problem } of answer) if (problem !== 'ok') failures.push({ what, reason: problem })
  } catch (error) {
    failures.push({ what, reason: messageOf(error) })
  } finally {
    db?.close()
  }
}

function verifyEntries(db: Database.Database, report: VerifyReport): void {
  const after = db.prepare<[number], EntryRow>(`
    SELECT seq, project, stream, sequence, received_ms AS receivedMs, crc32, payload
    FROM journal WHERE seq > ? ORDER BY seq LIMIT ${ENTRIES_AT_ONCE}`)
  const version = db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'schema_version'`).get()?.value
  // Until version 4 the checksum was that of the payload.
  const checkOf = version !== undefined && version < 5 ? ({ payload }: EntryRow) => crc32(payload) : entryCheck
  // What is sealed already is in segments, and only waits for its deletion here.
  let seq = db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'sealed_seq'`).get()?.value ?? 0
  for (let rows = after.all(seq); rows.length > 0; rows = after.all(seq)) {
    for (const row of rows) {
      report.journalEntries++
      seq = row.seq
      if (checkOf(row) === row.crc32) continue
      report.failures.push({ what: `journal entry ${seq}`, reason: 'the checksum does not match' })
    }
  }
  // Folders of older versions give no reason.
  for (const { seq, reason } of db
    .prepare<[], { seq: number; reason?: string }>('SELECT * FROM journal_damaged')
    .all()) {
    report.failures.push({ what: `journal entry ${seq}`, reason: `set aside: ${reason ?? BAD_CHECKSUM}` })
  }
}

async function verifySegments(
  db: Database.Database,
  folder: string,
  report: VerifyReport,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const checked = new Set<string>()
  const isNamed = db.prepare<[string], { named: number }>(
    'SELECT 1 AS named FROM segments WHERE file = ? AND damaged IS NULL',
  )
  let doneBytes = 0
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const fresh = segmentEntries(db).filter(({ file }) => !checked.has(file))
    if (fresh.length === 0) return
    const totalBytes = doneBytes + fresh.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const entry of fresh) {
      checked.add(entry.file)
      const reason = entry.damaged === null ? await segmentProblem(folder, entry) : `set aside: ${entry.damaged}`
      doneBytes += entry.bytes
      onProgress({ doneBytes, totalBytes })
      // Merged or expired while we looked: its rows are in a file that the next pass checks.
      if (reason !== undefined && entry.damaged === null && isNamed.get(entry.file) === undefined) continue
      report.segments++
      if (reason !== undefined) report.failures.push({ what: `segment ${entry.file}`, reason })
    }
  }
}

/** What is wrong with the file of a segment, or undefined. */
async function segmentProblem(
  folder: string,
  { file, bytes, crc32: expected }: SegmentEntry,
): Promise<string | undefined> {
  try {
    const found = await crc32OfFile(join(folder, file))
    if (found.bytes !== bytes) return `${found.bytes} bytes, not ${bytes}`
    return found.crc32 === expected ? undefined : 'the checksum does not match'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'the file is missing' : messageOf(error)
  }
}
