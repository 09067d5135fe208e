/** Ties a task feed to a tag's life: a new one whenever the client or what is asked for changes. */

import type { LitElement, ReactiveController } from 'lit'
import type { AnalyticsClient } from '../client/analytics-client.js'
import { everySecond } from '../client/clock.js'
import { ClientError } from '../client/errors.js'
import { queriesOf } from '../client/query-client.js'
import { TaskFeed, type TaskFeedOptions } from '../client/task-feed.js'
import type { ClientController } from './client-controller.js'
import type { WidgetState } from './widget-state.js'

export class TaskListController implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #request: () => TaskFeedOptions | ClientError
  #client: AnalyticsClient | undefined
  #key = ''
  #invalid: ClientError | undefined
  #stopSeconds: (() => void) | undefined
  #isPaused = true

  feed: TaskFeed | undefined

  constructor(host: LitElement, source: ClientController, request: () => TaskFeedOptions | ClientError) {
    this.#host = host
    this.#source = source
    this.#request = request
    host.addController(this)
  }

  get state(): WidgetState {
    const error = this.#source.error ?? this.#invalid ?? this.feed?.error
    const { feed } = this
    if (!feed || (error && !feed.loaded)) {
      if (!error) return { phase: 'loading' }
      const stale = error.transient ? { sinceMs: Date.now(), retryAtMs: feed?.retryAtMs } : undefined
      return { phase: 'error', error, stale }
    }
    if (error && !error.transient) return { phase: 'error', error }
    if (!feed.loaded) return { phase: 'loading' }
    const stale = error ? { sinceMs: feed.updatedAtMs, retryAtMs: feed.retryAtMs } : undefined
    return { phase: feed.runs.length > 0 ? 'ready' : 'empty', stale }
  }

  /** Nothing is asked while nobody looks. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    if (isPaused) this.feed?.pause()
    else this.feed?.resume()
  }

  /** The collector's time, for "12 s ago". */
  get nowMs(): number {
    return this.#client?.connection.nowMs() ?? Date.now()
  }

  hostUpdate(): void {
    const { client } = this.#source
    const request = this.#request()
    this.#invalid = request instanceof ClientError ? request : undefined
    const key = request instanceof ClientError ? '' : JSON.stringify(request)
    if (client === this.#client && key === this.#key) return
    this.#close()
    this.#client = client
    this.#key = key
    if (!client || request instanceof ClientError) return
    this.feed = new TaskFeed(queriesOf(client), client.connection, request, () => this.#host.requestUpdate())
    if (!this.#isPaused) this.feed.resume()
    // Ages are on the screen, and they grow.
    this.#stopSeconds = everySecond(() => this.#host.requestUpdate())
  }

  hostDisconnected(): void {
    this.#close()
    this.#client = undefined
    this.#key = ''
  }

  #close(): void {
    this.feed?.close()
    this.feed = undefined
    this.#stopSeconds?.()
    this.#stopSeconds = undefined
  }
}
