/** Where a board comes from and goes to: the collector, by its id, or the page that gave it. One session at a time. */

import type { Dashboard, DashboardConfig } from '@telltale/protocol/api'
import type { AnalyticsClient } from '../../client/analytics-client.js'
import { BoardSession, type BoardTransport } from '../../client/board-session.js'
import { BoardsClient } from '../../client/boards-client.js'
import { queriesOf } from '../../client/query-client.js'

export interface BoardSourceOptions {
  changed(): void
  saved(dashboard: Dashboard): void
  /** Another board is shown from now on. */
  opened(): void
}

export class BoardSource {
  readonly #options: BoardSourceOptions
  #of: unknown
  session: BoardSession | undefined

  constructor(options: BoardSourceOptions) {
    this.#options = options
  }

  /** Follows what the tag is given; the same again changes nothing. */
  open(id: string, given: DashboardConfig | undefined, client: AnalyticsClient | undefined): void {
    const of = given ?? (id && client ? `${client.endpoint} ${id}` : undefined)
    if (of === this.#of) return
    this.close()
    this.#of = of
    if (of === undefined) return
    const transport = given ? pagesBoard(given) : this.#storedBoard(new BoardsClient(queriesOf(client!)))
    this.session = new BoardSession({ id, transport, changed: () => this.#options.changed() })
  }

  close(): void {
    this.session?.close()
    this.session = this.#of = undefined
    this.#options.opened()
  }

  #storedBoard(boards: BoardsClient): BoardTransport {
    return {
      load: (id) => boards.load(id),
      save: async (id, content, version) => {
        const dashboard = await boards.save(id, content, version)
        this.#options.saved(dashboard)
        return dashboard
      },
    }
  }
}

function pagesBoard(content: DashboardConfig): BoardTransport {
  const kept = (config: object, version: number) => ({ widgets: [], ...config, version }) as unknown as Dashboard
  return {
    load: async () => kept(content, 1),
    save: async (_id, saved, version) => kept(saved, version + 1),
  }
}
