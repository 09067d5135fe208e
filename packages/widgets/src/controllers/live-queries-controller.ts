/** Ties several live queries to one tag's life: those that stay the same stay open when others change. */
import type { LitElement, ReactiveController } from 'lit'
import type { AnalyticsClient } from '../client/analytics-client.js'
import { everySecond } from '../client/clock.js'
import { ClientError } from '../client/errors.js'
import type { LiveQuery } from '../client/live-query.js'
import type { ClientController } from './client-controller.js'
import type { LiveRequest } from './live-query-controller.js'
import { type WidgetState, widgetState } from './widget-state.js'

interface Open {
  key: string
  live: LiveQuery
  stop: () => void
}

export class LiveQueriesController implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #requests: () => LiveRequest[] | ClientError
  readonly #onData: () => void
  #client: AnalyticsClient | undefined
  #open: Open[] = []
  #stopState: (() => void) | undefined
  #stopSeconds: (() => void) | undefined
  #connectError: ClientError | undefined
  #invalid: ClientError | undefined

  /**
   * `requests` gives what to ask, in order, or an error where the tag's attributes make no sense. `onData` is called with
   * every frame; an update is only asked for where the state of a query has changed.
   */
  constructor(
    host: LitElement,
    source: ClientController,
    requests: () => LiveRequest[] | ClientError,
    onData: () => void,
  ) {
    this.#host = host
    this.#source = source
    this.#requests = requests
    this.#onData = onData
    host.addController(this)
  }

  /** In the order of the requests. */
  get lives(): LiveQuery[] {
    return this.#open.map(({ live }) => live)
  }

  get client(): AnalyticsClient | undefined {
    return this.#client
  }

  /** Ready as soon as one query has data; an error only where no query has an answer. */
  get state(): WidgetState {
    const error = this.#source.error ?? this.#invalid
    if (error) return { phase: 'error', error }
    const client = this.#client
    const { lives } = this
    if (!client || lives.length === 0) return { phase: 'loading' }
    const isRefused = lives.every((live) => live.error)
    return widgetState({
      connection: client.connection.state,
      lostAtMs: client.connection.lostAtMs,
      loaded: lives.some((live) => live.loaded),
      isEmpty: lives.every((live) => live.store.length === 0),
      error: isRefused ? lives[0].error : undefined,
      connectError: this.#connectError,
    })
  }

  /** The right edge of a live window: the collector's time, or the moment at which the connection was lost. */
  get nowMs(): number {
    const connection = this.#client?.connection
    return connection ? (connection.lostAtMs ?? connection.nowMs()) : Date.now()
  }

  retry(): void {
    this.#client?.connection.retry()
    for (const live of this.lives) live.restart()
  }

  hostUpdate(): void {
    const { client } = this.#source
    const requests = this.#requests()
    this.#invalid = requests instanceof ClientError ? requests : undefined
    if (client !== this.#client) this.#setClient(client)
    const wanted = requests instanceof ClientError || !client ? [] : requests
    const keys = wanted.map((request) => JSON.stringify(request))
    if (keys.length === this.#open.length && keys.every((key, i) => key === this.#open[i].key)) return
    const before = this.#open
    this.#open = wanted.map((request, i) => {
      const kept = before.findIndex((open) => open.key === keys[i])
      return kept >= 0 ? before.splice(kept, 1)[0] : this.#start(client!, request, keys[i])
    })
    // After the new ones are open, so that a stream that only moved is never closed in between.
    for (const open of before) open.stop()
    this.#onData()
  }

  hostDisconnected(): void {
    this.#setClient(undefined)
  }

  #start(client: AnalyticsClient, request: LiveRequest, key: string): Open {
    const live = client.live(request.query, request.interval)
    let wasLoaded = live.loaded
    let error = live.error
    const stop = live.subscribe(() => {
      this.#onData()
      // Data alone are drawn, which costs little; what stands around them is made anew when there is another state to show.
      if (live.loaded === wasLoaded && live.error === error && live.loaded) return
      wasLoaded = live.loaded
      error = live.error
      this.#host.requestUpdate()
    })
    return { key, live, stop }
  }

  #setClient(client: AnalyticsClient | undefined): void {
    for (const open of this.#open) open.stop()
    this.#open = []
    this.#stopState?.()
    this.#endSeconds()
    this.#connectError = undefined
    this.#client = client
    this.#stopState = client?.connection.onState(() => this.#connectionChanged())
    if (client) this.#connectionChanged()
  }

  #connectionChanged(): void {
    const { phase, ...rest } = this.#client!.connection.state
    if (phase === 'open') this.#connectError = undefined
    if (phase === 'waiting' && 'error' in rest) this.#connectError = rest.error
    // A countdown is on the screen: it is redrawn every second until the next attempt.
    if (phase === 'waiting') this.#stopSeconds ??= everySecond(() => this.#host.requestUpdate())
    else this.#endSeconds()
    this.#host.requestUpdate()
  }

  #endSeconds(): void {
    this.#stopSeconds?.()
    this.#stopSeconds = undefined
  }
}
