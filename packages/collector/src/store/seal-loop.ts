/** Decides when to seal, one generation after the other, and puts new segments in the place of hot rows. */
import { TelltaleError } from '../errors.js'
import { isDiskFull, type Journal, messageOf, storageError } from '../journal/index.js'
import type { SeriesId } from '../model.js'
import type { Generation, HotRows } from './hot.js'
import type { ManifestFollower } from './manifest-follower.js'
import type { ResolvedOptions } from './options.js'
import type { Sealer } from './sealer.js'
import type { Segments } from './segments.js'
import type { Snapshots } from './snapshots.js'

export interface SealLoopParts {
  sealer: Sealer
  hot: HotRows
  segments: Segments
  journal: Journal
  snapshots: Snapshots
  follower: ManifestFollower
  options: ResolvedOptions
  /** Called where a seal found no room on the disk. */
  onFull: (reason: string) => void
}

const TICK_MS = 1000
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 60_000
/** Rows a step when old journal rows are deleted or hints are written, so that no commit waits for long. */
const TRIM_ROWS = 256
const LAST_SEEN_ROWS = 1000

export class SealLoop {
  readonly #parts: SealLoopParts
  #running: Promise<void> | undefined
  #housekeeping: Promise<void> = Promise.resolve()
  readonly #drops = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #notBeforeMs = 0
  #closed = false
  total = 0
  seconds = 0
  lastMs: number | null = null

  constructor(parts: SealLoopParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.poke(), TICK_MS).unref()
    this.#trim()
    this.poke()
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Seals if it is time to; cheap enough for every batch. */
  poke(): void {
    if (this.#running !== undefined || this.#closed || Date.now() < this.#notBeforeMs || !this.#isDue()) return
    this.seal().catch(() => {
      // `seal` has logged it and has put off the next try.
    })
  }

  /** Seals everything that was added before the call. */
  async seal(): Promise<void> {
    const { hot } = this.#parts
    const wanted = hot.addedSeq
    // A run that is under way may have closed its generation before our rows came.
    while (this.#parts.journal.sealedSeq < wanted || hot.closed.length > 0) {
      if (this.#closed) throw new TelltaleError('shutting_down', 'The store is closing; nothing was sealed.')
      this.#running ??= this.#sealAll().finally(() => {
        this.#running = undefined
      })
      await this.#running
    }
  }

  /** Resolves when what was sealed has left the journal. */
  async trimmed(): Promise<void> {
    this.#trim()
    await this.#housekeeping
  }

  /** Stops a seal that is under way: its rows stay in the journal. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    while (this.#running !== undefined) {
      this.#parts.sealer.interrupt()
      await Promise.race([this.#running.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 20))])
    }
    await this.#housekeeping
    // A query that is still on its way when its thread ends takes the whole process with it.
    await Promise.all(this.#drops)
  }

  #isDue(): boolean {
    const { hot, options } = this.#parts
    if (hot.closed.length > 0) return true
    const { rows, bytes, createdMs, isEmpty } = hot.open
    if (isEmpty) return false
    if (rows >= options.sealRows || bytes >= options.sealBytes) return true
    return options.sealIntervalMs > 0 && Date.now() - createdMs >= options.sealIntervalMs
  }

  async #sealAll(): Promise<void> {
    const { hot, journal, follower, options } = this.#parts
    try {
      follower.settle()
      hot.rotate()
      for (const generation of hot.closed) {
        if (this.#closed) return
        if (generation.lastSeq <= journal.sealedSeq) continue
        await hot.flushTexts(generation)
        await this.#sealOne(generation)
      }
      this.#retryMs = FIRST_RETRY_MS
      this.#notBeforeMs = 0
    } catch (error) {
      follower.doubt()
      this.#notBeforeMs = Date.now() + this.#retryMs
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2)
      if (!this.#closed) options.log('error', 'sealing failed; it will be tried again', { error: messageOf(error) })
      if (isDiskFull(error)) this.#parts.onFull(messageOf(error))
      throw storageError(error, 'seal')
    }
  }

  async #sealOne(generation: Generation): Promise<void> {
    const { sealer, hot, segments, options } = this.#parts
    const began = performance.now()
    const { records, lastSeenMs } = await sealer.seal(generation)
    // In one turn: a read sees these rows either hot or sealed. Maintenance may have read them from the manifest first.
    if (hot.closed.includes(generation)) {
      segments.add(records)
      this.retire(generation)
    }
    const tookMs = performance.now() - began
    this.total++
    this.seconds += tookMs / 1000
    this.lastMs = Date.now()
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0)
    const fields = { rows: generation.rows, segments: records.length, bytes, tookMs: Math.round(tookMs) }
    options.log('info', 'sealed', fields)
    this.#setLastSeen(lastSeenMs)
    this.#trim()
  }

  /** Forgets hot rows that are in segments. */
  retire(generation: Generation): void {
    const { hot, snapshots } = this.#parts
    hot.remove(generation)
    snapshots.retire(() => this.#drop(generation))
  }

  #drop(generation: Generation): void {
    const { hot, options } = this.#parts
    const drop = hot
      .drop(generation)
      .catch((error: unknown) => {
        options.log('warn', 'could not drop sealed hot tables', { error: messageOf(error) })
      })
      .finally(() => this.#drops.delete(drop))
    this.#drops.add(drop)
  }

  #trim(): void {
    this.#inSteps(() => this.#parts.journal.trim(TRIM_ROWS))
  }

  #setLastSeen(entries: [SeriesId, number][]): void {
    let at = 0
    this.#inSteps(() => {
      this.#parts.journal.series.setLastSeen(entries.slice(at, at + LAST_SEEN_ROWS))
      at += LAST_SEEN_ROWS
      return at < entries.length
    })
  }

  /** Repeats `step` while it returns true, with a pause between, after all housekeeping that was asked for before. */
  #inSteps(step: () => boolean): void {
    const run = async () => {
      while (!this.#closed && step()) await new Promise((resolve) => setImmediate(resolve))
    }
    this.#housekeeping = this.#housekeeping.then(run).catch((error: unknown) => {
      if (!this.#closed) this.#parts.options.log('warn', 'journal housekeeping failed', { error: messageOf(error) })
    })
  }
}
