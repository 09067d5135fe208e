/**
 * Keeps the partial aggregates of closed buckets, so that a timeline that moves on asks the store for its ends alone: a
 * bucket is closed once it ended some seconds ago. It stands between execution and the store.
 *
 *        start ├─┬───────┬───────┬───────┬───────┬───────┬────┤ end
 *        asked ╰─╯ kept ╰───────────────────────╯ asked ╰─────╯
 *                                           closed until here ┘
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AggregateRequest, Partials, Store } from '../store/store.js'
import type { Changes } from './changes.js'
import { cutPartials, joinPartials, partialsBytes } from './partials.js'

/** Data comes late as a rule by what its sender gathers, and a bucket that still fills is better not kept. */
const closedAfterMs = 10_000
/** So that what retention removes does not live on. */
const maxAgeMs = 300_000
/** With fewer closed buckets, two reads of the ends cost more than one of all. */
const minBuckets = 8
const entryBytes = 512
const largestPart = 1 / 4

interface Kept {
  madeMs: number
  /** Every batch up to this one is in the partials. */
  asOf: number
  /** Edges of the store's grid. */
  startMs: number
  endMs: number
  series: Uint32Array
  partials: Partials
}

export interface ClosedBucketsOptions {
  store: Pick<Store, 'aggregate'>
  changes: Changes
  now: () => number
  maxBytes: number
}

export class ClosedBuckets implements Pick<Store, 'aggregate'> {
  readonly #options: ClosedBucketsOptions
  readonly #kept: LRUCache<string, Kept>

  constructor(options: ClosedBucketsOptions) {
    this.#options = options
    this.#kept = new LRUCache({
      maxSize: options.maxBytes,
      maxEntrySize: Math.max(1, Math.floor(options.maxBytes * largestPart)),
      sizeCalculation: ({ partials, series }) => entryBytes + partialsBytes(partials) + series.byteLength,
    })
  }

  get bytes(): number {
    return this.#kept.calculatedSize
  }

  async aggregate(request: AggregateRequest, signal?: AbortSignal): Promise<Partials> {
    const { store, changes, now } = this.#options
    const { project, startMs, endMs, originMs, stepMs, series } = request
    const nowMs = now()
    const closedStartMs = originMs + Math.ceil((startMs - originMs) / stepMs) * stepMs
    const closedEndMs = originMs + Math.floor((Math.min(endMs, nowMs - closedAfterMs) - originMs) / stepMs) * stepMs
    if (stepMs === 0 || (closedEndMs - closedStartMs) / stepMs < minBuckets) return store.aggregate(request, signal)

    const key = keyOf(request, nowMs)
    // What is kept stands until the newest batch that we know of, if none of those since has changed it.
    const seenSeq = changes.seqOf(project)
    const kept = this.#valid(key, request, nowMs)
    const isUsable = kept !== undefined && kept.startMs <= closedStartMs && kept.endMs > closedStartMs
    if (!isUsable) {
      const partials = await store.aggregate(request, signal)
      this.#keep(key, partials, closedStartMs, closedEndMs, { madeMs: nowMs, asOf: partials.asOf, series })
      return partials
    }
    const keptEndMs = Math.min(kept.endMs, closedEndMs)
    const asOf = Math.max(kept.asOf, seenSeq)
    const middle = { ...cutPartials(kept.partials, closedStartMs, keptEndMs), asOf }
    const [head, tail] = await Promise.all([
      startMs < closedStartMs ? store.aggregate({ ...request, endMs: closedStartMs }, signal) : undefined,
      keptEndMs < endMs ? store.aggregate({ ...request, startMs: keptEndMs }, signal) : undefined,
    ])
    const partials = joinPartials([head, middle, tail].filter((part) => part !== undefined))
    this.#keep(key, partials, closedStartMs, closedEndMs, { madeMs: kept.madeMs, asOf: partials.asOf, series })
    return partials
  }

  #valid(key: string, { project }: AggregateRequest, nowMs: number): Kept | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    const ageMs = nowMs - kept.madeMs
    const isValid =
      ageMs >= 0 && ageMs <= maxAgeMs && !this.#options.changes.hasChanged(project, kept.asOf, kept.endMs, kept.series)
    if (isValid) return kept
    this.#kept.delete(key)
    return undefined
  }

  #keep(
    key: string,
    partials: Partials,
    startMs: number,
    endMs: number,
    about: Pick<Kept, 'madeMs' | 'asOf' | 'series'>,
  ): void {
    this.#kept.set(key, { ...about, startMs, endMs, partials: cutPartials(partials, startMs, endMs) })
  }
}

/**
 * Requests of one key follow each other in time: they are alike but for where their range lies, which may have moved on.
 * Ranges of other lengths, and those that are compared with, have keys of their own. A metric may have many series, so
 * they stand in it as a digest.
 */
function keyOf(request: AggregateRequest, nowMs: number): string {
  const { project, kind, series, group, startMs, endMs, originMs, stepMs, want } = request
  const rows = createHash('sha1').update(series).update(group).digest('base64url')
  const { sum = false, minMax = false, last = false, sketch = false } = want
  const lengthMs = endMs - startMs
  const range = [Math.round(lengthMs / stepMs), Math.round((nowMs - endMs) / lengthMs)]
  return JSON.stringify([project, kind, rows, originMs % stepMs, stepMs, ...range, sum, minMax, last, sketch])
}
