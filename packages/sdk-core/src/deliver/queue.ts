/** Batches that wait for a request: bounded in bytes, oldest first. A queue that outlives its process keeps the same contract. */
import type { SealedBatch } from '../batch/sealed-batch.js'
import type { DropReason } from '../stats.js'
import { groupToMerge } from './coarsening.js'

export interface Lost {
  readonly batch: SealedBatch
  readonly reason: DropReason
}

/** What became of batches when another came in. */
export interface Pushed {
  /** Gone, to make room; the new one may be among them. */
  readonly lost: readonly Lost[]
  /** Out of memory, but not lost: `take` gives an equal batch later. */
  readonly parked: readonly SealedBatch[]
  /** Batches that others have taken the place of, in the order in which that was done. */
  readonly merged: readonly Merged[]
}

export interface Merged {
  readonly from: readonly SealedBatch[]
  readonly into: SealedBatch
}

export interface Queue {
  /** Bytes in memory: of waiting batches, and of those that were taken and not yet released. */
  readonly bytes: number
  /** Nothing waits, neither in memory nor elsewhere. */
  readonly empty: boolean
  /** How much of its room is taken, from 0 to 1. */
  readonly fill: number
  push(batch: SealedBatch): Pushed
  /** Looks at the oldest: it stays in the queue's keeping until it is released, or put back. */
  take(): SealedBatch | undefined
  /** A batch that was taken goes back, before those that came after it, or behind all others. */
  putBack(batch: SealedBatch, where: 'first' | 'last'): void
  /** A batch that was taken is settled. */
  release(batch: SealedBatch): void
  /** Survives the process: it is neither lost nor settled where this client ends. */
  outlives(batch: SealedBatch): boolean
  /** Keeps a batch that nobody will take for people to look at, where there is a place for that. */
  setAside?(batch: SealedBatch, why: string): void
  /** Ends the queue; returns what waited in memory. */
  close(): SealedBatch[]
}

/** What a batch takes beyond its bytes, roughly: call counts, identity, bookkeeping. */
const overheadBytes = 512

const kept: Pushed = { lost: [], parked: [], merged: [] }

export class MemoryQueue implements Queue {
  readonly #maxBytes: number
  #waiting: SealedBatch[] = []
  #bytes = 0
  /** In which order batches came: several that were taken together go back in any order. */
  readonly #arrival = new WeakMap<SealedBatch, number>()
  #arrivals = 0
  readonly #merge: (batches: readonly SealedBatch[]) => SealedBatch | undefined
  /** Merging these has saved nothing. */
  readonly #whole = new WeakSet<SealedBatch>()

  /** `merge` makes one batch of several that wait, before any is lost. */
  constructor(maxBytes: number, merge: (batches: readonly SealedBatch[]) => SealedBatch | undefined = () => undefined) {
    this.#maxBytes = maxBytes
    this.#merge = merge
  }

  get bytes(): number {
    return this.#bytes
  }

  get empty(): boolean {
    return this.#waiting.length === 0
  }

  get fill(): number {
    return this.#bytes / this.#maxBytes
  }

  push(batch: SealedBatch): Pushed {
    this.#arrival.set(batch, this.#arrivals++)
    this.#waiting.push(batch)
    this.#bytes += costOf(batch)
    if (this.#bytes <= this.#maxBytes) return kept
    const merged = this.#coarsen()
    const lost: Lost[] = []
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.take()
      if (oldest === undefined) break
      this.release(oldest)
      lost.push({ batch: oldest, reason: 'queue_full' })
    }
    return { lost, parked: [], merged }
  }

  /** Merges what waits, the finest first, until it fits or is as coarse as it may become. */
  #coarsen(): Merged[] {
    const merged: Merged[] = []
    while (this.#bytes > this.#maxBytes) {
      const from = groupToMerge(this.#waiting, (batch) => this.#whole.has(batch))
      if (from === undefined) break
      const into = this.#merge(from)
      if (into === undefined || costOf(into) >= costOfAll(from)) {
        for (const batch of from) this.#whole.add(batch)
        continue
      }
      this.#replace(from, into)
      merged.push({ from, into })
    }
    return merged
  }

  #replace(from: readonly SealedBatch[], into: SealedBatch): void {
    this.#arrival.set(into, this.#arrivedAt(from[0]))
    this.#waiting[this.#waiting.indexOf(from[0])] = into
    const gone = new Set(from)
    this.#waiting = this.#waiting.filter((batch) => !gone.has(batch))
    this.#bytes += costOf(into) - costOfAll(from)
  }

  take(): SealedBatch | undefined {
    return this.#waiting.shift()
  }

  putBack(batch: SealedBatch, where: 'first' | 'last'): void {
    let at = 0
    if (where === 'last') at = this.#waiting.length
    else while (at < this.#waiting.length && this.#arrivedAt(this.#waiting[at]) < this.#arrivedAt(batch)) at++
    this.#waiting.splice(at, 0, batch)
  }

  release(batch: SealedBatch): void {
    this.#bytes -= costOf(batch)
  }

  #arrivedAt(batch: SealedBatch): number {
    return this.#arrival.get(batch) ?? 0
  }

  outlives(): boolean {
    return false
  }

  /** Takes a waiting batch out, wherever it stands. */
  remove(batch: SealedBatch): boolean {
    const at = this.#waiting.indexOf(batch)
    if (at < 0) return false
    this.#waiting.splice(at, 1)
    this.release(batch)
    return true
  }

  close(): SealedBatch[] {
    const waiting = this.#waiting
    this.#waiting = []
    for (const batch of waiting) this.release(batch)
    return waiting
  }
}

/** Bytes of memory that a batch takes. */
export function costOf(batch: SealedBatch): number {
  let callBytes = 0
  for (const table of batch.tables) callBytes += table.byRow?.byteLength ?? 0
  return batch.bytes.length + callBytes + overheadBytes
}

function costOfAll(batches: readonly SealedBatch[]): number {
  let bytes = 0
  for (const batch of batches) bytes += costOf(batch)
  return bytes
}
