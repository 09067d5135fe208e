/**
 * Answers metric queries, each as seldom as can be without ever hiding data that was acknowledged.
 *
 *   question ─► kept answer that still stands? ─► the same question under way? ─► plan, execute ─► keep
 *                                                                                    └─► closed buckets ─► store
 */
import type {
  MetricsColumns,
  MetricsResult,
  ResolvedAnyQuery,
  ResolvedFormulaQuery,
  ResolvedMetricsQuery,
} from '@telltale/protocol/api'
import type { Principal, SeriesIndex } from '../model.js'
import type { Store } from '../store/store.js'
import { type Answer, answerBody, answerOf, type MetricsJson } from './answer.js'
import { AnswerCache, answers, type Entry, type EntryContext } from './answer-cache.js'
import type { Changes } from './changes.js'
import { ClosedBuckets } from './closed-buckets.js'
import { Flights } from './flights.js'
import { queryFormula } from './formula.js'
import type { QueryLimits } from './limits.js'
import { queryMetrics } from './metrics.js'
import { type Question, questionKey, questionOf } from './question.js'
import { SharedReads } from './shared-reads.js'

export interface AnswersOptions {
  index: SeriesIndex
  store: Pick<Store, 'aggregate'>
  changes: Changes
  limits: QueryLimits
  now: () => number
  /** Half of it for answers, half for closed buckets. 0: nothing is kept. */
  maxBytes: number
}

export interface CacheStats {
  /** Queries that were answered from the cache. */
  hits: number
  /** Queries that joined an equal one that was under way. */
  shared: number
  /** Queries that were executed. */
  misses: number
  entries: number
  bytes: number
}

interface Found {
  answer: Answer
  isCached: boolean
}

export class Answers {
  readonly #options: AnswersOptions
  readonly #context: EntryContext
  readonly #reads: SharedReads
  readonly #cache: AnswerCache | undefined
  readonly #closed: ClosedBuckets | undefined
  readonly #flights = new Flights<Entry>()
  #hits = 0
  #shared = 0
  #misses = 0

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#context = options
    this.#reads = new SharedReads(options.store, options.changes)
    if (options.maxBytes === 0) return
    const maxBytes = Math.ceil(options.maxBytes / 2)
    this.#cache = new AnswerCache(maxBytes)
    this.#closed = new ClosedBuckets({ ...options, store: this.#reads, maxBytes })
  }

  /** The store behind the closed buckets that are kept. */
  get store(): Pick<Store, 'aggregate'> {
    return this.#closed ?? this.#reads
  }

  async json(principal: Principal, query: ResolvedAnyQuery, signal?: AbortSignal): Promise<MetricsJson> {
    const startedMs = performance.now()
    const { answer, isCached } = await this.#find(principal, query, signal)
    return { body: answerBody(answer, isCached, elapsedMs(startedMs)), etag: answer.etag }
  }

  async result(
    principal: Principal,
    query: ResolvedAnyQuery,
    signal?: AbortSignal,
  ): Promise<MetricsResult | MetricsColumns> {
    const { body } = await this.json(principal, query, signal)
    return JSON.parse(body.toString()) as MetricsResult | MetricsColumns
  }

  stats(): CacheStats {
    return {
      hits: this.#hits,
      shared: this.#shared,
      misses: this.#misses,
      entries: this.#cache?.size ?? 0,
      bytes: (this.#cache?.bytes ?? 0) + (this.#closed?.bytes ?? 0),
    }
  }

  async #find(principal: Principal, query: ResolvedAnyQuery, signal: AbortSignal | undefined): Promise<Found> {
    const { now, changes } = this.#options
    const question = questionOf(query, now())
    const cache = this.#cache
    if (cache === undefined) {
      this.#misses++
      return { answer: (await this.#execute(principal, question, signal)).answer, isCached: false }
    }
    const key = questionKey(principal, question)
    const kept = cache.get(key, question, this.#context)
    if (kept !== undefined) {
      this.#hits++
      return { answer: kept.answer, isCached: true }
    }
    // What is published from here on may be missing in the answer, what was before may not.
    const seenSeq = changes.seqOf(principal.project)
    for (;;) {
      const { outcome, isJoined } = this.#flights.board(key, signal, async (cancel) => {
        const entry = await this.#execute(principal, question, cancel)
        cache.set(key, entry)
        return entry
      })
      if (!isJoined) this.#misses++
      const entry = await outcome
      if (!isJoined) return { answer: entry.answer, isCached: false }
      // It may have begun before data came that we have to show. The next one begins after us, so this ends.
      if (!answers(entry, question, this.#context, seenSeq)) continue
      this.#shared++
      return { answer: entry.answer, isCached: true }
    }
  }

  async #execute(principal: Principal, question: Question, signal: AbortSignal | undefined): Promise<Entry> {
    const { index, limits } = this.#options
    const { store } = this
    const { project } = principal
    const context = { store, limits, nowMs: question.nowMs, signal }
    const done = isFormula(question)
      ? await queryFormula(index, project, question, context)
      : await queryMetrics(index, project, question as Question<ResolvedMetricsQuery>, context)
    const { content, meta, asOf } = done
    const sources = done.sources.map((source) => ({
      ...source,
      hasLaterPoints: (index.metric(project, source.source)?.lastSeenMs ?? 0) >= question.range.endMs,
    }))
    return { answer: answerOf(content, meta), project, question, asOf, sources }
  }
}

function isFormula(question: Question): question is Question<ResolvedFormulaQuery> {
  return 'formula' in question.query
}

function elapsedMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 100) / 100
}
