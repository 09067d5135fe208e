/**
 * Delivery: takes batches from the queue, posts them, and does what the answer asks for.
 *
 *   queue ──take──► post ──► acked | refused ──► books
 *     ▲                 └──► retry | misconfigured ──► back into the queue, pause
 *     └────────► too_large | refused ──► two halves, down to the rows that are at fault
 *
 * A failure pauses all sending, for it is nearly always the collector's, not the batch's. After the pause a single
 * request probes, and its success opens the full concurrency again.
 */
import { patchSentTime, shiftBaseTime } from '@telltale/protocol'
import { rejectedCalls, type SealedBatch } from '../batch/sealed-batch.js'
import type { Sealer } from '../batch/sealer.js'
import type { Clock } from '../clock.js'
import type { Warnings } from '../logger.js'
import type { Transport } from '../platform.js'
import type { DropReason, Ledger } from '../stats.js'
import { maxSlewMs } from '../timeline.js'
import { Backoff } from './backoff.js'
import { type Outcome, outcomeOf } from './outcome.js'
import type { Lost, Pushed, Queue } from './queue.js'
import type { Splitter } from './split.js'

export interface SenderOptions {
  queue: Queue
  transport: Transport
  sealer: Sealer
  ledger: Ledger
  clock: Clock
  warnings: Warnings
  requestTimeoutMs: number
  /** For batches that the collector does not take as a whole; without it they are given up as a whole. */
  split: Splitter | undefined
  /** For the jitter of backoff. Default: Math.random. */
  random?: () => number
}

const maxInFlight = 8
/**
 * Refusals in a row, without an acknowledgement between them, up to which batches are cut to find the rows at fault. Past
 * that nothing of ours is taken, and cutting would only multiply the requests.
 */
const maxRefusalsInRow = 32
/** A batch that the collector failed at this often, taking others meanwhile, is given up. */
const maxStrikes = 10
/** Wrong key or address: this seldom is enough to notice that it was mended. */
const misconfiguredRetryMs = 60_000
const warnEveryMs = 60_000

const evictions: Partial<Record<DropReason, string>> = {
  queue_full: 'the queue is full; the oldest batches are dropped',
  spool_full: 'the spool is full; the oldest batches are dropped',
  spool_expired: 'batches in the spool are older than spool.maxAgeMs; dropped',
}

/** Somebody who waits for everything that is on its way now. */
interface Waiter {
  readonly open: Set<SealedBatch>
  /** Some of it is out of memory: the queue must be empty before this is over. */
  toEmpty: boolean
  /** By the monotonic clock. */
  readonly deadlineMs: number
  readonly resolve: () => void
}

export class Sender {
  readonly #o: SenderOptions
  readonly #backoff: Backoff
  /** Everything in memory that is not settled: waiting, in flight, or put back. */
  readonly #open = new Set<SealedBatch>()
  readonly #waiters = new Set<Waiter>()
  readonly #inFlight = new Map<SealedBatch, AbortController>()
  /** Why sending pauses: a wait that the collector asked for is never cut short, our own may be. */
  #pause: { cancel: () => void; ours: boolean; untilMs: number } | undefined
  #probing = false
  #refusalsInRow = 0
  /** Acknowledgements so far, and what it was when a batch last failed: others passed since then. */
  #acks = 0
  readonly #acksAtFailure = new WeakMap<SealedBatch, number>()
  #closed = false

  constructor(options: SenderOptions) {
    this.#o = options
    this.#backoff = new Backoff(options.random)
  }

  send(batch: SealedBatch): void {
    this.#open.add(batch)
    this.#pushed(this.#o.queue.push(batch))
    this.#pump()
  }

  /** Sends what an earlier process has left. */
  start(): void {
    this.#pump()
  }

  /** Resolves once all batches on their way now are settled, or it is plain that they will not be by the deadline. */
  settled(deadlineMs: number): Promise<void> {
    const toEmpty = !this.#o.queue.empty
    if (this.#open.size === 0 && !toEmpty) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiters.add({ open: new Set(this.#open), toEmpty, deadlineMs, resolve })
      this.#releaseHopeless()
    })
  }

  /** Tries again now, where the wait is our own choice. */
  hurry(): void {
    if (this.#pause?.ours) this.#resume()
  }

  /** Aborts what is in flight, and gives up everything left that does not outlive the process. */
  close(reason: DropReason): void {
    this.#closed = true
    this.#pause?.cancel()
    const { queue } = this.#o
    for (const [batch, controller] of this.#inFlight) {
      this.#end(batch, reason)
      controller.abort()
    }
    for (const batch of queue.close()) this.#end(batch, reason)
  }

  #end(batch: SealedBatch, reason: DropReason): void {
    if (this.#o.queue.outlives(batch)) this.#settle(batch)
    else this.#give(batch, reason)
  }

  #pump(): void {
    const limit = this.#probing ? 1 : maxInFlight
    while (!this.#closed && this.#pause === undefined && this.#inFlight.size < limit) {
      const batch = this.#o.queue.take()
      if (batch === undefined) break
      this.#open.add(batch)
      void this.#attempt(batch)
    }
    this.#resolveEmpty()
  }

  /** The queue had to let batches go. */
  lost(lost: readonly Lost[]): void {
    for (const { batch, reason } of lost) this.#give(batch, reason)
  }

  #pushed({ lost, parked, merged }: Pushed): void {
    for (const { from, into } of merged) this.#replace(from, [into])
    this.lost(lost)
    for (const batch of parked) {
      this.#open.delete(batch)
      for (const waiter of this.#waiters) if (waiter.open.delete(batch)) waiter.toEmpty = true
    }
  }

  /** What was parked had no name for a waiter to wait for. */
  #resolveEmpty(): void {
    if (this.#waiters.size === 0 || !this.#o.queue.empty || this.#open.size > 0) return
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  async #attempt(batch: SealedBatch): Promise<void> {
    const controller = new AbortController()
    this.#inFlight.set(batch, controller)
    const outcome = await this.#post(batch, controller)
    // `close` has settled the batch meanwhile.
    if (!this.#open.has(batch)) return
    this.#inFlight.delete(batch)
    this.#handle(batch, outcome)
    this.#pump()
    this.#releaseHopeless()
  }

  async #post(batch: SealedBatch, controller: AbortController): Promise<Outcome> {
    const { clock, sealer, transport, requestTimeoutMs } = this.#o
    const cancelDeadline = clock.schedule(() => controller.abort(), requestTimeoutMs)
    const sentMs = clock.monotonicMs()
    try {
      this.#setRight(batch)
      patchSentTime(batch.bytes, sealer.timeline.toUnixMs(sentMs))
      batch.attempted = true
      const response = await transport.post(batch.bytes, controller.signal)
      const outcome = outcomeOf(response, batch.id, clock.wallMs())
      if (outcome.kind === 'acked') sealer.timeline.measure(outcome.ack.receivedTimeMs, sentMs, clock.monotonicMs())
      return outcome
    } catch (error) {
      const detail = controller.signal.aborted ? `no answer within ${requestTimeoutMs} ms` : networkErrorText(error)
      return { kind: 'retry', afterMs: undefined, suspect: false, detail }
    } finally {
      cancelDeadline()
    }
  }

  /**
   * Times that were written when less was known of the machine's clock. They only move forward, or far back: a small step
   * back could bring them before what was delivered already.
   */
  #setRight(batch: SealedBatch): void {
    if (batch.attempted) return
    const deltaMs = this.#o.sealer.timeline.skewMs - batch.skewMs
    if (deltaMs <= 0 && deltaMs >= -maxSlewMs) return
    shiftBaseTime(batch.bytes, deltaMs)
    batch.skewMs += deltaMs
  }

  #handle(batch: SealedBatch, outcome: Outcome): void {
    const { warnings } = this.#o
    switch (outcome.kind) {
      case 'acked':
        this.#acks++
        this.#refusalsInRow = 0
        this.#acknowledge(batch, rejectedCalls(batch, outcome.ack.rejected), outcome.ack.rejected[0]?.reason)
        break
      case 'refused':
        warnings.atMostEvery(warnEveryMs, 'refused', `the collector refused a batch: ${outcome.detail}`)
        this.#refused(batch, outcome.detail)
        break
      case 'too_large':
        if (!this.#split(batch)) this.#discard(batch, 'too_large', '413')
        break
      case 'retry':
        warnings.atMostEvery(warnEveryMs, 'retry', `the collector cannot be reached; retrying: ${outcome.detail}`)
        if (outcome.suspect && this.#strike(batch)) {
          warnings.atMostEvery(warnEveryMs, 'poison', `the collector fails at a batch; given up: ${outcome.detail}`)
          this.#discard(batch, 'poison', outcome.detail)
          break
        }
        // A batch that the collector fails at, again and again, must not stand before all others.
        this.#o.queue.putBack(batch, outcome.suspect ? 'last' : 'first')
        this.#probing = true
        this.#pauseFor(outcome.afterMs ?? this.#backoff.next(), outcome.afterMs === undefined)
        break
      case 'misconfigured':
        warnings.once(`misconfigured:${outcome.detail}`, `data is kept, but not accepted: ${outcome.detail}`)
        this.#o.queue.putBack(batch, 'first')
        this.#probing = true
        this.#pauseFor(misconfiguredRetryMs, false)
    }
  }

  #acknowledge(batch: SealedBatch, rejected: number, reason: string | undefined): void {
    this.#backoff.reset()
    this.#probing = false
    this.#o.queue.release(batch)
    this.#o.ledger.settle(batch.calls - rejected, rejected)
    if (reason !== undefined) {
      this.#o.warnings.atMostEvery(
        warnEveryMs,
        `rejected:${reason}`,
        `the collector rejected ${rejected} calls: ${reason}`,
      )
    }
    this.#settle(batch)
  }

  #refused(batch: SealedBatch, why: string): void {
    this.#refusalsInRow++
    if (this.#refusalsInRow <= maxRefusalsInRow && this.#split(batch)) return
    this.#o.queue.setAside?.(batch, why)
    this.#o.ledger.restore(batch.drops)
    this.#acknowledge(batch, batch.calls, undefined)
  }

  /** True once it is the batch, rather than the collector, that is at fault. */
  #strike(batch: SealedBatch): boolean {
    const acksBefore = this.#acksAtFailure.get(batch)
    this.#acksAtFailure.set(batch, this.#acks)
    if (acksBefore === undefined || acksBefore === this.#acks) return false
    batch.strikes++
    return batch.strikes >= maxStrikes
  }

  /** False where the batch cannot be cut. */
  #split(batch: SealedBatch): boolean {
    const halves = this.#o.split?.(batch, this.#o.sealer)
    if (halves === undefined) return false
    this.#probing = false
    this.#replace([batch], halves)
    for (const half of halves) this.#pushed(this.#o.queue.push(half))
    this.#o.queue.release(batch)
    return true
  }

  /** Whoever waits for some batches now waits for those that have taken their place. */
  #replace(gone: readonly SealedBatch[], come: readonly SealedBatch[]): void {
    for (const batch of come) this.#open.add(batch)
    for (const waiter of this.#waiters) {
      if (gone.some((batch) => waiter.open.has(batch))) for (const batch of come) waiter.open.add(batch)
    }
    for (const batch of gone) this.#settle(batch)
  }

  /** Gives up a batch that was taken from the queue. */
  #discard(batch: SealedBatch, reason: DropReason, why: string): void {
    this.#probing = false
    this.#o.queue.setAside?.(batch, why)
    this.#o.queue.release(batch)
    this.#give(batch, reason)
  }

  /** Gives a batch up. Its own bytes are out of the queue already. */
  #give(batch: SealedBatch, reason: DropReason): void {
    for (const table of batch.tables) this.#o.ledger.lose(table.signal, reason, table.total)
    this.#o.ledger.restore(batch.drops)
    const warning = evictions[reason]
    if (warning !== undefined) this.#o.warnings.atMostEvery(warnEveryMs, reason, warning)
    this.#settle(batch)
  }

  #settle(batch: SealedBatch): void {
    this.#open.delete(batch)
    for (const waiter of this.#waiters) {
      if (waiter.open.delete(batch) && waiter.open.size === 0 && !waiter.toEmpty) {
        this.#waiters.delete(waiter)
        waiter.resolve()
      }
    }
  }

  #pauseFor(waitMs: number, ours: boolean): void {
    // Requests that were in flight together fail together; the first failure has set the pause.
    if (this.#pause !== undefined && (ours || !this.#pause.ours)) return
    this.#pause?.cancel()
    const { clock } = this.#o
    const untilMs = clock.monotonicMs() + waitMs
    this.#pause = { cancel: clock.schedule(() => this.#resume(), waitMs), ours, untilMs }
  }

  /** Waiting for a pause that outlasts the deadline would only delay the end of a process. */
  #releaseHopeless(): void {
    if (this.#pause === undefined || this.#inFlight.size > 0) return
    for (const waiter of this.#waiters) {
      if (waiter.deadlineMs >= this.#pause.untilMs) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  #resume(): void {
    this.#pause?.cancel()
    this.#pause = undefined
    this.#pump()
  }
}

function networkErrorText(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(' ') || 'network error'
}
