/** From method, route and outcome of a request to its series, without making an object or a string. */
import type { Attributes, BoundHistogram, Histogram } from '@telltale/sdk-core'

/** The status, or what failed where there is none. */
export type Outcome = number | string

/** Series that are remembered; the client bounds them as well. Methods are as they came: free text, of clients. */
const maxRemembered = 2000

export class DurationTable {
  readonly #duration: Histogram
  readonly #describe: (method: string, place: string, outcome: Outcome) => Attributes
  readonly #places = new Map<string, Map<string, Map<Outcome, BoundHistogram>>>()
  #remembered = 0
  /** Requests of a kind often come in rows. */
  readonly #last: { place: string; method: string; outcome: Outcome; handle: BoundHistogram | undefined } = {
    place: '',
    method: '',
    outcome: 0,
    handle: undefined,
  }

  constructor(duration: Histogram, describe: (method: string, place: string, outcome: Outcome) => Attributes) {
    this.#duration = duration
    this.#describe = describe
  }

  /** `place` is a route or a host, '' for none. */
  record(seconds: number, method: string, place: string, outcome: Outcome): void {
    const last = this.#last
    if (last.place !== place || last.method !== method || last.outcome !== outcome || last.handle === undefined) {
      last.place = place
      last.method = method
      last.outcome = outcome
      last.handle = this.#places.get(place)?.get(method)?.get(outcome) ?? this.#remember(method, place, outcome)
    }
    last.handle.record(seconds)
  }

  #remember(method: string, place: string, outcome: Outcome): BoundHistogram {
    const handle = this.#duration.with(this.#describe(method, place, outcome))
    if (this.#remembered >= maxRemembered) return handle
    this.#remembered++
    const outcomes = innerMap(innerMap(this.#places, place), method)
    outcomes.set(outcome, handle)
    return handle
  }
}

function innerMap<K, L, V>(outer: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let inner = outer.get(key)
  if (inner === undefined) {
    inner = new Map()
    outer.set(key, inner)
  }
  return inner
}
