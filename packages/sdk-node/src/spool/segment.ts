/**
 * One append-only file of records, with a file beside it that lists the places of those that are settled. Both are removed
 * once all are.
 *
 *   00000001.seg    record record record …
 *   00000001.done   u32 place, u32 place, …
 *
 * Writes are not synced: they survive the process, not the loss of power.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import type { SealedBatch, SignalCode } from '@telltale/sdk-core'
import { decodeRecords, type FoundRecord } from './record.js'

/** Of an entry in the list of settled records. */
const placeBytes = 4

export class Segment {
  readonly path: string
  /** Left by another process: what is in it was never counted here, and may have been sent. */
  readonly adopted: boolean
  bytes: number
  newestMs: number
  /** Records that are not settled, in memory or not. Unknown, and so endless, until an adopted segment is read. */
  open: number
  /** Of these, the ones that are on disk alone. */
  parked: number
  /** Places of open records that are in memory as well. */
  readonly inMemory = new Map<number, SealedBatch>()
  readonly #done = new Set<number>()
  readonly #parkedCalls = new Map<SignalCode, number>()
  #file: number | undefined
  #doneFile: number | undefined

  private constructor(path: string, adopted: boolean, bytes: number, newestMs: number) {
    this.path = path
    this.adopted = adopted
    this.bytes = bytes
    this.newestMs = newestMs
    this.open = adopted ? Number.POSITIVE_INFINITY : 0
    this.parked = this.open
  }

  /** Throws where the disk does not allow it, as do all methods that write. */
  static create(path: string): Segment {
    const segment = new Segment(path, false, 0, 0)
    segment.#file = openSync(path, 'ax')
    return segment
  }

  static adopt(path: string): Segment {
    const { size, mtimeMs } = statSync(path)
    return new Segment(path, true, size, mtimeMs)
  }

  /** Returns the record's place. A record that does not fit leaves no trace. */
  append(record: Uint8Array, nowMs: number): number {
    if (this.#file === undefined) throw new Error('this segment is closed')
    const place = this.bytes
    try {
      for (let written = 0; written < record.length; ) written += writeSync(this.#file, record, written)
    } catch (error) {
      this.#cutTo(place)
      throw error
    }
    this.bytes += record.length
    this.newestMs = nowMs
    this.open++
    return place
  }

  get writable(): boolean {
    return this.#file !== undefined
  }

  get diskBytes(): number {
    return this.bytes + this.#done.size * placeBytes
  }

  /** A record that was appended, or was in memory, is on disk alone from now on. */
  park(batch: SealedBatch): void {
    this.parked++
    for (const { signal, total } of batch.tables)
      this.#parkedCalls.set(signal, (this.#parkedCalls.get(signal) ?? 0) + total)
  }

  /** Calls in parked batches of our own, by signal. */
  parkedCalls(): Map<SignalCode, number> {
    return new Map(this.#parkedCalls)
  }

  settle(place: number): void {
    if (this.#done.has(place)) return
    this.#done.add(place)
    this.inMemory.delete(place)
    this.open--
    // The last one takes the file with it, so that it need not be listed.
    if (this.open === 0) return
    try {
      this.#doneFile ??= openSync(this.#donePath, 'a')
      const entry = Buffer.allocUnsafe(placeBytes)
      entry.writeUInt32LE(place)
      writeSync(this.#doneFile, entry)
    } catch {
      // After a crash it would be sent again, under its id: the collector takes it once.
    }
  }

  /** Records on disk alone that can be read; they are in memory from now on, and the caller's. */
  load(): FoundRecord[] {
    if (this.open === Number.POSITIVE_INFINITY) this.#readDone()
    const found: FoundRecord[] = []
    for (const record of decodeRecords(readQuietly(this.path))) {
      if (!this.#done.has(record.offset) && !this.inMemory.has(record.offset)) found.push(record)
    }
    for (const { offset, batch } of found) this.inMemory.set(offset, batch)
    this.open = this.inMemory.size
    this.parked = 0
    this.#parkedCalls.clear()
    return found
  }

  /** Empties the file for new records, once all are settled. */
  reuse(): true {
    if (this.#file === undefined) throw new Error('this segment is closed')
    ftruncateSync(this.#file, 0)
    this.bytes = 0
    this.#done.clear()
    this.#removeDone()
    return true
  }

  /** No more records; those that it has stay. */
  finish(): void {
    this.#file = closed(this.#file)
  }

  close(): void {
    this.finish()
    this.#doneFile = closed(this.#doneFile)
  }

  remove(): void {
    this.close()
    unlinkQuietly(this.path)
    this.#removeDone()
  }

  get #donePath(): string {
    return this.path.replace(/seg$/, 'done')
  }

  #removeDone(): void {
    if (this.#doneFile === undefined && !this.adopted) return
    this.#doneFile = closed(this.#doneFile)
    unlinkQuietly(this.#donePath)
  }

  #readDone(): void {
    const file = readQuietly(this.#donePath)
    for (let at = 0; at + placeBytes <= file.length; at += placeBytes) this.#done.add(file.readUInt32LE(at))
  }

  /** Part of a record before others would hide them: without it, nothing more may be appended. */
  #cutTo(bytes: number): void {
    try {
      ftruncateSync(this.#file!, bytes)
    } catch {
      this.finish()
    }
  }
}

/** Empty where it is not there. */
function readQuietly(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

function closed(file: number | undefined): undefined {
  if (file !== undefined) closeSync(file)
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Gone already, or it cannot go: either way there is nothing to be done about it here.
  }
}
