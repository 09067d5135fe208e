/** An answer over HTTP that is asked for again every interval while its tag is on the screen, and with patience after failures. */
import type { LitElement, ReactiveController } from 'lit'
import type { AnalyticsClient } from '../client/analytics-client.js'
import { Backoff } from '../client/backoff.js'
import { everySecond, untilTogetherMs } from '../client/clock.js'
import { ClientError } from '../client/errors.js'
import type { ClientController } from './client-controller.js'
import type { WidgetState } from './widget-state.js'

export interface Poll<T> {
  /** Equal for equal questions: only a new one is asked at once and forgets the answer before. */
  key: string
  intervalMs: number
  ask: (client: AnalyticsClient) => Promise<T>
  isEmpty: (answer: T) => boolean
}

export class PollController<T> implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #request: () => Poll<T> | ClientError | undefined
  readonly #backoff = new Backoff()
  #client: AnalyticsClient | undefined
  #current: Poll<T> | undefined
  #key = ''
  #round = 0
  #isPaused = true
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopSeconds: (() => void) | undefined
  #error: ClientError | undefined
  #retryAtMs: number | undefined
  #answeredAtMs = 0

  result: T | undefined

  /** `request` gives what to ask, from the tag's attributes: nothing while it has no metric, an error where they make no sense. */
  constructor(host: LitElement, source: ClientController, request: () => Poll<T> | ClientError | undefined) {
    this.#host = host
    this.#source = source
    this.#request = request
    host.addController(this)
  }

  get state(): WidgetState {
    const error = this.#source.error ?? this.#error
    const stale =
      error && this.#retryAtMs !== undefined ? { sinceMs: this.#answeredAtMs, retryAtMs: this.#retryAtMs } : undefined
    if (this.result !== undefined && (!error || stale)) {
      return { phase: this.#current?.isEmpty(this.result) ? 'empty' : 'ready', stale }
    }
    if (error?.code === 'unknown_metric') return { phase: 'empty' }
    return error ? { phase: 'error', error, stale } : { phase: 'loading' }
  }

  /** Nothing is asked while nobody looks. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) clearTimeout(this.#timer)
    else void this.#ask()
  }

  retry(): void {
    this.#client?.connection.retry()
    void this.#ask()
  }

  hostUpdate(): void {
    const { client } = this.#source
    const request = this.#request()
    const key = request instanceof ClientError ? request.message : (request?.key ?? '')
    if (client === this.#client && key === this.#key) return
    this.#client = client
    this.#key = key
    this.#error = request instanceof ClientError ? request : undefined
    this.#current = request instanceof ClientError ? undefined : request
    this.result = undefined
    this.#retryAtMs = undefined
    this.#backoff.reset()
    void this.#ask()
  }

  hostDisconnected(): void {
    this.#round++
    clearTimeout(this.#timer)
    this.#setCountdown(false)
    this.#client = this.#current = undefined
    this.#key = ''
  }

  async #ask(): Promise<void> {
    // Only the newest question's answer counts.
    const round = ++this.#round
    clearTimeout(this.#timer)
    const client = this.#client
    const current = this.#current
    if (!client || !current || this.#isPaused) return
    try {
      const answer = await current.ask(client)
      if (round !== this.#round) return
      this.result = answer
      this.#answeredAtMs = Date.now()
      this.#error = this.#retryAtMs = undefined
      this.#backoff.reset()
    } catch (cause) {
      if (round !== this.#round) return
      this.#error = cause instanceof ClientError ? cause : new ClientError('invalid_answer', String(cause))
      const mayChange = this.#error.transient || this.#error.code === 'unknown_metric'
      this.#retryAtMs = mayChange ? Date.now() + Math.max(current.intervalMs, this.#backoff.nextMs()) : undefined
    }
    this.#setCountdown(this.#retryAtMs !== undefined)
    if (!this.#error || this.#retryAtMs !== undefined) {
      const delayMs = this.#retryAtMs === undefined ? untilTogetherMs(current.intervalMs) : this.#retryAtMs - Date.now()
      this.#timer = setTimeout(() => void this.#ask(), delayMs)
    }
    this.#host.requestUpdate()
  }

  #setCountdown(isOn: boolean): void {
    if (isOn) this.#stopSeconds ??= everySecond(() => this.#host.requestUpdate())
    else {
      this.#stopSeconds?.()
      this.#stopSeconds = undefined
    }
  }
}
