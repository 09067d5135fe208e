/** Dashboards over HTTP, for tags and for `createAnalyticsStore()`. */
import type {
  Dashboard,
  DashboardConfig,
  DashboardList,
  DashboardTemplate,
  DashboardVersions,
} from '@telltale/protocol/api'
import type { BoardContent } from '../board/document.js'
import type { BoardTransport } from './board-session.js'
import type { QueryClient } from './query-client.js'

const path = '/api/v1/dashboards'

export class BoardsClient implements BoardTransport {
  readonly #queries: QueryClient

  constructor(queries: QueryClient) {
    this.#queries = queries
  }

  list(): Promise<DashboardList> {
    return this.#queries.get(`${path}?sort=name&limit=500`)
  }

  templates(): Promise<{ data: DashboardTemplate[] }> {
    return this.#queries.get(`${path}/templates`)
  }

  load(id: string): Promise<Dashboard> {
    return this.#queries.get(this.#path(id))
  }

  create(config: DashboardConfig): Promise<Dashboard> {
    return this.#queries.send('POST', path, config)
  }

  save(id: string, content: BoardContent, version?: number): Promise<Dashboard> {
    return this.#queries.send('PUT', this.#path(id), content, version === undefined ? undefined : `"${version}"`)
  }

  remove(id: string): Promise<void> {
    return this.#queries.send('DELETE', this.#path(id))
  }

  duplicate(id: string, name?: string): Promise<Dashboard> {
    return this.#queries.send('POST', `${this.#path(id)}/duplicate`, name === undefined ? {} : { name })
  }

  /** Newest first; the last 50 saves. */
  versions(id: string): Promise<DashboardVersions> {
    return this.#queries.get(`${this.#path(id)}/versions`)
  }

  /** The board as it was saved then. */
  version(id: string, version: number): Promise<DashboardConfig> {
    return this.#queries.get(`${this.#path(id)}/versions/${version}`)
  }

  #path(id: string): string {
    return `${path}/${encodeURIComponent(id)}`
  }
}
