/**
 * The queue that outlives its process: each batch is on disk before it is sent, and goes from there once it is settled.
 *
 *   push ──► segment file ──► memory, while there is room ──► take ──► release: settled in its file
 *                 └── else parked: on disk alone ──► read back, oldest first, when memory runs empty
 *
 * Where the disk fails, this is the queue in memory. Nothing here throws.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  costOf,
  type Lost,
  MemoryQueue,
  type Pushed,
  type Queue,
  type QueueContext,
  type ResolvedOptions,
  type SealedBatch,
} from '@telltale/sdk-core'
import { heartbeatMs, Owner } from './owner.js'
import { encodeRecord } from './record.js'
import { Segment } from './segment.js'

/** With a disk behind it, this much of what waits is enough to keep requests going. */
const maxMemoryBytes = 4 * 1024 * 1024
const maxSegmentBytes = 1024 * 1024
/** A segment goes as a whole when the spool is full, so it is a small part of it. */
const segmentsAtLeast = 8
const warnEveryMs = 60_000
/** Batches that nobody would take are kept for people to look at, within this part of the spool. */
const asideFolder = 'refused'
const asideShare = 1 / 8

interface Place {
  segment: Segment
  offset: number
}

export class SpoolQueue implements Queue {
  readonly #dir: string
  readonly #maxBytes: number
  readonly #maxAgeMs: number
  readonly #context: QueueContext
  readonly #memory: MemoryQueue
  readonly #memoryBytes: number
  readonly #places = new Map<SealedBatch, Place>()
  /** Oldest first; the last is written to, unless it is finished. */
  #segments: Segment[] = []
  #owner: Owner | undefined
  #folder: string | undefined
  #folders: string[] = []
  #segmentNumber = 0
  /** What other processes have in the same spool, as of the last heartbeat. */
  #othersBytes = 0
  #closed = false
  #cancelBeat: () => void = () => {}

  constructor(options: ResolvedOptions, spool: Exclude<ResolvedOptions['spool'], false>, context: QueueContext) {
    this.#dir = spool.dir
    this.#maxBytes = spool.maxBytes
    this.#maxAgeMs = spool.maxAgeMs
    this.#context = context
    this.#memoryBytes = Math.min(options.maxQueueBytes, maxMemoryBytes)
    // With a disk that works it never fills; without one it is all there is.
    this.#memory = new MemoryQueue(options.maxQueueBytes)
    this.#open()
    this.#scheduleBeat()
  }

  get bytes(): number {
    return this.#memory.bytes
  }

  get empty(): boolean {
    return this.#memory.empty && !this.#hasParked()
  }

  get fill(): number {
    const bytes = this.#segments.reduce((sum, segment) => sum + segment.diskBytes, 0)
    return this.#owner === undefined ? this.#memory.fill : bytes / this.#maxBytes
  }

  push(batch: SealedBatch): Pushed {
    const lost: Lost[] = []
    const place = this.#write(batch, lost)
    if (place !== undefined && (this.#hasParked() || this.#memory.bytes + costOf(batch) > this.#memoryBytes)) {
      place.segment.park(batch)
      return { lost, parked: [batch], merged: [] }
    }
    if (place !== undefined) this.#remember(batch, place)
    const parked = this.#remind(batch, lost)
    return { lost, parked, merged: [] }
  }

  take(): SealedBatch | undefined {
    if (this.#memory.empty) this.#readBack()
    return this.#memory.take()
  }

  putBack(batch: SealedBatch, where: 'first' | 'last'): void {
    this.#memory.putBack(batch, where)
  }

  release(batch: SealedBatch): void {
    this.#memory.release(batch)
    const place = this.#places.get(batch)
    if (place === undefined) return
    this.#places.delete(batch)
    place.segment.settle(place.offset)
    if (place.segment.open === 0) this.#finished(place.segment)
  }

  outlives(batch: SealedBatch): boolean {
    return this.#places.has(batch)
  }

  setAside(batch: SealedBatch, why: string): void {
    const folder = join(this.#dir, asideFolder)
    this.#attempt('setting a refused batch aside', () => {
      mkdirSync(folder, { recursive: true })
      if (sizeOf(folder) + batch.bytes.length > this.#maxBytes * asideShare) return
      const name = Buffer.from(batch.id).toString('hex')
      writeFileSync(join(folder, `${name}.bin`), batch.bytes)
      writeFileSync(join(folder, `${name}.txt`), `${why}\n`)
    })
  }

  close(): SealedBatch[] {
    this.#closed = true
    this.#cancelBeat()
    const waiting = this.#memory.close()
    for (const segment of this.#segments) {
      this.#attempt('closing the spool', () =>
        segment.open === 0 && !segment.adopted ? segment.remove() : segment.close(),
      )
    }
    if (this.#folder !== undefined) this.#folders.push(this.#folder)
    for (const folder of this.#folders) this.#owner?.removeFolder(folder)
    this.#owner?.end()
    return waiting
  }

  /** Into memory; what memory has no room for stays on disk, if it is there. */
  #remind(batch: SealedBatch, lost: Lost[]): SealedBatch[] {
    const parked: SealedBatch[] = []
    for (const one of this.#memory.push(batch).lost) {
      const place = this.#places.get(one.batch)
      if (place === undefined) {
        lost.push(one)
        continue
      }
      this.#places.delete(one.batch)
      place.segment.inMemory.delete(place.offset)
      place.segment.park(one.batch)
      parked.push(one.batch)
    }
    return parked
  }

  #remember(batch: SealedBatch, place: Place): void {
    this.#places.set(batch, place)
    place.segment.inMemory.set(place.offset, batch)
  }

  #open(): void {
    this.#attempt('opening the spool', () => {
      this.#owner = new Owner(this.#dir)
      this.#folder = undefined
      this.#claim()
    })
  }

  /** Segments of clients that have ended come before our own. */
  #claim(): void {
    const found: Segment[] = []
    for (const folder of this.#owner?.claim() ?? []) {
      this.#folders.push(folder)
      for (const name of readdirSync(folder).sort()) {
        if (name.endsWith('.seg')) found.push(Segment.adopt(join(folder, name)))
      }
    }
    this.#segments.unshift(...found)
  }

  #write(batch: SealedBatch, lost: Lost[]): Place | undefined {
    const record = encodeRecord(batch)
    const maxBytes = Math.max(this.#maxBytes - this.#othersBytes, this.#maxBytes / segmentsAtLeast)
    if (this.#owner === undefined || this.#closed || record.length > maxBytes) return undefined
    this.#makeRoom(maxBytes - record.length, lost)
    return this.#attempt('writing to the spool', () => {
      const segment = this.#segmentFor(record.length)
      return { segment, offset: segment.append(record, Date.now()) }
    })
  }

  #segmentFor(bytes: number): Segment {
    const last = this.#segments[this.#segments.length - 1]
    const limit = Math.min(maxSegmentBytes, this.#maxBytes / segmentsAtLeast, this.#memoryBytes / 2)
    if (last?.writable && (last.bytes === 0 || last.bytes + bytes <= limit)) return last
    last?.finish()
    this.#folder ??= this.#owner!.makeFolder()
    const segment = Segment.create(join(this.#folder, `${String(++this.#segmentNumber).padStart(8, '0')}.seg`))
    this.#segments.push(segment)
    return segment
  }

  /** Lets the oldest segments go until no more than `maxBytes` are left. */
  #makeRoom(maxBytes: number, lost: Lost[]): void {
    let bytes = this.#segments.reduce((sum, segment) => sum + segment.diskBytes, 0)
    while (bytes > maxBytes) {
      const oldest = this.#segments.find((segment) => segment.bytes > 0)
      if (oldest === undefined) return
      bytes -= oldest.diskBytes
      this.#drop(oldest, 'spool_full', lost)
    }
  }

  /** A segment goes, with all that is in it; what is in flight stays in memory, and is settled there. */
  #drop(segment: Segment, reason: Lost['reason'], lost: Lost[]): void {
    const readBack = new Set(this.#load(segment))
    for (const batch of segment.inMemory.values()) {
      this.#places.delete(batch)
      if (readBack.has(batch) || this.#memory.remove(batch)) lost.push({ batch, reason })
    }
    this.#forget(segment)
  }

  #forget(segment: Segment): void {
    this.#segments = this.#segments.filter((one) => one !== segment)
    segment.remove()
  }

  /** All of a segment is settled. */
  #finished(segment: Segment): void {
    if (segment.writable && this.#attempt('emptying a file of the spool', () => segment.reuse()) === true) return
    this.#forget(segment)
  }

  #hasParked(): boolean {
    for (const segment of this.#segments) if (segment.parked > 0) return true
    return false
  }

  /** The oldest parked batches come back to memory, a segment at a time. */
  #readBack(): void {
    while (this.#memory.bytes < this.#memoryBytes / 2) {
      const segment = this.#segments.find((one) => one.parked > 0)
      if (segment === undefined) return
      const batches = this.#load(segment)
      for (const batch of batches) this.#remind(batch, [])
      if (segment.open === 0) this.#finished(segment)
    }
  }

  /** Parked batches of a segment, which are open in memory from now on; the books tell of those that cannot be read. */
  #load(segment: Segment): SealedBatch[] {
    if (segment.parked === 0) return []
    const { ledger, warnings } = this.#context
    const missing = segment.parkedCalls()
    const batches: SealedBatch[] = []
    for (const { offset, batch } of segment.load()) {
      this.#places.set(batch, { segment, offset })
      batches.push(batch)
      if (segment.adopted) {
        ledger.adopt(batch.calls)
        batch.attempted = true
      }
      for (const { signal, total } of batch.tables) missing.set(signal, (missing.get(signal) ?? 0) - total)
    }
    if (segment.adopted) return batches
    for (const [signal, calls] of missing) {
      if (calls <= 0) continue
      ledger.lose(signal, 'spool_lost', calls)
      warnings.atMostEvery(warnEveryMs, 'spool_lost', 'batches in the spool cannot be read back; dropped')
    }
    return batches
  }

  #scheduleBeat(): void {
    this.#cancelBeat = this.#context.clock.schedule(() => {
      this.#scheduleBeat()
      this.#attempt('looking after the spool', () => this.#beat())
    }, heartbeatMs)
  }

  #beat(): void {
    if (this.#owner !== undefined && !this.#owner.beat()) this.#loseFolder()
    if (this.#owner === undefined) this.#open()
    else this.#claim()
    const lost: Lost[] = []
    const oldestMs = Date.now() - this.#maxAgeMs
    for (const segment of [...this.#segments]) {
      if (segment.bytes > 0 && segment.newestMs < oldestMs) this.#drop(segment, 'spool_expired', lost)
    }
    if (lost.length > 0) this.#context.lose(lost)
    this.#folders = this.#folders.filter((folder) => !this.#owner?.removeFolder(folder))
    this.#othersBytes = this.#measureOthers()
    if (this.#hasParked()) this.#context.wake()
  }

  /** Somebody took us for dead and our files with it, or they were removed. What is in memory is all that is left. */
  #loseFolder(): void {
    for (const segment of this.#segments) {
      for (const [signal, calls] of segment.parkedCalls()) this.#context.ledger.lose(signal, 'spool_lost', calls)
      segment.close()
    }
    this.#segments = []
    this.#places.clear()
    this.#folders = []
    this.#owner?.end()
    this.#owner = undefined
  }

  #measureOthers(): number {
    const ours = this.#segments.reduce((sum, segment) => sum + segment.diskBytes, 0)
    return Math.max(0, sizeOf(this.#dir) - ours)
  }

  /** The result, or undefined where the disk does not allow it: then a warning says so. */
  #attempt<T>(what: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#context.warnings.atMostEvery(warnEveryMs, `spool:${what}`, `${what} failed: ${text}`)
      return undefined
    }
  }
}

/** Bytes of all files below a folder, as far as they can be seen. */
function sizeOf(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.alive')) continue
    try {
      bytes += statSync(join(entry.parentPath, entry.name)).size
    } catch {
      // Gone since the folder was listed.
    }
  }
  return bytes
}
