/**
 * Reads of the store that are alike and wanted at the same time are done once: p95 and p99 of one dashboard, the average and
 * the number beside it. It stands right before the store.
 */
import { createHash } from 'node:crypto'
import type { AggregateRequest, Partials, Store } from '../store/store.js'
import type { Changes } from './changes.js'
import { Flights } from './flights.js'

export class SharedReads implements Pick<Store, 'aggregate'> {
  readonly #store: Pick<Store, 'aggregate'>
  readonly #changes: Changes
  readonly #flights = new Flights<Partials>()

  constructor(store: Pick<Store, 'aggregate'>, changes: Changes) {
    this.#store = store
    this.#changes = changes
  }

  /** Whoever shares an answer only looks at it. */
  async aggregate(request: AggregateRequest, signal?: AbortSignal): Promise<Partials> {
    const begin = (cancel: AbortSignal) => this.#store.aggregate(request, cancel)
    return this.#flights.board(this.#keyOf(request), signal, begin).outcome
  }

  #keyOf({ series, group, want, ...rest }: AggregateRequest): string {
    const rows = createHash('sha1').update(series).update(group).digest('base64url')
    const { sum = false, minMax = false, last = false, sketch = false } = want
    // A read that began before a batch was acknowledged may be without it: those who ask later read for themselves.
    return JSON.stringify([this.#changes.seqOf(rest.project), rows, sum, minMax, last, sketch, Object.entries(rest)])
  }
}
