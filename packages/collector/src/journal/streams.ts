/**
 * The deduplication windows of all streams: rows of the journal's `streams` table, the recent ones also in memory.
 * Changes belong to the group of batches that is being committed, and are undone with it.
 */
import type Database from 'better-sqlite3'
import type { ProjectId } from '../model.js'
import { streamCheck } from './checks.js'
import { StreamWindow } from './stream-window.js'

/** Windows kept in memory; each is about 100 bytes, or 1 KiB while its stream is out of order. */
const CACHED_STREAMS = 50_000
/** A stream that has been silent for this long is forgotten: a retry after that would be stored again. */
export const STREAM_MEMORY_MS = 48 * 3_600_000

interface Entry {
  project: ProjectId
  stream: Uint8Array
  window: StreamWindow
}

interface Row {
  watermark: number
  bitmap: Buffer
}

export class Streams {
  readonly #cache = new Map<string, Entry>()
  /** Streams that the open group has touched, with their windows as they were before it. */
  readonly #undo = new Map<string, { entry: Entry; before: StreamWindow }>()
  readonly #select: Database.Statement<[number, Uint8Array], Row>
  readonly #upsert: Database.Statement<[number, Uint8Array, number, Uint8Array, number, number]>
  readonly #prune: Database.Statement<[number]>

  constructor(db: Database.Database) {
    this.#select = db.prepare('SELECT watermark, bitmap FROM streams WHERE project = ? AND stream = ?')
    this.#upsert = db.prepare('INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?, ?, ?)')
    this.#prune = db.prepare('DELETE FROM streams WHERE last_seen_ms < ?')
  }

  /** False where this sequence is stored already, or comes earlier in the open group. */
  claim(project: ProjectId, stream: Uint8Array, sequence: number): boolean {
    const key = `${project}:${latin1(stream)}`
    const entry = this.#entry(key, project, stream)
    if (entry.window.has(sequence)) return false
    if (!this.#undo.has(key)) this.#undo.set(key, { entry, before: entry.window.clone() })
    entry.window.add(sequence)
    return true
  }

  /** Writes the windows that the open group changed; inside the group's transaction. */
  write(nowMs: number): void {
    for (const { entry } of this.#undo.values()) {
      const { project, stream, window } = entry
      const bitmap = window.bitmap()
      const { watermark } = window
      const check32 = streamCheck({ project, stream, watermark, bitmap, lastSeenMs: nowMs })
      this.#upsert.run(project, stream, watermark, bitmap, nowMs, check32)
    }
  }

  committed(): void {
    this.#undo.clear()
    for (const key of this.#cache.keys()) {
      if (this.#cache.size <= CACHED_STREAMS) return
      this.#cache.delete(key)
    }
  }

  rolledBack(): void {
    for (const { entry, before } of this.#undo.values()) entry.window = before
    this.#undo.clear()
  }

  prune(nowMs: number): void {
    this.#prune.run(nowMs - STREAM_MEMORY_MS)
    // Forgotten rows must not live on in memory, or a restart would change what counts as a duplicate.
    this.#cache.clear()
  }

  #entry(key: string, project: ProjectId, stream: Uint8Array): Entry {
    const cached = this.#cache.get(key)
    if (cached !== undefined) {
      // Moved to the end, so that the map's order is the order of use.
      this.#cache.delete(key)
      this.#cache.set(key, cached)
      return cached
    }
    const row = this.#select.get(project, stream)
    const window = row === undefined ? new StreamWindow() : new StreamWindow(row.watermark, row.bitmap)
    // The caller's bytes may be a view on a buffer that is reused.
    const entry = { project, stream: Uint8Array.from(stream), window }
    this.#cache.set(key, entry)
    return entry
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
