/** Opens `journal.db`, after a look at whether it can be believed; a broken one is set aside and its rows are salvaged. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { checkMeta, checkStructure, DamagedJournal, isDamage, type StreamFields, streamCheck } from './checks.js'
import { readHighestSeq } from './highest-seq.js'
import { Journal, type JournalOptions } from './journal.js'
import { Manifest } from './manifest.js'
import { ManifestCopy, manifestCopyPath } from './manifest-copy.js'
import { finishSalvage, salvage } from './salvage.js'
import { JOURNAL_SCHEMA_VERSION, sealedSeqOf } from './schema.js'
import { SeriesTable } from './series-table.js'
import { codeOf, messageOf } from './storage-error.js'

type Log = (level: 'warn' | 'error', message: string, fields: Record<string, unknown>) => void

export function openJournal(options: JournalOptions & { log: Log }): Journal {
  const { file, log } = options
  finishSalvage(file)
  const highestSeq = readHighestSeq(`${file}.seq`)
  const reason = damageOf(file, highestSeq)
  if (reason !== undefined) {
    log('error', 'journal.db is damaged; what can be read out of it is being salvaged', { reason })
    const { lostBatches, manifest, ...salvaged } = salvage(file, reason, highestSeq)
    const level = lostBatches > 0 || manifest === 'parts' ? 'error' : 'warn'
    log(level, 'journal.db has been made anew; the damaged one is kept in damaged/', {
      ...{ reason, lostBatches, manifest },
      ...salvaged,
    })
  }
  const copy = new ManifestCopy(file, (error) =>
    log('warn', 'the copy of the manifest could not be written', { error: messageOf(error) }),
  )
  return new Journal(options, copy)
}

/** Why the file cannot be believed; undefined where it can, or where there is nothing yet. */
function damageOf(file: string, highestSeq: number): string | undefined {
  // Folders of versions before these checks have no copy. Of a broken file without one, nothing can be proven.
  const hasCopy = existsSync(manifestCopyPath(file))
  if (!hasCopy) return undefined
  if (!existsSync(file)) return 'the file is missing'
  // SQLite would delete the log of an empty file.
  if (statSync(file).size === 0) return highestSeq > 0 || existsSync(`${file}-wal`) ? 'the file is empty' : undefined
  let db: Database.Database | undefined
  try {
    db = new Database(file, { readonly: true, timeout: 5000 })
    const [first] = doubts(db)
    if (first !== undefined) return first.reason
    checkEnd(db, highestSeq)
    return undefined
  } catch (error) {
    if (isDamage(error) || (codeOf(error) === 'SQLITE_READONLY' && isWritable(file))) return messageOf(error)
    throw error
  } finally {
    db?.close()
  }
}

export interface Doubt {
  what: string
  reason: string
}

/** What cannot be believed of a database, of any version; batches in it are checked when they are read. */
export function* doubts(db: Database.Database): Generator<Doubt> {
  const checks: [what: string, check: (db: Database.Database) => void][] = [
    ['journal.db', checkStructure],
    ['journal.db', checkMeta],
    ['manifest', (of) => new Manifest(of).list()],
    ['series', (of) => new SeriesTable(of).load()],
    ['streams', checkStreams],
  ]
  for (const [what, check] of checks) {
    // Before version 5 nothing but the structure can be checked; whoever opens a newer one refuses it.
    if (check !== checkStructure && check !== checkMeta && versionOf(db) !== JOURNAL_SCHEMA_VERSION) return
    if (check === checkMeta && versionOf(db) < JOURNAL_SCHEMA_VERSION && !isChecked(db)) return
    try {
      check(db)
    } catch (error) {
      if (!isDamage(error)) throw error
      yield { what, reason: messageOf(error) }
    }
  }
}

function isChecked(db: Database.Database): boolean {
  return db.prepare(`SELECT 1 FROM meta WHERE key = 'check'`).get() !== undefined
}

function versionOf(db: Database.Database): number {
  return db.prepare<[], { value: number }>(`SELECT value FROM meta WHERE key = 'schema_version'`).get()?.value ?? 0
}

function checkStreams(db: Database.Database): void {
  const rows = db.prepare<[], StreamFields & { check32: number }>(
    'SELECT project, stream, watermark, bitmap, last_seen_ms AS lastSeenMs, check32 FROM streams',
  )
  for (const row of rows.iterate()) {
    if (streamCheck(row) !== row.check32) throw new DamagedJournal('the window of a stream does not match its checksum')
  }
}

/** SQLite takes a log that breaks off for one that ends there: batches behind the break may still be legible. */
function checkEnd(db: Database.Database, highestSeq: number): void {
  const last = db.prepare<[], { seq: number | null }>(
    'SELECT max(seq) AS seq FROM (SELECT max(seq) AS seq FROM journal UNION SELECT max(seq) FROM journal_damaged)',
  )
  const seq = Math.max(last.get()?.seq ?? 0, sealedSeqOf(db))
  if (seq < highestSeq) throw new DamagedJournal(`its log breaks off at batch ${seq}, of ${highestSeq}`)
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}
