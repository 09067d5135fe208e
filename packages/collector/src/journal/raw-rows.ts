/**
 * Rows of journal and series out of a broken `journal.db`, page by page, without SQLite: where a page above them is broken, a
 * tree cannot be walked, but its leaves are all there. Each row proves itself by its own checksum, so that neither its
 * place nor the page around it need be believed. (https://www.sqlite.org/fileformat2.html)
 *
 *   journal.db       page 1 │ page 2 │ …            each page may be there several times: newer ones in the log are tried
 *   journal.db-wal   head │ frame │ frame │ …       first, older ones after them
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { type EntryFields, entryCheck, type SeriesFields, seriesCheck } from './checks.js'

export const PAGE_BYTES = 8192

export interface RawEntry extends EntryFields {
  crc32: number
}
export interface RawSeries extends SeriesFields {
  lastSeenMs: number | null
  check32: number
}

type Cell = number | string | Uint8Array | null

const TABLE_LEAF = 0x0d
const MAX_LOCAL = PAGE_BYTES - 35
const MIN_LOCAL = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23
const OVERFLOW_BYTES = PAGE_BYTES - 4
/** No row of ours is longer: a batch has at most 4 MiB. */
const MAX_ROW_BYTES = 16 * 1024 * 1024
const WAL_HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 24
const FIRST_SALT = WAL_HEAD_BYTES + 8

/** Whatever rows prove themselves; `wanted` says which batches are of interest. */
export function rawRows(file: string, wanted: (seq: number) => boolean) {
  const entries = new Map<number, RawEntry>()
  const series = new Map<number, RawSeries>()
  const pages = new Pages(file)
  try {
    for (const leaf of pages.leaves()) {
      for (const { rowid, read } of cellsOf(leaf, pages)) {
        if (entries.has(rowid) && series.has(rowid)) continue
        const row = read()
        if (row?.length === 7 && wanted(rowid) && !entries.has(rowid)) {
          const entry = entryOf(rowid, row)
          if (entry !== undefined) entries.set(rowid, entry)
        } else if (row?.length === 9 && !series.has(rowid)) {
          const one = seriesOf(rowid, row)
          if (one !== undefined) series.set(rowid, one)
        }
      }
    }
  } finally {
    pages.close()
  }
  return { entries, series }
}

function entryOf(seq: number, [, project, stream, sequence, receivedMs, crc32, payload]: Cell[]): RawEntry | undefined {
  const isOne =
    [project, sequence, receivedMs, crc32].every((cell) => typeof cell === 'number') &&
    stream instanceof Uint8Array &&
    payload instanceof Uint8Array
  if (!isOne) return undefined
  const entry = { seq, project, stream, sequence, receivedMs, crc32, payload } as RawEntry
  return entryCheck(entry) === entry.crc32 ? entry : undefined
}

function seriesOf(id: number, row: Cell[]): RawSeries | undefined {
  const [, project, metric, kind, unit, description, attributes, lastSeenMs, check32] = row
  const isOne =
    [project, kind, check32].every((cell) => typeof cell === 'number') &&
    [metric, unit, description, attributes].every((cell) => typeof cell === 'string')
  if (!isOne) return undefined
  // When it was last seen is a hint, and not part of what is checked.
  const seenMs = typeof lastSeenMs === 'number' ? lastSeenMs : null
  const one = { id, project, metric, kind, unit, description, attributes, lastSeenMs: seenMs, check32 } as RawSeries
  return seriesCheck(one) === check32 ? one : undefined
}

/** The pages of a database and of its log. */
class Pages {
  readonly #file: number
  readonly #count: number
  readonly #wal: Buffer
  /** Offsets of frames in the log, oldest first, with the pages that they hold. */
  readonly #frames: { page: number; at: number }[] = []
  readonly #newest = new Map<number, number>()

  constructor(path: string) {
    this.#wal = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0)
    const wal = this.#wal
    for (
      let at = WAL_HEAD_BYTES;
      at + FRAME_HEAD_BYTES + PAGE_BYTES <= wal.length;
      at += FRAME_HEAD_BYTES + PAGE_BYTES
    ) {
      // Frames of an earlier log have another salt than the first.
      if (wal.compare(wal, FIRST_SALT, FIRST_SALT + 8, at + 8, at + 16) !== 0) continue
      const frame = { page: wal.readUInt32BE(at), at: at + FRAME_HEAD_BYTES }
      this.#frames.push(frame)
      this.#newest.set(frame.page, frame.at)
    }
    this.#file = openSync(path, 'r')
    this.#count = Math.ceil(fstatSync(this.#file).size / PAGE_BYTES)
  }

  /** Newest first. */
  *leaves(): Generator<Buffer> {
    for (const { at } of this.#frames.toReversed()) {
      const page = this.#wal.subarray(at, at + PAGE_BYTES)
      if (page[0] === TABLE_LEAF) yield page
    }
    for (let number = 2; number <= this.#count; number++) {
      const page = this.#read(number)
      if (page[0] === TABLE_LEAF) yield page
    }
  }

  page(number: number): Buffer | undefined {
    const at = this.#newest.get(number)
    if (at !== undefined) return this.#wal.subarray(at, at + PAGE_BYTES)
    return number > 1 && number <= this.#count ? this.#read(number) : undefined
  }

  close(): void {
    closeSync(this.#file)
  }

  #read(number: number): Buffer {
    const page = Buffer.alloc(PAGE_BYTES)
    readSync(this.#file, page, 0, PAGE_BYTES, (number - 1) * PAGE_BYTES)
    return page
  }
}

/** Rows of a leaf. `read` gives undefined for what is no row. */
function* cellsOf(leaf: Buffer, pages: Pages): Generator<{ rowid: number; read: () => Cell[] | undefined }> {
  const count = leaf.readUInt16BE(3)
  for (let i = 0; i < count && 8 + 2 * i + 2 <= PAGE_BYTES; i++) {
    const start = leaf.readUInt16BE(8 + 2 * i)
    const length = varint(leaf, start)
    const rowid = length && varint(leaf, length.next)
    if (!length || !rowid || length.value > MAX_ROW_BYTES) continue
    const read = () => {
      try {
        const bytes = payloadOf(leaf, rowid.next, length.value, pages)
        return bytes && recordOf(bytes)
      } catch {
        return undefined
      }
    }
    yield { rowid: rowid.value, read }
  }
}

function payloadOf(leaf: Buffer, at: number, length: number, pages: Pages): Buffer | undefined {
  if (length <= MAX_LOCAL) return at + length <= PAGE_BYTES ? leaf.subarray(at, at + length) : undefined
  const wanted = MIN_LOCAL + ((length - MIN_LOCAL) % OVERFLOW_BYTES)
  const local = wanted <= MAX_LOCAL ? wanted : MIN_LOCAL
  if (at + local + 4 > PAGE_BYTES) return undefined
  const bytes = Buffer.alloc(length)
  leaf.copy(bytes, 0, at, at + local)
  let filled = local
  let next = leaf.readUInt32BE(at + local)
  while (filled < length) {
    const page = pages.page(next)
    if (page === undefined) return undefined
    filled += page.copy(bytes, filled, 4, 4 + Math.min(OVERFLOW_BYTES, length - filled))
    next = page.readUInt32BE(0)
  }
  return bytes
}

function recordOf(bytes: Buffer): Cell[] | undefined {
  const head = varint(bytes, 0)
  if (!head || head.value > bytes.length) return undefined
  const row: Cell[] = []
  let at = head.value
  for (let next = head.next; next < head.value; ) {
    const type = varint(bytes, next)
    if (!type) return undefined
    next = type.next
    const [cell, size] = cellOf(bytes, at, type.value)
    row.push(cell)
    at += size
  }
  return at === bytes.length ? row : undefined
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8]

function cellOf(bytes: Buffer, at: number, type: number): [Cell, size: number] {
  if (type === 0) return [null, 0]
  if (type <= 5) return [bytes.readIntBE(at, INTEGER_BYTES[type]!), INTEGER_BYTES[type]!]
  if (type === 6) return [Number(bytes.readBigInt64BE(at)), 8]
  if (type === 7) return [bytes.readDoubleBE(at), 8]
  if (type === 8 || type === 9) return [type - 8, 0]
  const size = Math.floor((type - 12) / 2)
  if (type < 12 || at + size > bytes.length) throw new RangeError('no record')
  const cell = bytes.subarray(at, at + size)
  return [type % 2 === 0 ? Uint8Array.from(cell) : cell.toString('utf8'), size]
}

/** Up to 9 bytes, the last of them whole; numbers past 2^53 are none of ours. */
function varint(bytes: Buffer, at: number): { value: number; next: number } | undefined {
  let value = 0
  for (let i = 0; i < 8; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, next: at + i + 1 } : undefined
  }
  return undefined
}
