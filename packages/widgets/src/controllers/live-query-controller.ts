/** Ties a live query to a tag's life: follows the client and the attributes, and asks for updates when data or state change. */
import type { Interval, StreamQuery } from '@telltale/protocol/api'
import type { LitElement, ReactiveController } from 'lit'
import type { AnalyticsClient } from '../client/analytics-client.js'
import { everySecond } from '../client/clock.js'
import { ClientError } from '../client/errors.js'
import type { LiveQuery } from '../client/live-query.js'
import type { ClientController } from './client-controller.js'
import { type WidgetState, widgetState } from './widget-state.js'

export interface LiveRequest {
  query: StreamQuery
  interval: Interval
}

export class LiveQueryController implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #request: () => LiveRequest | ClientError | undefined
  readonly #onData: () => void
  #client: AnalyticsClient | undefined
  #key = ''
  #stops: (() => void)[] = []
  #stopSeconds: (() => void) | undefined
  #connectError: ClientError | undefined
  #invalid: ClientError | undefined

  live: LiveQuery | undefined

  /** `request` gives what to ask, from the tag's attributes: nothing while it has no metric, an error where they make no sense. */
  constructor(
    host: LitElement,
    source: ClientController,
    request: () => LiveRequest | ClientError | undefined,
    onData: () => void = () => {},
  ) {
    this.#host = host
    this.#source = source
    this.#request = request
    this.#onData = onData
    host.addController(this)
  }

  get state(): WidgetState {
    const error = this.#source.error ?? this.#invalid
    if (error) return { phase: 'error', error }
    if (!this.live || !this.#client) return { phase: 'loading' }
    const { connection } = this.#client
    return widgetState({
      connection: connection.state,
      lostAtMs: connection.lostAtMs,
      loaded: this.live.loaded,
      isEmpty: this.live.store.length === 0,
      error: this.live.error,
      connectError: this.#connectError,
    })
  }

  /** The right edge of a live window: the collector's time, or the moment at which the connection was lost. */
  get windowEndMs(): number {
    const connection = this.#client?.connection
    return connection ? (connection.lostAtMs ?? connection.nowMs()) : Date.now()
  }

  retry(): void {
    this.#client?.connection.retry()
    this.live?.restart()
  }

  hostUpdate(): void {
    const { client } = this.#source
    const request = this.#request()
    this.#invalid = request instanceof ClientError ? request : undefined
    const key = request instanceof ClientError ? '' : JSON.stringify(request ?? '')
    if (client === this.#client && key === this.#key) return
    this.#stop()
    this.#client = client
    this.#key = key
    if (!client || !request || request instanceof ClientError) return
    this.live = client.live(request.query, request.interval)
    this.#stops = [
      this.live.subscribe(() => this.#dataChanged()),
      client.connection.onState(() => this.#connectionChanged()),
    ]
    this.#connectionChanged()
    if (this.live.loaded) this.#onData()
  }

  hostDisconnected(): void {
    this.#stop()
    this.#client = undefined
    this.#key = ''
  }

  #dataChanged(): void {
    this.#onData()
    this.#host.requestUpdate()
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

  #stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.#endSeconds()
    this.#connectError = undefined
    this.live = undefined
  }
}
