/**
 * Gathers the metric queries that a page asks in one moment into one request. Each gets its own answer or its own error, and
 * one that is alone goes as it always did.
 *
 *   tags ──ask()──► waiting ──same moment──► 1: alone · 2 to 50: POST …/metrics/batch ──► each its own
 */
import type { ErrorBody, HistogramQuery, MetricsQuery } from '@telltale/protocol/api'
import { ClientError, toError } from './errors.js'

/** What the collector takes in one request. */
const maxQueries = 50

export type BatchQuery = { query: MetricsQuery } | { histogram: HistogramQuery }

/** Of the request, not of a query: one by one they may go through. */
const notTogether = new Set(['not_found', 'invalid_request', 'payload_too_large'])

export interface BatchTransport {
  /** Rejects with what concerns the request as a whole: no connection, no right. */
  together(queries: readonly (BatchQuery & { id: string })[]): Promise<{ results?: readonly BatchItem[] }>
  alone(asked: BatchQuery): Promise<unknown>
}

export interface BatchItem extends Partial<ErrorBody> {
  id: string
  status: number
}

interface Waiting {
  asked: BatchQuery
  resolve(answer: unknown): void
  reject(error: unknown): void
}

export class QueryBatch {
  readonly #transport: BatchTransport
  #waiting: Waiting[] = []
  /** False once a collector, older than these tags, has said that it knows no batches. */
  #isKnown = true

  constructor(transport: BatchTransport) {
    this.#transport = transport
  }

  ask(asked: BatchQuery): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // A task of its own, not a microtask: tags that come into view are told one by one, with microtasks in between.
      if (this.#waiting.length === 0) setTimeout(() => this.#flush())
      this.#waiting.push({ asked, resolve, reject })
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    if (!this.#isKnown) this.#eachAlone(waiting)
    else for (let i = 0; i < waiting.length; i += maxQueries) void this.#send(waiting.slice(i, i + maxQueries))
  }

  #eachAlone(waiting: readonly Waiting[]): void {
    for (const { asked, resolve, reject } of waiting) this.#transport.alone(asked).then(resolve, reject)
  }

  async #send(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length === 1) return this.#eachAlone(waiting)
    try {
      const { results } = await this.#transport.together(waiting.map(({ asked }, i) => ({ id: String(i), ...asked })))
      const byId = new Map(results?.map((item) => [item.id, item]))
      for (const [i, each] of waiting.entries()) settle(each, byId.get(String(i)))
    } catch (error) {
      if (error instanceof ClientError && notTogether.has(error.code)) {
        this.#isKnown = error.code !== 'not_found'
        this.#eachAlone(waiting)
      } else for (const { reject } of waiting) reject(error)
    }
  }
}

function settle({ resolve, reject }: Waiting, item: BatchItem | undefined): void {
  if (item?.status === 200) resolve(item)
  else if (item) reject(toError(item.status, item))
  else reject(new ClientError('invalid_answer', 'The collector left a query of a batch unanswered.'))
}
