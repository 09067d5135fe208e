/** Batches that wait for a request: bounded in bytes, oldest first. A queue on disk would stand in the same place. */
import type { SealedBatch } from '../batch/sealed-batch.js'

export interface Queue {
  readonly size: number
  /** Of the waiting batches, and of those that were taken and not yet released. */
  readonly bytes: number
  /** Appends; returns the oldest waiting batches that had to make room, which may include the new one. */
  push(batch: SealedBatch): SealedBatch[]
  /** Takes the oldest. Its bytes count until it is released, or put back. */
  take(): SealedBatch | undefined
  /** A batch that was taken goes back, to be the next, or behind all others. */
  putBack(batch: SealedBatch, where: 'first' | 'last'): void
  /** A batch that was taken is settled. */
  release(batch: SealedBatch): void
  /** Empties the queue of all that waits. */
  drain(): SealedBatch[]
}

/** What a batch takes beyond its bytes, roughly: call counts, identity, bookkeeping. */
const overheadBytes = 512

export class MemoryQueue implements Queue {
  readonly #maxBytes: number
  #waiting: SealedBatch[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#waiting.length
  }

  get bytes(): number {
    return this.#bytes
  }

  push(batch: SealedBatch): SealedBatch[] {
    this.#waiting.push(batch)
    this.#bytes += cost(batch)
    const evicted: SealedBatch[] = []
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.take()
      if (oldest === undefined) break
      this.release(oldest)
      evicted.push(oldest)
    }
    return evicted
  }

  take(): SealedBatch | undefined {
    return this.#waiting.shift()
  }

  putBack(batch: SealedBatch, where: 'first' | 'last'): void {
    if (where === 'first') this.#waiting.unshift(batch)
    else this.#waiting.push(batch)
  }

  release(batch: SealedBatch): void {
    this.#bytes -= cost(batch)
  }

  drain(): SealedBatch[] {
    const drained = this.#waiting
    this.#waiting = []
    for (const batch of drained) this.release(batch)
    return drained
  }
}

function cost(batch: SealedBatch): number {
  let callBytes = 0
  for (const table of batch.tables) callBytes += table.byRow?.byteLength ?? 0
  return batch.bytes.length + callBytes + overheadBytes
}
