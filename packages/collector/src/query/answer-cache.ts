/** Answers that were given, by question, bounded in bytes: the least recently used ones go first. */
import { LRUCache } from 'lru-cache'
import type { ProjectId, SeriesIndex } from '../model.js'
import type { Answer } from './answer.js'
import type { Changes } from './changes.js'
import { sourceOf } from './plan.js'
import { lifetimeMs, type Question } from './question.js'

/** What an entry costs beside its buffers. */
const entryBytes = 512
/** One answer takes up this part of the cache at most. */
const largestPart = 1 / 8

/** An answer with what is needed to tell whether it still stands. */
export interface Entry {
  answer: Answer
  project: ProjectId
  question: Question
  /** Every batch up to this one is in the answer. */
  asOf: number
  /** The stored metric, its series that matched, and how many it had in all. */
  source: string
  series: Uint32Array
  seriesKnown: number
  /** Points were stored beyond the end of the range, which come into it as the clock moves on. */
  hasLaterPoints: boolean
}

/** Where entries are checked. */
export interface EntryContext {
  index: SeriesIndex
  changes: Changes
}

export class AnswerCache {
  readonly #entries: LRUCache<string, Entry>

  constructor(maxBytes: number) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes * largestPart)),
      sizeCalculation: ({ answer, series }, key) =>
        entryBytes + answer.content.length + series.byteLength + key.length * 2,
    })
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get size(): number {
    return this.#entries.size
  }

  /** The entry, where it answers this question now; one that does not is dropped. */
  get(key: string, question: Question, context: EntryContext): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (answers(entry, question, context)) return entry
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, entry: Entry): void {
    this.#entries.set(key, entry)
  }
}

/**
 * Does the entry answer a question of the same key, asked now? It must have been made a short time ago, of the same
 * series, and no batch since may have brought anything that belongs into either range.
 *
 * `seenSeq`: batches after this one need not be in the answer.
 */
export function answers(
  entry: Entry,
  question: Question,
  { index, changes }: EntryContext,
  seenSeq = Number.POSITIVE_INFINITY,
): boolean {
  const { project, question: made, asOf, source, series } = entry
  const ageMs = question.nowMs - made.nowMs
  // A clock that was set back makes no answer younger.
  if (ageMs < 0 || ageMs > lifetimeMs(made)) return false
  const isSameRange = question.range.startMs === made.range.startMs && question.range.endMs === made.range.endMs
  if (!isSameRange && entry.hasLaterPoints) return false
  if (sourceOf(index, project, question.query.metric_name) !== source) return false
  const metric = index.metric(project, source)
  if (metric?.series.length !== entry.seriesKnown) return false
  if (asOf >= seenSeq) return true
  return !changes.hasChanged(project, asOf, Math.max(question.range.endMs, made.range.endMs), series)
}
