/**
 * Cells: what one series has gathered since the last flush. A call on a resolved handle ends here, so each method is a
 * guard and a few additions, and allocates nothing.
 */
import { Kind, type KindCode, Signal, type SignalCode } from '@telltale/protocol'
import type { AttributeList } from '../attributes.js'
import type { SchemaPage } from '../batch/schema-page.js'
import type { Clock } from '../clock.js'
import type { DropReason, Ledger } from '../stats.js'

/** What the series table says of a metric. */
export interface MetricSpec {
  readonly name: string
  readonly kind: KindCode
  readonly unit: string
  readonly description: string
}

export function signalOf(kind: KindCode): SignalCode {
  if (kind === Kind.gauge) return Signal.sample
  return kind === Kind.histogram ? Signal.histogram : Signal.point
}

/** Where calls that a cell does not take are counted; null before `init`, when calls leave no trace. */
export type Books = Pick<Ledger, 'refuse'> | null

export abstract class Cell {
  readonly spec: MetricSpec
  readonly attributes: AttributeList
  /** Calls since the last flush; the first one puts the cell on its list of changed cells. */
  calls = 0
  /** Place in the series table, kept between flushes. */
  page: SchemaPage | undefined = undefined
  index = 0
  /**
   * Values beyond it are refused. NaN refuses all of them, and so closes the cell with the very comparison that the hot
   * path makes anyway.
   */
  protected limit: number
  protected readonly changed: Cell[]
  readonly #books: Books
  #reason: DropReason

  /** `reason`: refuse every call for it; undefined makes a live cell. */
  constructor(spec: MetricSpec, attributes: AttributeList, changed: Cell[], books: Books, reason?: DropReason) {
    this.spec = spec
    this.attributes = attributes
    this.changed = changed
    this.limit = reason === undefined ? Number.MAX_VALUE : Number.NaN
    this.#books = books
    this.#reason = reason ?? 'closed'
  }

  get closed(): boolean {
    return Number.isNaN(this.limit)
  }

  close(reason: DropReason): void {
    this.limit = Number.NaN
    this.#reason = reason
  }

  /** Forgets what was gathered; the series table keeps its entry. */
  abstract clear(): void

  protected refuse(value: unknown): void {
    if (this.#books === null) return
    let reason = this.#reason
    if (!this.closed) reason = Number.isFinite(value) ? 'negative_value' : 'not_finite'
    this.#books.refuse(signalOf(this.spec.kind), reason)
  }
}

/** Counters and up-down counters: the sum of deltas. */
export class SumCell extends Cell {
  sum = 0
  readonly #least: number

  constructor(spec: MetricSpec, attributes: AttributeList, changed: Cell[], books: Books, reason?: DropReason) {
    super(spec, attributes, changed, books, reason)
    this.#least = spec.kind === Kind.counter ? 0 : -Number.MAX_VALUE
  }

  add(value: number): void {
    // A string would pass the comparison, and then be appended instead of added.
    if (typeof value !== 'number' || !(value <= this.limit && value >= this.#least)) {
      this.refuse(value)
      return
    }
    this.sum += value
    if (this.calls++ === 0) this.changed.push(this)
  }

  clear(): void {
    this.calls = 0
    this.sum = 0
  }
}

/** Gauges: the last level and when it was set. */
export class GaugeCell extends Cell {
  value = 0
  setAtMs = 0
  readonly #clock: Clock

  constructor(
    spec: MetricSpec,
    attributes: AttributeList,
    changed: Cell[],
    books: Books,
    clock: Clock,
    reason?: DropReason,
  ) {
    super(spec, attributes, changed, books, reason)
    this.#clock = clock
  }

  set(value: number): void {
    if (typeof value !== 'number' || !(value <= this.limit && value >= -Number.MAX_VALUE)) {
      this.refuse(value)
      return
    }
    this.value = value
    this.setAtMs = this.#clock.monotonicMs()
    if (this.calls++ === 0) this.changed.push(this)
  }

  clear(): void {
    this.calls = 0
  }
}
