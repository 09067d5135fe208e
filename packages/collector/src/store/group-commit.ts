/**
 * Group commit: batches that wait while the disk is busy share the next transaction, and so one flush of the disk.
 *
 * A lone batch is committed at once. Under load the pause between two commits grows to the time that a commit takes,
 * at most `maxWaitMs`, so that the thread has at least half of its time for everything else.
 */
import { TelltaleError } from '../errors.js'
import type { NumberedBatch } from '../model.js'
import type { Appended } from './store.js'

export interface GroupCommitOptions {
  /** Makes a group durable, all or none. */
  commit: (batches: readonly NumberedBatch[]) => Appended[]
  /** Called for each batch of a group, in order, before any of its promises resolves. */
  onDurable: (batch: NumberedBatch, appended: Appended) => void
  maxWaitMs: number
  /** With this many bytes waiting, the next commit does not wait. */
  maxWaitBytes: number
}

/** One transaction takes at most this much: a longer one would make everybody wait for it. */
const GROUP_BYTES = 4 * 1024 * 1024
const QUEUE_BYTES = 64 * 1024 * 1024

interface Waiter {
  batch: NumberedBatch
  resolve: (appended: Appended) => void
  reject: (error: unknown) => void
}

export class GroupCommit {
  readonly #options: GroupCommitOptions
  #queue: Waiter[] = []
  #queuedBytes = 0
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  /** Before this time (performance.now) a small group waits for company. */
  #earliestMs = 0

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  push(batch: NumberedBatch): Promise<Appended> {
    if (this.#queuedBytes > QUEUE_BYTES) {
      throw new TelltaleError('overloaded', 'The journal cannot keep up. Send the batch again in a moment.', {
        retryAfterSeconds: 1,
      })
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ batch, resolve, reject })
      this.#queuedBytes += batch.payload.length
      this.#schedule()
    })
  }

  /** Commits everything that waits, now. */
  drain(): void {
    while (this.#queue.length > 0) this.#commitGroup()
  }

  #schedule(): void {
    if (this.#immediate !== undefined) return
    const delay = this.#earliestMs - performance.now()
    if (delay > 0 && this.#queuedBytes < this.#options.maxWaitBytes) {
      this.#timer ??= setTimeout(() => this.#run(), delay)
      return
    }
    // Not at once but after this turn's messages, so that what has already arrived comes along.
    this.#immediate = setImmediate(() => this.#run())
  }

  #run(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
    const began = performance.now()
    this.#commitGroup()
    const ended = performance.now()
    this.#earliestMs = ended + Math.min(this.#options.maxWaitMs, ended - began)
    if (this.#queue.length > 0) this.#schedule()
  }

  #commitGroup(): void {
    const group = this.#takeGroup()
    if (group.length === 0) return
    try {
      this.#settle(group, this.#options.commit(group.map((waiter) => waiter.batch)))
    } catch (error) {
      if (group.length === 1 || isOfTheDisk(error)) {
        for (const waiter of group) waiter.reject(error)
        return
      }
      // One batch that cannot be stored must not take its neighbours with it.
      for (const waiter of group) {
        try {
          this.#settle([waiter], this.#options.commit([waiter.batch]))
        } catch (own) {
          waiter.reject(own)
        }
      }
    }
  }

  #settle(group: readonly Waiter[], outcomes: readonly Appended[]): void {
    for (const [i, { batch }] of group.entries()) this.#options.onDurable(batch, outcomes[i])
    for (const [i, { resolve }] of group.entries()) resolve(outcomes[i])
  }

  #takeGroup(): Waiter[] {
    let bytes = 0
    let count = 0
    while (count < this.#queue.length && (count === 0 || bytes < GROUP_BYTES)) {
      bytes += this.#queue[count].batch.payload.length
      count++
    }
    this.#queuedBytes -= bytes
    return this.#queue.splice(0, count)
  }
}

function isOfTheDisk(error: unknown): boolean {
  if (!(error instanceof TelltaleError)) return false
  if (error.code === 'storage_full') return true
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^SQLITE_(IOERR|CORRUPT|READONLY|CANTOPEN|BUSY)|^E[A-Z]+$/.test(code)
}
