/** Single flight: work under the same key that is wanted several times at once is done once, for all who wait. */
import { TelltaleError } from '../errors.js'

interface Flight<T> {
  outcome: Promise<T>
  waiting: number
  cancel: AbortController
}

/** One wait for a flight. */
export interface Passage<T> {
  outcome: Promise<T>
  /** Somebody else had begun it. */
  isJoined: boolean
}

export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /**
   * Joins the flight under this key, or begins one. A waiter that aborts leaves alone; the work is stopped only when the
   * last one has left.
   */
  board(key: string, signal: AbortSignal | undefined, begin: (signal: AbortSignal) => Promise<T>): Passage<T> {
    const known = this.#flights.get(key)
    const flight = known ?? this.#begin(key, begin)
    flight.waiting++
    return { outcome: this.#wait(key, flight, signal), isJoined: known !== undefined }
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const cancel = new AbortController()
    const flight: Flight<T> = { waiting: 0, cancel, outcome: begin(cancel.signal) }
    this.#flights.set(key, flight)
    const land = () => this.#forget(key, flight)
    flight.outcome.then(land, land)
    return flight
  }

  async #wait(key: string, flight: Flight<T>, signal: AbortSignal | undefined): Promise<T> {
    let leave = () => {}
    try {
      if (signal === undefined) return await flight.outcome
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(cancelled(signal.reason))
        if (signal.aborted) leave()
        else signal.addEventListener('abort', leave, { once: true })
      })
      return await Promise.race([flight.outcome, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      flight.waiting--
      if (flight.waiting === 0) {
        // Nobody may join what is being stopped.
        this.#forget(key, flight)
        flight.cancel.abort()
      }
    }
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }
}

/** As the store says it to whoever asks alone. */
function cancelled(cause: unknown): TelltaleError {
  return new TelltaleError('query_timeout', 'The query was cancelled before it ended.', { cause })
}
