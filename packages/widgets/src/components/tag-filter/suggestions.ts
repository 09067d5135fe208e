/** What a tag filter offers: tags of a metric or of all, and values of a tag that contain what was typed. Only the newest question counts. */
import { ClientError } from '../../client/errors.js'
import type { QueryClient } from '../../client/query-client.js'

/** While somebody types, only what stands for a moment is asked for. */
const restMs = 120

export class Suggestions {
  list: string[] = []
  isLoading = false
  isTruncated = false
  error: ClientError | undefined
  readonly #queries: () => QueryClient | undefined
  readonly #changed: () => void
  #round = 0
  /** Metrics that have a tag, for values where no metric is named. */
  readonly #metricsOf = new Map<string, string>()

  constructor(queries: () => QueryClient | undefined, changed: () => void) {
    this.#queries = queries
    this.#changed = changed
  }

  /** `only`: these tags, without asking. */
  keys(metric: string, only: readonly string[]): Promise<void> {
    return this.#ask(0, async (queries) => {
      if (only.length > 0) return { data: [...only], truncated: false }
      if (metric) return { data: (await queries.tagKeys(metric)).data.map(({ key }) => key), truncated: false }
      await this.#readCatalogue(queries)
      return { data: [...this.#metricsOf.keys()].sort(), truncated: false }
    })
  }

  values(metric: string, key: string, search: string): Promise<void> {
    return this.#ask(search ? restMs : 0, async (queries) => {
      if (!metric && !this.#metricsOf.has(key)) await this.#readCatalogue(queries)
      const owner = metric || this.#metricsOf.get(key)
      return owner ? queries.tagValues(owner, key, search) : { data: [], truncated: false }
    })
  }

  async #readCatalogue(queries: QueryClient): Promise<void> {
    const { data } = await queries.catalogue()
    for (const { name, attributes } of data) {
      for (const key of attributes) if (!this.#metricsOf.has(key)) this.#metricsOf.set(key, name)
    }
  }

  async #ask(
    delayMs: number,
    question: (queries: QueryClient) => Promise<{ data: string[]; truncated: boolean }>,
  ): Promise<void> {
    const round = ++this.#round
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    const queries = this.#queries()
    if (round !== this.#round || !queries) return
    // What was offered stays until the answer is there, except where the question is another one.
    if (delayMs === 0) this.list = []
    this.isLoading = true
    this.error = undefined
    this.#changed()
    try {
      const { data, truncated } = await question(queries)
      if (round !== this.#round) return
      this.list = data
      this.isTruncated = truncated
    } catch (cause) {
      if (round !== this.#round) return
      this.error = cause instanceof ClientError ? cause : new ClientError('invalid_answer', String(cause))
    }
    this.isLoading = false
    this.#changed()
  }
}
