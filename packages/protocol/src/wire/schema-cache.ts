/**
 * Schema sections seen before, by their exact bytes: senders keep the section identical between batches, so that the
 * collector decodes and resolves a stream's series once. A section is kept when it comes for the second time: a sender whose
 * every batch has new series would otherwise push out everybody else's, and have megabytes of its own kept for nothing.
 */
import { copyBytes } from './cursor.js'
import type { Schema, SchemaSpan } from './types.js'

export interface SchemaCacheOptions {
  /** Default 1,024. */
  maxEntries?: number
  /** Sum of the sections' wire bytes; decoded they take up to about ten times as much. Default 8 MiB. */
  maxBytes?: number
}

/** Sections that came once are remembered by their hash, so many at most. */
const MAX_SEEN = 8192

interface Entry {
  bytes: Uint8Array
  schema: Schema
}

/** Least recently used goes first. One cache serves one set of limits: a hit is not checked against others. */
export class SchemaCache {
  readonly #maxEntries: number
  readonly #maxBytes: number
  /** By hash; two sections with one hash displace each other. */
  readonly #entries = new Map<number, Entry>()
  /** Hashes of sections that came once, oldest first. */
  readonly #seen = new Set<number>()
  #bytes = 0

  constructor(options: SchemaCacheOptions = {}) {
    this.#maxEntries = options.maxEntries ?? 1024
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024
  }

  get size(): number {
    return this.#entries.size
  }

  get(bytes: Uint8Array, span: SchemaSpan): Schema | undefined {
    const hash = hashOf(bytes, span)
    const entry = this.#entries.get(hash)
    if (entry === undefined || !isEqual(entry.bytes, bytes, span)) return undefined
    // Map keeps insertion order: put back, the entry is the youngest.
    this.#entries.delete(hash)
    this.#entries.set(hash, entry)
    return entry.schema
  }

  set(bytes: Uint8Array, span: SchemaSpan, schema: Schema): void {
    const hash = hashOf(bytes, span)
    if (!this.#seen.delete(hash)) {
      this.#see(hash)
      return
    }
    this.#remove(hash)
    const length = span.end - span.start
    if (length > this.#maxBytes || this.#maxEntries < 1) return
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#maxEntries && this.#bytes + length <= this.#maxBytes) break
      this.#remove(oldest)
    }
    this.#entries.set(hash, { bytes: copyBytes(bytes, span.start, span.end), schema })
    this.#bytes += length
  }

  #see(hash: number): void {
    for (const oldest of this.#seen) {
      if (this.#seen.size < MAX_SEEN) break
      this.#seen.delete(oldest)
    }
    this.#seen.add(hash)
  }

  #remove(hash: number): void {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return
    this.#entries.delete(hash)
    this.#bytes -= entry.bytes.length
  }
}

/** FNV-1a over 32-bit words: a quarter of the steps of the bytewise kind; equality is checked apart. */
function hashOf(bytes: Uint8Array, { start, end }: SchemaSpan): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let hash = 0x811c9dc5 ^ (end - start)
  let i = start
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ view.getUint32(i, true), 0x01000193)
    // The multiplication only carries upwards: bring high bits down, or the last word's high bits would count for little.
    hash ^= hash >>> 15
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193)
  return hash
}

function isEqual(kept: Uint8Array, bytes: Uint8Array, { start, end }: SchemaSpan): boolean {
  const length = end - start
  if (kept.length !== length) return false
  const a = new DataView(kept.buffer, kept.byteOffset)
  const b = new DataView(bytes.buffer, bytes.byteOffset)
  let i = 0
  for (; i + 4 <= length; i += 4) if (a.getUint32(i) !== b.getUint32(start + i)) return false
  for (; i < length; i++) if (kept[i] !== bytes[start + i]) return false
  return true
}
