/**
 * Makes a new `journal.db` of what is left of a broken one. Nothing of the old one is thrown away, and nothing unproven is
 * taken over: rows count where their own checksum holds.
 *
 *   journal.db, -wal ──pages──► batches, series          ┐
 *        └──SQLite, where it still can──► manifest       ├─► journal.db.salvaged ─► journal.db
 *   manifest.db (the copy), where it cannot ─► manifest  ┘        the old one ─► damaged/journal-…/
 *
 * A file `journal.db.salvaged` is whole: a start that finds one finishes what a kill has interrupted.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { type StreamFields, sealMeta, segmentCheck, streamCheck } from './checks.js'
import { readManifest, readManifestCopy, type SegmentRow } from './manifest-copy.js'
import { PAGE_BYTES, type RawEntry, rawRows } from './raw-rows.js'
import { prepareSchema, sealedSeqOf } from './schema.js'
import { SEGMENT_COLUMNS, type SegmentRecord } from './segment-record.js'
import { Streams } from './streams.js'

export interface Salvaged {
  batches: number
  /** Batches that were durable, were in no segment, and could not be read. */
  lostBatches: number
  series: number
  segments: number
  /** Where the manifest came from; `parts`: some of it is lost. */
  manifest: 'journal.db' | 'manifest.db' | 'parts'
}

interface Findings {
  sealedSeq: number
  segments: SegmentRow[]
  series: Record<string, unknown>[]
}

/** `highestSeq`: the highest batch that was ever durable. */
export function salvage(file: string, reason: string, highestSeq: number): Salvaged {
  const broken = openBroken(file)
  const [own, streams, aside] = [
    attempt(() => broken && readManifest(broken)),
    readStreams(broken),
    attempt(() => broken?.prepare<[], { seq: number }>('SELECT * FROM journal_damaged').all()) ?? [],
  ]
  const copy = own === undefined ? readManifestCopy(file) : undefined
  const known: Findings = own ?? copy ?? readParts(broken)
  broken?.close()
  const raw = existsSync(file) ? rawRows(file, (seq) => seq > known.sealedSeq) : undefined
  const series = new Map(known.series.map((row) => [row.id, row]))
  for (const { id, lastSeenMs, ...rest } of raw?.series.values() ?? []) {
    if (!series.has(id)) series.set(id, { id, ...rest, last_seen_ms: lastSeenMs })
  }
  const entries = [...(raw?.entries.values() ?? [])].sort((a, b) => a.seq - b.seq)
  const manifest = own !== undefined ? 'journal.db' : copy !== undefined ? 'manifest.db' : 'parts'
  const lost = gaps(entries, aside, known.sealedSeq, highestSeq)
  build(file, { ...known, series: [...series.values()] }, entries, streams, (db) => {
    const note = db.prepare('INSERT OR IGNORE INTO journal_damaged (seq, reason) VALUES (?, ?)')
    for (const row of aside) insertInto(db, 'journal_damaged', row)
    for (const { from, to } of lost) {
      note.run(from, `${batchesText(to - from + 1)} from here on could not be read when journal.db was found damaged`)
    }
    // So that no number is used twice.
    const last = lost.at(-1)
    if (last !== undefined && last.to > last.from) note.run(last.to, 'the last of these')
    if (manifest === 'parts') {
      note.run(-Date.now(), `journal.db and its copy were damaged (${reason}): segments and series may be missing`)
    }
  })
  finishSalvage(file)
  return {
    batches: entries.length,
    lostBatches: lost.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    series: series.size,
    segments: known.segments.length,
    manifest,
  }
}

/** Puts a salvaged file in its place, where there is one. */
export function finishSalvage(file: string): void {
  const salvaged = `${file}.salvaged`
  if (!existsSync(salvaged)) return
  const folder = dirname(file)
  const keptIn = join(folder, 'damaged', `journal-${new Date().toISOString().replaceAll(':', '')}`)
  mkdirSync(keptIn, { recursive: true, mode: 0o700 })
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, join(keptIn, `journal.db${suffix}`))
  }
  syncFolder(keptIn)
  syncFolder(folder)
  renameSync(salvaged, file)
  syncFolder(folder)
}

export function batchesText(count: number): string {
  return `${count} ${count === 1 ? 'batch' : 'batches'}`
}

function openBroken(file: string): Database.Database | undefined {
  return attempt(() => new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 }))
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Neither the manifest nor its copy is whole: the entries that prove themselves. */
function readParts(broken: Database.Database | undefined): Findings {
  const segments: SegmentRow[] = []
  const rows = broken?.prepare<[], SegmentRow & SegmentRecord & { check32: number }>(
    `SELECT *, ${SEGMENT_COLUMNS} FROM segments ORDER BY id`,
  )
  attempt(() => {
    for (const row of rows?.iterate() ?? []) {
      if (segmentCheck(row) === row.check32) segments.push(row)
    }
  })
  // Batches up to the last that a segment holds are in segments: replayed, they would count twice.
  const sealed = segments.map((row) => Number(row.seq_to))
  const noted = attempt(() => broken && sealedSeqOf(broken)) ?? 0
  return { sealedSeq: Math.max(noted < 2 ** 48 ? noted : 0, ...sealed), segments, series: [] }
}

/** Windows that prove themselves. A stream whose window is lost may have a retry stored twice. */
function readStreams(broken: Database.Database | undefined): StreamFields[] {
  const streams: StreamFields[] = []
  attempt(() => {
    const rows = broken?.prepare<[], StreamFields & { check32: number }>(
      'SELECT project, stream, watermark, bitmap, last_seen_ms AS lastSeenMs, check32 FROM streams',
    )
    for (const { check32, ...row } of rows?.iterate() ?? []) if (streamCheck(row) === check32) streams.push(row)
  })
  return streams
}

/** Batches that must have been there and are not. */
function gaps(entries: RawEntry[], aside: { seq: number }[], sealedSeq: number, highestSeq: number) {
  const there = [...entries, ...aside].map(({ seq }) => seq).filter((seq) => seq > sealedSeq)
  const found: { from: number; to: number }[] = []
  let before = sealedSeq
  for (const seq of [...there.sort((a, b) => a - b), highestSeq + 1]) {
    if (seq > before + 1) found.push({ from: before + 1, to: seq - 1 })
    before = Math.max(before, seq)
  }
  return found
}

function build(
  file: string,
  { sealedSeq, segments, series }: Findings,
  entries: RawEntry[],
  streams: StreamFields[],
  noteLoss: (db: Database.Database) => void,
): void {
  const path = `${file}.salvaged`
  const partial = `${path}.tmp`
  rmSync(partial, { force: true })
  rmSync(`${partial}-journal`, { force: true })
  const db = new Database(partial)
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`)
    db.pragma('synchronous = FULL')
    prepareSchema(db)
    db.transaction(() => {
      for (const row of series) insertInto(db, 'series', row)
      for (const row of segments) insertInto(db, 'segments', row)
      for (const { lastSeenMs, ...row } of streams) {
        const check32 = streamCheck({ ...row, lastSeenMs })
        insertInto(db, 'streams', { ...row, last_seen_ms: lastSeenMs, check32 })
      }
      for (const { receivedMs, ...row } of entries) insertInto(db, 'journal', { ...row, received_ms: receivedMs })
      noteLoss(db)
      // Retries of these batches are duplicates, whether or not their streams' windows could be read.
      const windows = new Streams(db)
      for (const { project, stream, sequence } of entries) windows.claim(project, stream, sequence)
      windows.write(Date.now())
      // What no row names may have had one: it is kept.
      const meta = db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
      meta.run('sealed_seq', sealedSeq)
      meta.run('keep_files', 1)
      sealMeta(db)
    })()
  } finally {
    db.close()
  }
  renameSync(partial, path)
  syncFolder(dirname(file))
}

const columnsOf = new Map<string, readonly string[]>()

/** A row by the names of its columns; others that it may have are left out. */
function insertInto(db: Database.Database, table: string, row: object): void {
  const columns =
    columnsOf.get(table) ?? (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
  columnsOf.set(table, columns)
  const values = columns.map((name) => (row as Record<string, unknown>)[name] ?? null)
  db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`).run(...values)
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
