/** HTTP queries for the widgets: JSON in, JSON out, coded errors, and one request for callers who ask the same at once. */
import type {
  HistogramQuery,
  HistogramResult,
  MetricInfo,
  MetricsColumns,
  MetricsQuery,
  MetricsResult,
  TasksQuery,
  TasksResult,
} from '@telltale/protocol/api'
import type { AnalyticsClient } from './analytics-client.js'
import type { Credential } from './credential.js'
import { toError, unreachable } from './errors.js'
import { type BatchItem, type BatchQuery, QueryBatch } from './query-batch.js'

const timeoutMs = 20_000
const queryPath = '/api/v1/metrics/query'
const histogramPath = '/api/v1/metrics/histogram'
const batchPath = '/api/v1/metrics/batch'

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body: string | undefined
  headers?: Record<string, string>
}

const made = new WeakMap<AnalyticsClient, QueryClient>()

/** The one of a page's client. Charts that only stream have none, nor its code. */
export function queriesOf(client: AnalyticsClient): QueryClient {
  let queries = made.get(client)
  if (!queries) {
    queries = new QueryClient(client.endpoint, client.credential)
    made.set(client, queries)
  }
  return queries
}

export class QueryClient {
  readonly #endpoint: string
  readonly #credential: Credential
  readonly #flights = new Map<string, Promise<unknown>>()
  readonly #batch = new QueryBatch({
    together: (queries) => this.#request<{ results: BatchItem[] }>(batchPath, post({ queries })),
    alone: (asked) =>
      'query' in asked
        ? this.#request(queryPath, post(asked.query))
        : this.#request(histogramPath, post(asked.histogram)),
  })

  constructor(endpoint: string, credential: Credential) {
    this.#endpoint = endpoint
    this.#credential = credential
  }

  metrics(query: MetricsQuery): Promise<MetricsResult> {
    return this.#gathered({ query })
  }

  /** The same as one time axis and a column a group, for charts. */
  columns(query: MetricsQuery): Promise<MetricsColumns> {
    return this.#gathered({ query: { ...query, format: 'columns' } })
  }

  /** How values are spread over time. */
  histogram(query: HistogramQuery): Promise<HistogramResult> {
    return this.#gathered({ histogram: query })
  }

  /** Every metric that this credential may see. */
  catalogue(): Promise<{ data: MetricInfo[] }> {
    return this.get('/api/v1/metrics')
  }

  tagKeys(metric: string): Promise<{ data: { key: string; cardinality: number }[] }> {
    return this.get(`/api/v1/metrics/${encodeURIComponent(metric)}/tags`)
  }

  /** Values of a tag that contain `search`. */
  tagValues(metric: string, key: string, search = ''): Promise<{ data: string[]; truncated: boolean }> {
    const path = `/api/v1/metrics/${encodeURIComponent(metric)}/tags/${encodeURIComponent(key)}/values`
    return this.get(search ? `${path}?search=${encodeURIComponent(search)}` : path)
  }

  /** Any other route that is read. */
  get<T>(path: string): Promise<T> {
    return this.#share(path, undefined)
  }

  tasks(query: TasksQuery): Promise<TasksResult> {
    return this.#share('/api/v1/tasks/query', query)
  }

  /** A route that changes something: never shared, and guarded by `ifMatch` where that is given. */
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, ifMatch?: string): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return this.#request(path, { method, body: text, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } })
  }

  /** What tags ask in the same moment goes out together. */
  #gathered<T>(asked: BatchQuery): Promise<T> {
    return this.#once(JSON.stringify(asked), () => this.#batch.ask(asked) as Promise<T>)
  }

  #share<T>(path: string, body: unknown): Promise<T> {
    const call: Call = body === undefined ? { method: 'GET', body: undefined } : post(body)
    return this.#once(`${path} ${call.body ?? ''}`, () => this.#request<T>(path, call))
  }

  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    let flight = this.#flights.get(key) as Promise<T> | undefined
    if (!flight) {
      flight = ask().finally(() => this.#flights.delete(key))
      this.#flights.set(key, flight)
    }
    return flight
  }

  async #request<T>(path: string, call: Call, isRetry = false): Promise<T> {
    const token = await this.#credential.get()
    let response: Response
    try {
      response = await fetch(this.#endpoint + path, {
        method: call.method,
        headers: {
          ...call.headers,
          authorization: `Bearer ${token}`,
          ...(call.body ? { 'content-type': 'application/json' } : {}),
        },
        ...(call.body ? { body: call.body } : {}),
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch (cause) {
      throw unreachable(this.#endpoint, cause)
    }
    if (response.status === 401 && this.#credential.renewable && !isRetry) {
      this.#credential.refuse(token)
      return this.#request(path, call, true)
    }
    if (response.status === 204) return undefined as T
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && answer !== undefined) return answer as T
    throw toError(response.status, answer)
  }
}

function post(body: unknown): Call {
  return { method: 'POST', body: JSON.stringify(body) }
}
