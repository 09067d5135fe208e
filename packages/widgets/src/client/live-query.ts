/** One live query of the page: a stream, the columns that it fills, and everybody who watches them. */
import type { Interval, StreamQuery } from '@telltale/protocol/api'
import type { Connection, Stream } from './connection.js'
import type { ClientError } from './errors.js'
import { SeriesStore } from './series-store.js'

/** An answer such as `unknown_metric` or `overloaded` may be another one soon. */
const askAgainAfterMs = 5_000

export class LiveQuery {
  readonly store = new SeriesStore()
  readonly #connection: Connection
  readonly #query: StreamQuery
  readonly #interval: Interval
  readonly #listeners = new Set<() => void>()
  readonly #onIdle: () => void
  #stream: Stream | undefined
  #error: ClientError | undefined
  #loaded = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(connection: Connection, query: StreamQuery, interval: Interval, onIdle: () => void) {
    this.#connection = connection
    this.#query = query
    this.#interval = interval
    this.#onIdle = onIdle
  }

  /** Whether a snapshot has arrived. */
  get loaded(): boolean {
    return this.#loaded
  }

  /** Why the collector refused this query; undefined once it answers. */
  get error(): ClientError | undefined {
    return this.#error
  }

  /** Streams while anybody listens. `changed` is called after every frame and every refusal. */
  subscribe(changed: () => void): () => void {
    const listener = () => changed()
    this.#listeners.add(listener)
    this.#stream ??= this.#open()
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return
      clearTimeout(this.#timer)
      this.#stream?.close()
      this.#stream = undefined
      this.#onIdle()
    }
  }

  /** Asks again from the start; also wakes a waiting or failed connection. */
  restart(): void {
    clearTimeout(this.#timer)
    this.#error = undefined
    this.#stream?.restart()
    this.#notify()
  }

  #open(): Stream {
    return this.#connection.open(
      { query: this.#query, interval: this.#interval },
      {
        frame: (frame) => {
          if (frame.type !== 'metrics_update') return
          this.#error = undefined
          this.#loaded = true
          this.store.apply(frame)
          this.#notify()
        },
        error: (error) => {
          this.#error = error
          if (error.transient || error.code === 'unknown_metric') {
            clearTimeout(this.#timer)
            this.#timer = setTimeout(() => this.#stream?.restart(), askAgainAfterMs)
          }
          this.#notify()
        },
      },
    )
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
