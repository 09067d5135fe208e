/**
 * Answers for windows that lie in the past: the finer steps of a zoom, a fixed range, a period to compare with. Each slot
 * keeps its last answer until the next one is there, so that nothing blinks while a hand still moves.
 */

import type { MetricsColumns, MetricsQuery, Tags } from '@telltale/protocol/api'
import type { LitElement, ReactiveController } from 'lit'
import { parseDurationMs } from '../client/clock.js'
import { ClientError } from '../client/errors.js'
import type { Span } from '../client/group.js'
import { queriesOf } from '../client/query-client.js'
import type { SeriesView } from '../client/series-store.js'
import type { ClientController } from './client-controller.js'

export interface RangeRequest {
  slot: string
  span: Span
  query: MetricsQuery
}

export interface RangeAnswer {
  span: Span
  view: SeriesView
  groups: readonly Tags[]
  stepMs: number
  unit: string
}

interface Slot {
  key: string
  answer?: RangeAnswer
  error?: ClientError
}

/** A hand that moves asks for many windows; only the one that it rests on is worth a query. */
const restMs = 160
const askAgainAfterMs = 5_000

export class RangeQueriesController implements ReactiveController {
  readonly #host: LitElement
  readonly #source: ClientController
  readonly #wanted: () => RangeRequest[]
  readonly #onData: () => void
  readonly #slots = new Map<string, Slot>()
  #timer: ReturnType<typeof setTimeout> | undefined
  /** What the timer is running for. */
  #awaited = ''

  constructor(host: LitElement, source: ClientController, wanted: () => RangeRequest[], onData: () => void) {
    this.#host = host
    this.#source = source
    this.#wanted = wanted
    this.#onData = onData
    host.addController(this)
  }

  answer(slot: string): RangeAnswer | undefined {
    return this.#slots.get(slot)?.answer
  }

  /** Why a slot has no newer answer. */
  error(slot: string): ClientError | undefined {
    return this.#slots.get(slot)?.error
  }

  hostUpdated(): void {
    const wanted = this.#wanted()
    const slots = new Set(wanted.map(({ slot }) => slot))
    for (const slot of this.#slots.keys()) if (!slots.has(slot)) this.#slots.delete(slot)
    const missing = wanted.filter(({ slot, query }) => this.#slots.get(slot)?.key !== keyOf(query))
    const awaited = missing.map(({ query }) => keyOf(query)).join()
    if (awaited === this.#awaited) return
    this.#awaited = awaited
    clearTimeout(this.#timer)
    if (missing.length === 0) return
    this.#timer = setTimeout(() => this.#ask(), restMs)
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#awaited = ''
    this.#slots.clear()
  }

  #ask(): void {
    this.#awaited = ''
    for (const request of this.#wanted()) {
      const key = keyOf(request.query)
      const slot = this.#slots.get(request.slot)
      if (slot?.key !== key) void this.#fetch(request, key, slot?.answer)
    }
  }

  async #fetch({ slot: name, query, span }: RangeRequest, key: string, before: RangeAnswer | undefined): Promise<void> {
    const { client } = this.#source
    if (!client) return
    const slot: Slot = { key, ...(before ? { answer: before } : {}) }
    this.#slots.set(name, slot)
    try {
      slot.answer = toAnswer(await queriesOf(client).columns(query), span)
    } catch (cause) {
      slot.error = cause instanceof ClientError ? cause : new ClientError('invalid_answer', String(cause))
      if (slot.error.transient) setTimeout(() => this.#forget(name, slot), askAgainAfterMs)
    }
    if (this.#slots.get(name) !== slot) return
    this.#onData()
    this.#host.requestUpdate()
  }

  /** The same window is asked for again with the next update. */
  #forget(name: string, slot: Slot): void {
    if (this.#slots.get(name) !== slot) return
    slot.key = ''
    this.#host.requestUpdate()
  }
}

function keyOf(query: MetricsQuery): string {
  return JSON.stringify(query)
}

function toAnswer({ timestamps, series, meta }: MetricsColumns, span: Span): RangeAnswer {
  const timesMs = Float64Array.from(timestamps)
  const columns = series.map(({ values }) => Float64Array.from(values, (value) => value ?? Number.NaN))
  const stepMs = meta.step === '1M' ? 30 * 86_400_000 : parseDurationMs(meta.step ?? '')
  return { span, view: { timesMs, columns }, groups: series.map(({ tags }) => tags), stepMs, unit: meta.unit }
}
