/** Takes batches in: prepares, has the store make them durable, hands them on to the live side, and keeps count. */
import type { Rejection } from '@telltale/protocol'
import { Signal } from '@telltale/protocol'
import { TelltaleError } from '../errors.js'
import type { Columns, MetricDefinitions, ProjectId } from '../model.js'
import type { JournalEntry, OpenedStore, Store } from '../store/store.js'
import type { AdmissionSettings } from './admission.js'
import { Pipeline, type PreparedBatch } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'

export interface IntakeOptions {
  store: Pick<Store, 'append'>
  settings: AdmissionSettings
  /** Default: nothing is defined. */
  definitions?: MetricDefinitions
  /** Streams of the collector itself. Default: none. */
  isOwn?: (stream: Uint8Array) => boolean
  now?: () => number
  counters: IntakeCounters
  /** Called with each batch once it is durable, in the order of `seq`. */
  publish(project: ProjectId, seq: number, columns: Columns): void
  /** Called for a journal entry that can no longer be read. */
  onReplayFailure?(entry: JournalEntry, error: unknown): void
}

/** What the collector counts about ingest. */
export interface IntakeCounters {
  batch(outcome: 'stored' | 'duplicate' | 'refused' | 'failed'): void
  rows(signal: string, count: number): void
  rejected(reason: string, count: number): void
  senderDropped(reason: string, count: number): void
  bytes(count: number): void
  /** Stored rows whose series found no room. */
  folded(count: number): void
  acknowledged(seconds: number): void
}

export interface IntakeResult {
  batchId: Uint8Array
  accepted: number
  rejected: Rejection[]
  duplicate: boolean
  receivedMs: number
  /** Stored rows whose series found no room, and went to `telltale.overflow=true`. */
  folded: number
}

export const signalNames: Readonly<Record<number, string>> = {
  [Signal.sample]: 'sample',
  [Signal.point]: 'point',
  [Signal.histogram]: 'histogram',
  [Signal.event]: 'event',
  [Signal.task]: 'task',
  [Signal.session]: 'session',
}

export class Intake {
  readonly registry: SeriesRegistry
  /** Batches that wait for their acknowledgement. */
  waiting = 0
  readonly #options: IntakeOptions
  readonly #now: () => number
  readonly #pipeline: Pipeline
  #loaded = false

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.registry = new SeriesRegistry(options.settings)
    this.#pipeline = new Pipeline(this.registry, options.settings, options.definitions, options.isOwn)
  }

  /** Learns the stored series; must come before the first batch. Replay does it too, whichever is first. */
  load(known: OpenedStore): void {
    if (this.#loaded) return
    this.#loaded = true
    this.registry.load(known.series, known.lastSeenMs)
  }

  /**
   * The store's replay: journal entries → the rows that they gave when they were accepted under `settings`.
   * It has a pipeline of its own, because what is folded while frozen must not stay so in cached numberings.
   */
  replayer(settings: AdmissionSettings): (entries: JournalEntry[], known: OpenedStore) => (Columns | null)[] {
    const { definitions, isOwn } = this.#options
    const pipeline = new Pipeline(this.registry, settings, definitions, isOwn)
    return (entries, known) => {
      this.load(known)
      return this.registry.frozen(() => entries.map((entry) => this.#replay(pipeline, entry)))
    }
  }

  /** Resolves once the batch is durable. Throws `malformed_batch`, `all_rows_rejected`, or what the store throws. */
  async take(project: ProjectId, payload: Uint8Array): Promise<IntakeResult> {
    const { counters, store, publish } = this.#options
    const receivedMs = this.#now()
    const batch = this.#prepare(project, payload, receivedMs)
    const { batchId, accepted, rejected, folded } = batch
    if (accepted === 0) return this.#takeNothing(batch)
    const startedMs = performance.now()
    let appended: { seq: number; duplicate: boolean }
    this.waiting++
    try {
      appended = await store.append(batch)
    } catch (error) {
      counters.batch('failed')
      throw error
    } finally {
      this.waiting--
    }
    counters.acknowledged((performance.now() - startedMs) / 1000)
    const { seq, duplicate } = appended
    if (duplicate) {
      counters.batch('duplicate')
      return { batchId, accepted, rejected, duplicate, receivedMs, folded }
    }
    this.registry.settle(batch.newSeries)
    publish(project, seq, batch.columns)
    this.#count(batch)
    return { batchId, accepted, rejected, duplicate, receivedMs, folded }
  }

  /** A batch of the collector itself: stored and handed on like any other, and not counted. */
  async takeOwn(project: ProjectId, payload: Uint8Array): Promise<void> {
    const { store, publish } = this.#options
    const batch = this.#pipeline.prepare(project, payload, this.#now())
    if (batch.accepted === 0) return
    const { seq, duplicate } = await store.append(batch)
    if (duplicate) return
    this.registry.settle(batch.newSeries)
    publish(project, seq, batch.columns)
  }

  #prepare(project: ProjectId, payload: Uint8Array, receivedMs: number): PreparedBatch {
    try {
      return this.#pipeline.prepare(project, payload, receivedMs)
    } catch (error) {
      this.#options.counters.batch('refused')
      throw error
    }
  }

  /** Nothing to store: a batch that carries only the sender's drops is fine, one whose rows are all refused is not. */
  #takeNothing(batch: PreparedBatch): IntakeResult {
    const { counters } = this.#options
    const { batchId, rejected, receivedMs } = batch
    for (const { reason, count } of rejected) counters.rejected(reason, count)
    if (batch.rows > 0) {
      counters.batch('refused')
      throw allRowsRejected(rejected)
    }
    for (const { reason, count } of batch.senderDrops) counters.senderDropped(reason, count)
    counters.batch('stored')
    return { batchId, accepted: 0, rejected, duplicate: false, receivedMs, folded: 0 }
  }

  #count(batch: PreparedBatch): void {
    const { counters } = this.#options
    const { samples, histograms, events, tasks, sessions } = batch.columns
    counters.batch('stored')
    counters.bytes(batch.payload.length)
    if (batch.folded > 0) counters.folded(batch.folded)
    if (samples) counters.rows('sample', samples.count)
    if (histograms) counters.rows('histogram', histograms.count)
    if (events) counters.rows('event', events.length)
    if (tasks) counters.rows('task', tasks.length)
    if (sessions) counters.rows('session', sessions.length)
    for (const { reason, count } of batch.rejected) counters.rejected(reason, count)
    for (const { reason, count } of batch.senderDrops) counters.senderDropped(reason, count)
  }

  #replay(pipeline: Pipeline, entry: JournalEntry): Columns | null {
    try {
      return pipeline.prepare(entry.project, entry.payload, entry.receivedMs).columns
    } catch (error) {
      this.#options.onReplayFailure?.(entry, error)
      return null
    }
  }
}

/** The answer to a batch of which no row could be stored: which reasons, and where the first rows are. */
export function allRowsRejected(rejected: readonly Rejection[]): TelltaleError {
  const reasons = rejected.map(({ signal, reason, count, row }) => ({
    signal: signalNames[signal],
    reason,
    count,
    rows: Array.from(row.slice(0, 10)),
  }))
  const list = reasons.map(({ signal, reason, count }) => `${reason} (${count} × ${signal})`).join(', ')
  return new TelltaleError('all_rows_rejected', `Nothing was stored; every row was refused: ${list}`, {
    details: { rejected: reasons },
  })
}
