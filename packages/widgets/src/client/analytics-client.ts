/** What every widget of the page with the same endpoint and credential shares: one socket, one credential, one copy of each live query. */
import type { Interval, StreamQuery } from '@telltale/protocol/api'
import { resolveEndpoint, type TelltaleOptions } from './configure.js'
import { Connection, type ConnectionOptions } from './connection.js'
import { Credential, type GetToken } from './credential.js'
import { LiveQuery } from './live-query.js'
import { pauseWhileHidden } from './page-visibility.js'

export class AnalyticsClient {
  readonly endpoint: string
  readonly credential: Credential
  readonly connection: Connection
  readonly #live = new Map<string, LiveQuery>()

  constructor(endpoint: string, credential: Credential, overrides: Partial<ConnectionOptions> = {}) {
    this.endpoint = endpoint
    this.credential = credential
    this.connection = new Connection({ endpoint, credential, ...overrides })
  }

  /** Widgets that ask the same share one stream and its columns. */
  live(query: StreamQuery, interval: Interval): LiveQuery {
    const key = JSON.stringify([query, interval])
    let live = this.#live.get(key)
    if (!live) {
      live = new LiveQuery(this.connection, query, interval, () => this.#live.delete(key))
      this.#live.set(key, live)
    }
    return live
  }

  close(): void {
    this.connection.close()
  }
}

interface Shared {
  /** Ends the watch over the page's visibility. */
  stop: () => void
  client: AnalyticsClient
  users: number
}

const clients = new Map<string, Shared>()
const functionIds = new WeakMap<GetToken, number>()
let nextFunctionId = 1

/** The page's client for these options; give it back with `release()`. */
export function acquireClient(options: TelltaleOptions): { client: AnalyticsClient; release: () => void } {
  const endpoint = resolveEndpoint(options.endpoint)
  const key = JSON.stringify([endpoint, options.token, functionId(options.getToken)])
  let shared = clients.get(key)
  if (!shared) {
    const client = new AnalyticsClient(endpoint, new Credential(options.token, options.getToken))
    shared = { client, users: 0, stop: pauseWhileHidden(client.connection) }
    clients.set(key, shared)
  }
  const held = shared
  held.users++
  let released = false
  return {
    client: held.client,
    release: () => {
      if (released) return
      released = true
      if (--held.users > 0) return
      clients.delete(key)
      held.stop()
      held.client.close()
    },
  }
}

function functionId(getToken: GetToken | undefined): number {
  if (!getToken) return 0
  const known = functionIds.get(getToken)
  if (known !== undefined) return known
  functionIds.set(getToken, nextFunctionId)
  return nextFunctionId++
}
