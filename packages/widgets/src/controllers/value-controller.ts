/** One value over a whole range, and the same for the range before: asked again every interval while its tag is on the screen. */
import type { MetricsQuery } from '@telltale/protocol/api'
import type { LitElement, ReactiveController } from 'lit'
import type { AnalyticsClient } from '../client/analytics-client.js'
import { Backoff } from '../client/backoff.js'
import { everySecond } from '../client/clock.js'
import { ClientError } from '../client/errors.js'
import type { ClientController } from './client-controller.js'
import type { WidgetState } from './widget-state.js'

export interface ValueRequest {
  query: MetricsQuery
  intervalMs: number
}

export interface MetricValue {
  value: number | null
  previous: number | null
  unit: string
}

export class ValueController implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #request: () => ValueRequest | ClientError | undefined
  readonly #backoff = new Backoff()
  #client: AnalyticsClient | undefined
  #current: ValueRequest | undefined
  #key = ''
  #round = 0
  #isPaused = true
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopSeconds: (() => void) | undefined
  #error: ClientError | undefined
  #retryAtMs: number | undefined
  #answeredAtMs = 0

  result: MetricValue | undefined

  constructor(host: LitElement, source: ClientController, request: () => ValueRequest | ClientError | undefined) {
    this.#host = host
    this.#source = source
    this.#request = request
    host.addController(this)
  }

  get state(): WidgetState {
    const error = this.#source.error ?? this.#error
    const stale =
      error && this.#retryAtMs !== undefined ? { sinceMs: this.#answeredAtMs, retryAtMs: this.#retryAtMs } : undefined
    if (this.result && (!error || stale)) return { phase: this.result.value === null ? 'empty' : 'ready', stale }
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
    const key = request instanceof ClientError ? request.message : JSON.stringify(request ?? '')
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
    let delayMs = current.intervalMs
    try {
      const { data, compare, meta } = await client.queries.metrics(current.query)
      if (round !== this.#round) return
      this.result = { value: data[0]?.value ?? null, previous: compare?.[0]?.value ?? null, unit: meta.unit }
      this.#answeredAtMs = Date.now()
      this.#error = this.#retryAtMs = undefined
      this.#backoff.reset()
    } catch (cause) {
      if (round !== this.#round) return
      this.#error = cause instanceof ClientError ? cause : new ClientError('invalid_answer', String(cause))
      const mayChange = this.#error.transient || this.#error.code === 'unknown_metric'
      if (mayChange) delayMs = Math.max(delayMs, this.#backoff.nextMs())
      this.#retryAtMs = mayChange ? Date.now() + delayMs : undefined
    }
    this.#setCountdown(this.#retryAtMs !== undefined)
    if (!this.#error || this.#retryAtMs !== undefined) this.#timer = setTimeout(() => void this.#ask(), delayMs)
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
