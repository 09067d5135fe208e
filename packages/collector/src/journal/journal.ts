/**
 * The journal: the SQLite file that makes a batch durable before it is acknowledged. `commit` writes a group of batches
 * in one transaction (deduplication windows, new series, payloads); sealing later moves the mark up to which segments
 * hold everything, and the rows below it are deleted bit by bit.
 */
import Database from 'better-sqlite3'
import type { NumberedBatch } from '../model.js'
import type { Appended, JournalEntry } from '../store/store.js'
import { type EntryFields, entryCheck, sealMeta } from './checks.js'
import { HighestSeq, readHighestSeq } from './highest-seq.js'
import { Manifest, type Replacement } from './manifest.js'
import type { ManifestCopy } from './manifest-copy.js'
import { BAD_CHECKSUM, prepareSchema, sealedSeqOf } from './schema.js'
import type { SegmentRecord } from './segment-record.js'
import { SeriesTable } from './series-table.js'
import { codeOf, storageError } from './storage-error.js'
import { Streams } from './streams.js'

/** Named moments at which tests break things; in production it does nothing. */
export type Probe = (step: string) => void

export interface JournalOptions {
  file: string
  /** Upper bound of the file; beyond it batches are refused with `storage_full`. */
  maxBytes?: number
  probe?: Probe
  /** Called with each entry that is set aside. */
  onSetAside?: (seq: number, reason: string) => void
}

const PAGE_BYTES = 8192
const REPLAY_CHUNK_BYTES = 4 * 1024 * 1024
const REPLAY_CHUNK_ENTRIES = 1024

interface EntryRow extends EntryFields {
  crc32: number
}

export class Journal {
  readonly series: SeriesTable
  readonly manifest: Manifest
  readonly #db: Database.Database
  readonly #streams: Streams
  readonly #probe: Probe
  readonly #onSetAside: (seq: number, reason: string) => void
  readonly #insert: Database.Statement<[number, number, Uint8Array, number, number, number, Uint8Array]>
  readonly #after: Database.Statement<[number], EntryRow>
  readonly #setAside: Database.Statement<[string, number]>
  readonly #delete: Database.Statement<[number]>
  readonly #trim: Database.Statement<[number, number]>
  readonly #setSealed: Database.Statement<[number]>
  readonly #highest: HighestSeq
  readonly #copy: ManifestCopy | undefined
  #seq: number
  #sealedSeq: number
  /** The disk failed to write or flush: the log is begun anew before anything else is entrusted to it. */
  #suspect = false
  #isAhead = false

  constructor({ file, maxBytes, probe = () => {}, onSetAside = () => {} }: JournalOptions, copy?: ManifestCopy) {
    const db = new Database(file, { timeout: 5000 })
    this.#db = db
    this.#probe = probe
    this.#onSetAside = onSetAside
    // page_size must come first: it cannot change once the file has pages.
    db.pragma(`page_size = ${PAGE_BYTES}`)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // 32 MiB between checkpoints: rows that are sealed soon are then written to the database proper less often.
    db.pragma('wal_autocheckpoint = 4000')
    db.pragma('journal_size_limit = 67108864')
    if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.max(64, Math.floor(maxBytes / PAGE_BYTES))}`)
    prepareSchema(db, probe)
    this.series = new SeriesTable(db)
    this.manifest = new Manifest(db)
    this.#streams = new Streams(db)
    this.#insert = db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#after = db.prepare(
      `SELECT seq, project, stream, sequence, received_ms AS receivedMs, crc32, payload FROM journal WHERE seq > ? ORDER BY seq LIMIT 64`,
    )
    this.#setAside = db.prepare('INSERT OR REPLACE INTO journal_damaged SELECT *, ? FROM journal WHERE seq = ?')
    this.#delete = db.prepare('DELETE FROM journal WHERE seq = ?')
    this.#trim = db.prepare(
      'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal WHERE seq <= ? ORDER BY seq LIMIT ?)',
    )
    this.#setSealed = db.prepare(`INSERT OR REPLACE INTO meta VALUES ('sealed_seq', ?)`)
    this.#sealedSeq = this.#readSealedSeq()
    this.#seq = Math.max(
      this.#sealedSeq,
      this.#number('SELECT max(seq) AS value FROM journal'),
      this.#number('SELECT max(seq) AS value FROM journal_damaged'),
    )
    const highestSeq = readHighestSeq(`${file}.seq`)
    this.#highest = new HighestSeq(`${file}.seq`)
    this.#noteLoss(highestSeq)
    this.#copy = copy
    copy?.update()
  }

  /** The highest durable sequence number. */
  get seq(): number {
    return this.#seq
  }

  /** Everything up to here is in segments. */
  get sealedSeq(): number {
    return this.#sealedSeq
  }

  /** Makes a group of batches durable, all or none; on return the disk has confirmed them. */
  commit(batches: readonly NumberedBatch[]): Appended[] {
    const db = this.#db
    const outcomes: Appended[] = []
    let seq = this.#seq
    let isCommitting = false
    try {
      if (this.#suspect) this.shrink()
      this.#probe('commit.begin')
      db.exec('BEGIN IMMEDIATE')
      for (const batch of batches) {
        if (!this.#streams.claim(batch.project, batch.streamId, batch.sequence)) {
          outcomes.push({ seq, duplicate: true })
          continue
        }
        seq++
        for (const def of batch.newSeries) this.series.insert(def)
        const { project, streamId, sequence, receivedMs, payload } = batch
        const crc32 = entryCheck({ seq, project, stream: streamId, sequence, receivedMs, payload })
        this.#insert.run(seq, project, streamId, sequence, receivedMs, crc32, payload)
        outcomes.push({ seq, duplicate: false })
      }
      this.#streams.write(Date.now())
      this.#probe('commit.end')
      isCommitting = true
      db.exec('COMMIT')
      this.#probe('commit.committed')
    } catch (error) {
      this.#undo(error, isCommitting)
      const isIn = () => this.#number('SELECT max(seq) AS value FROM journal') >= seq
      const isStored = isCommitting && seq > this.#seq ? this.#ask(isIn) : false
      if (isStored !== true || this.#suspect) {
        this.#streams.rolledBack()
        this.#isAhead ||= isStored !== false
        throw storageError(error, 'store the batch')
      }
    }
    this.#streams.committed()
    if (seq > this.#seq) this.#highest.write(seq)
    this.#seq = seq
    return outcomes
  }

  /**
   * Entries that are not in segments yet, oldest first, in chunks of a few MiB; those of `alone` one by one. An entry
   * whose checksum fails is set aside.
   */
  *replay(alone?: { from: number; to: number }): Generator<JournalEntry[]> {
    let chunk: JournalEntry[] = []
    let bytes = 0
    let after = this.#sealedSeq
    const isAlone = (seq: number) => alone !== undefined && seq >= alone.from && seq <= alone.to
    for (;;) {
      const rows = this.#after.all(after)
      if (rows.length === 0) break
      for (const row of rows) {
        const { seq, project, receivedMs, payload } = row
        const entry = { seq, project, receivedMs, payload }
        after = seq
        if (entryCheck(row) !== row.crc32) {
          this.setAside(entry.seq, BAD_CHECKSUM)
          continue
        }
        const single = isAlone(entry.seq)
        if (single && chunk.length > 0) {
          yield chunk
          chunk = []
          bytes = 0
        }
        chunk.push(entry)
        bytes += entry.payload.length
        if (!single && bytes < REPLAY_CHUNK_BYTES && chunk.length < REPLAY_CHUNK_ENTRIES) continue
        yield chunk
        chunk = []
        bytes = 0
      }
    }
    if (chunk.length > 0) yield chunk
  }

  /** Takes an entry out of what is replayed; it is kept, with the reason, and `verify` lists it. */
  setAside(seq: number, reason: string): void {
    this.#db.transaction(() => {
      this.#setAside.run(reason, seq)
      this.#delete.run(seq)
    })()
    this.#onSetAside(seq, reason)
  }

  /** Batches that were durable and are not in the log any more: it was damaged, and breaks off before them. */
  #noteLoss(highest: number): void {
    if (highest <= this.#seq) return
    const [first, count] = [this.#seq + 1, highest - this.#seq]
    const reason = `${count} ${count === 1 ? 'batch' : 'batches'} from here on are missing from the log`
    this.#db.prepare('INSERT OR IGNORE INTO journal_damaged (seq, reason) VALUES (?, ?)').run(first, reason)
    this.#onSetAside(first, reason)
    this.#seq = highest
    this.#db
      .prepare('INSERT OR IGNORE INTO journal_damaged (seq, reason) VALUES (?, ?)')
      .run(highest, 'the last of these')
  }

  /** Entries that were set aside. */
  get damaged(): number {
    return this.#number('SELECT count(*) AS value FROM journal_damaged')
  }

  /** Reads every live entry against its checksum, and lists those that were set aside. */
  verify(): { entries: number; failures: { seq: number; reason: string }[] } {
    const failures: { seq: number; reason: string }[] = []
    let entries = 0
    let after = this.#sealedSeq
    for (;;) {
      const rows = this.#after.all(after)
      if (rows.length === 0) break
      for (const row of rows) {
        entries++
        after = row.seq
        if (entryCheck(row) !== row.crc32) failures.push({ seq: row.seq, reason: BAD_CHECKSUM })
      }
    }
    const aside = this.#db.prepare<[], { seq: number; reason: string }>('SELECT seq, reason FROM journal_damaged')
    return { entries, failures: [...failures, ...aside.all()] }
  }

  /** Adds segments and declares everything up to `seq` sealed: one transaction, the moment at which rows change places. */
  seal(records: readonly SegmentRecord[], seq: number): void {
    this.#changeManifest(
      () => {
        // Sealed twice, these rows would be double.
        if (this.#readSealedSeq() >= seq) throw new Error(`everything up to batch ${seq} is sealed already`)
        for (const record of records) this.manifest.insert(record)
        this.#setSealed.run(seq)
        sealMeta(this.#db)
      },
      () => this.#readSealedSeq() >= seq,
    )
    this.#sealedSeq = seq
  }

  /** Puts segments in the place of others, in one transaction. */
  replaceSegments(replacement: Replacement): void {
    this.#changeManifest(
      () => this.manifest.replace(replacement),
      () => this.manifest.isReplaced(replacement),
    )
  }

  /** Notes that a segment holds no rows of some series up to a time. */
  markDropped(file: string, dropped: string): void {
    this.#changeManifest(
      () => this.manifest.markDropped(file, dropped),
      () => false,
    )
  }

  /** What the database says, after a change of the manifest that may have been made or not; throws while it cannot. */
  readBack(): { sealedSeq: number; segments: SegmentRecord[] } {
    if (this.#suspect) this.shrink()
    this.#sealedSeq = this.#readSealedSeq()
    return { sealedSeq: this.#sealedSeq, segments: this.manifest.list() }
  }

  /**
   * False while a transaction that failed may yet come back: its frames are in the log, whole, and a start after a kill would
   * take them for committed. Files that it adds, and those that it takes out, must stay till then.
   */
  get isCertain(): boolean {
    return !this.#suspect
  }

  /** The database may hold batches that nobody here knows of; only a start, which replays it, brings them back. */
  get isAhead(): boolean {
    return this.#isAhead
  }

  /** After an error inside a transaction. Where COMMIT gave it, the log may hold the transaction all the same. */
  #undo(error: unknown, isCommitting: boolean): void {
    const code = codeOf(error)
    try {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
    } catch {
      this.#suspect = true
    }
    // Full or busy: SQLite gave up before the last frame was written.
    const isClear = code === 'SQLITE_FULL' || code === 'SQLITE_BUSY'
    if (code.startsWith('SQLITE_IOERR') || (isCommitting && !isClear)) this.#distrust()
  }

  /** Is a transaction whose COMMIT failed in the database? Undefined where that cannot be read. */
  #ask(isIn: () => boolean): boolean | undefined {
    try {
      return isIn()
    } catch {
      this.#suspect = true
      return undefined
    }
  }

  #readSealedSeq(): number {
    return sealedSeqOf(this.#db)
  }

  #distrust(): void {
    this.#suspect = true
    try {
      this.shrink()
    } catch {
      // The disk still fails: the next commit tries again.
    }
  }

  /** Returns where the change is in the database, whatever COMMIT said of it. */
  #changeManifest(change: () => void, isIn: () => boolean): void {
    const db = this.#db
    let isCommitting = false
    try {
      if (this.#suspect) this.shrink()
      this.#probe('manifest.begin')
      db.exec('BEGIN IMMEDIATE')
      change()
      this.#probe('manifest.end')
      isCommitting = true
      db.exec('COMMIT')
      this.#probe('manifest.committed')
    } catch (error) {
      this.#undo(error, isCommitting)
      if (isCommitting && this.#ask(isIn) === true) return
      throw storageError(error, 'change the list of segments')
    }
    // Before anything that is not named any more goes.
    this.#copy?.update()
  }

  /** Deletes up to `limit` sealed rows; true while there is more. Small steps keep commits quick. */
  trim(limit: number): boolean {
    return this.#trim.run(this.#sealedSeq, limit).changes === limit
  }

  /**
   * Moves the log into the database, flushed, and cuts it to nothing. After an error of the disk that is more than tidiness:
   * pages of the log that a failed fsync gave up may look clean to the kernel, so that a later fsync would skip them.
   */
  shrink(): void {
    const [state] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number; log: number; checkpointed: number }[]
    // Busy: somebody reads, a backup say. Everything may be in the database all the same.
    if (state !== undefined && state.busy !== 0 && state.checkpointed < state.log) {
      if (this.#suspect) throw new Error('the log of the journal cannot be begun anew while others read it')
      return
    }
    this.#suspect = false
  }

  pruneStreams(nowMs: number): void {
    this.#streams.prune(nowMs)
  }

  /** Payload bytes and number of entries that are not sealed. */
  size(): { bytes: number; entries: number } {
    const row = this.#db
      .prepare<[number], { bytes: number | null; entries: number }>(
        'SELECT sum(length(payload)) AS bytes, count(*) AS entries FROM journal WHERE seq > ?',
      )
      .get(this.#sealedSeq)
    return { bytes: row?.bytes ?? 0, entries: row?.entries ?? 0 }
  }

  /** The manifest may be one change behind: files that it does not name are kept, till `filesKept`. */
  get keepsFiles(): boolean {
    return this.#number(`SELECT value FROM meta WHERE key = 'keep_files'`) === 1
  }

  filesKept(): void {
    this.#db.transaction(() => {
      this.#db.exec(`DELETE FROM meta WHERE key = 'keep_files'`)
      sealMeta(this.#db)
    })()
  }

  close(): void {
    this.#copy?.close()
    this.#highest.close()
    this.#db.close()
  }

  #number(sql: string): number {
    return this.#db.prepare<[], { value: number | null }>(sql).get()?.value ?? 0
  }
}
