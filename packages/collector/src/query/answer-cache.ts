/** Answers that were given, by question, bounded in bytes: the least recently used ones go first. */
import { LRUCache } from 'lru-cache'
import type { ProjectId, SeriesIndex } from '../model.js'
import type { Answer } from './answer.js'
import type { Changes } from './changes.js'
import type { AnswerSource } from './metrics.js'
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
  sources: readonly EntrySource[]
}

export interface EntrySource extends AnswerSource {
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
      sizeCalculation: ({ answer, sources }, key) =>
        entryBytes +
        answer.content.length +
        sources.reduce((bytes, { series }) => bytes + series.byteLength, 0) +
        key.length * 2,
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
  const { project, question: made, asOf, sources } = entry
  const ageMs = question.nowMs - made.nowMs
  // A clock that was set back makes no answer younger.
  if (ageMs < 0 || ageMs > lifetimeMs(made)) return false
  const isSameRange = question.range.startMs === made.range.startMs && question.range.endMs === made.range.endMs
  const endMs = Math.max(question.range.endMs, made.range.endMs)
  return sources.every(({ name, source, series, seriesKnown, hasLaterPoints }) => {
    if (!isSameRange && hasLaterPoints) return false
    if (sourceOf(index, project, name) !== source) return false
    if ((index.metric(project, source)?.series.length ?? 0) !== seriesKnown) return false
    return asOf >= seenSeq || !changes.hasChanged(project, asOf, endMs, series)
  })
}
