/**
 * One question that somebody watches: a window that is loaded once, fed with every published batch, and shared by all
 * subscribers whatever their intervals.
 *
 *   dormant ──metric seen──► loading (batches are held) ──► live ──► (no subscribers) lingers, then goes
 *                               ▲── waiting to retry ──┘ └──► failed: subscribers are told
 */
import type { Interval, StreamMeta } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Columns } from '../model.js'
import { emptyState, Feed, type FeedSource, type FeedSubscriber } from './feed.js'
import type { HubLimits, HubLog } from './options.js'
import type { LivePlan, LiveState, LiveWindow } from './planner.js'

/** What an aggregate needs of the hub. */
export interface AggregateContext {
  now(): number
  limits: HubLimits
  log: HubLog | undefined
  /** It can't go on: subscribers have to be told, and the aggregate forgotten. */
  onFailure(aggregate: Aggregate, error: TelltaleError): void
  onSerialised(): void
  /** Runs at most a few loads at a time: a page of charts must not crowd out queries. */
  queueLoad(load: () => Promise<void>): Promise<void>
  /** Runs a retry later. */
  later(delayMs: number, run: () => void): void
}

type Phase = 'dormant' | 'loading' | 'waiting' | 'live' | 'closed'

interface HeldBatch {
  seq: number
  columns: Columns
}

const firstRetryMs = 1_000
const maxRetryMs = 30_000

export class Aggregate implements FeedSource {
  readonly plan: LivePlan
  readonly feeds = new Map<Interval, Feed>()
  /** Since when nobody subscribes. */
  idleSinceMs: number
  window: LiveWindow | undefined
  #phase: Phase = 'dormant'
  #held: HeldBatch[] = []
  #heldRows = 0
  #retryMs = firstRetryMs
  /** Tells the outcome of a load that was given up from the one that counts. */
  #attempt = 0
  #abort: AbortController | undefined
  readonly #context: AggregateContext

  constructor(plan: LivePlan, context: AggregateContext) {
    this.plan = plan
    this.#context = context
    this.idleSinceMs = context.now()
  }

  get isLive(): boolean {
    return this.#phase === 'live'
  }

  get isDormant(): boolean {
    return this.#phase === 'dormant'
  }

  get isLoading(): boolean {
    return this.#phase === 'loading'
  }

  get isUnused(): boolean {
    for (const feed of this.feeds.values()) if (feed.subscribers.size > 0) return false
    return true
  }

  get meta(): StreamMeta {
    return {
      step_ms: this.plan.stepMs,
      range_ms: this.plan.rangeMs,
      kind: this.window?.kind ?? 'unknown',
      unit: this.window?.unit ?? '',
    }
  }

  /** A subscriber gets its snapshot at once, or as soon as the window is loaded. */
  subscribe(subscriber: FeedSubscriber, interval: Interval): Feed {
    let feed = this.feeds.get(interval)
    if (feed === undefined) {
      feed = new Feed(this, () => this.#context.onSerialised())
      this.feeds.set(interval, feed)
    }
    if (this.#phase === 'loading' || this.#phase === 'waiting') {
      subscriber.isStale = true
      feed.subscribers.add(subscriber)
      return feed
    }
    const state = this.#evaluate(this.#context.now())
    if (state !== undefined) feed.welcome(subscriber, state)
    return feed
  }

  unsubscribe(subscriber: FeedSubscriber, interval: Interval): void {
    const feed = this.feeds.get(interval)
    if (feed === undefined) return
    feed.subscribers.delete(subscriber)
    if (feed.subscribers.size === 0) this.feeds.delete(interval)
    if (this.isUnused) this.idleSinceMs = this.#context.now()
  }

  /** Opens the window, if its metric has been seen. From now on published batches have to be handed in. */
  start(): void {
    if (this.#phase === 'closed') return
    this.#abort?.abort()
    this.#held = []
    this.#heldRows = 0
    const attempt = ++this.#attempt
    try {
      this.window = this.plan.open()
    } catch (error) {
      this.fail(error)
      return
    }
    if (this.window === undefined) {
      this.#phase = 'dormant'
      return
    }
    this.#phase = 'loading'
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const window = this.window
    const load = () => (signal.aborted ? Promise.resolve() : window.load(this.#context.now(), signal))
    this.#context.queueLoad(load).then(
      () => {
        if (attempt === this.#attempt) this.#loaded()
      },
      (error: unknown) => {
        if (attempt === this.#attempt) this.#loadFailed(error)
      },
    )
  }

  /** Keeps a batch until the window is loaded. */
  hold(seq: number, columns: Columns, rows: number): void {
    this.#held.push({ seq, columns })
    this.#heldRows += rows
    // The store is slower than what comes in: read again, with these batches in it.
    if (this.#heldRows > this.#context.limits.maxHeldRows) this.start()
  }

  /** Adds a published batch to a window that is live, or to a loaded one that catches up. */
  apply(seq: number, { samples, histograms }: Columns): void {
    const { window } = this
    if (window === undefined) return
    if (samples !== undefined) {
      const { count, series, timeMs, value } = samples
      for (let i = 0; i < count; i++) window.addSample(series[i]!, timeMs[i]!, value[i]!, seq)
    }
    if (histograms === undefined) return
    for (let row = 0, from = 0; row < histograms.count; row++) {
      window.addHistogram(histograms, row, from, seq)
      from += histograms.buckets[row]!
    }
  }

  tick(interval: Interval, nowMs: number): void {
    const feed = this.feeds.get(interval)
    if (feed === undefined || this.#phase === 'loading' || this.#phase === 'waiting') return
    const state = this.#evaluate(nowMs)
    if (state !== undefined) feed.tick(state)
  }

  close(): void {
    this.#phase = 'closed'
    this.#attempt++
    this.#abort?.abort()
    this.#held = []
    this.window = undefined
  }

  #loaded(): void {
    const held = this.#held
    this.#held = []
    this.#heldRows = 0
    try {
      for (const { seq, columns } of held) this.apply(seq, columns)
    } catch (error) {
      this.fail(error)
      return
    }
    this.#phase = 'live'
    this.#retryMs = firstRetryMs
    const state = this.#evaluate(this.#context.now())
    if (state === undefined) return
    for (const feed of this.feeds.values()) {
      feed.reset()
      feed.tick(state)
    }
  }

  #loadFailed(error: unknown): void {
    if (this.#phase === 'closed') return
    const isPassing = !(error instanceof TelltaleError) || error.status >= 500
    if (!isPassing) {
      this.fail(error)
      return
    }
    this.#context.log?.warn({ err: error, retryMs: this.#retryMs }, 'a stream could not be loaded; trying again')
    this.#phase = 'waiting'
    this.window = undefined
    this.#held = []
    const attempt = this.#attempt
    this.#context.later(this.#retryMs, () => {
      if (attempt === this.#attempt) this.start()
    })
    this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs)
  }

  #evaluate(nowMs: number): LiveState | undefined {
    if (this.window === undefined) return emptyState
    try {
      return this.window.evaluate(nowMs)
    } catch (error) {
      this.fail(error)
      return undefined
    }
  }

  /** Ends the aggregate. An error without a code is a fault of ours and goes to the log. */
  fail(error: unknown): void {
    if (this.#phase === 'closed') return
    if (!(error instanceof TelltaleError)) this.#context.log?.error({ err: error }, 'a stream has failed')
    const known =
      error instanceof TelltaleError
        ? error
        : new TelltaleError('internal', 'The stream failed; the log of the collector says why. Subscribe again.')
    this.#context.onFailure(this, known)
    this.close()
  }
}
