/** Time for the whole SDK: durations come from a monotonic clock, and Unix times are derived from it. */

export interface Clock {
  /** Milliseconds that never go back, from an origin of the platform's choice. */
  monotonicMs(): number
  /** Unix milliseconds by the system clock, which may step in either direction. */
  wallMs(): number
  /**
   * Calls back once; the result cancels it. The timer keeps a process alive only where `hold` is true, which is for
   * waits that the host itself asked for.
   */
  schedule(callback: () => void, delayMs: number, hold?: boolean): () => void
}

/** Below this the two clocks are taken to agree: `Date.now()` has whole milliseconds, and NTP slews slowly. */
const toleranceMs = 10

/**
 * Turns monotonic readings into Unix milliseconds. All times of one batch use one offset, so that a step of the
 * system clock moves batches, but never makes a duration negative.
 */
export class Timeline {
  readonly #clock: Clock
  #offsetMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = clock.wallMs() - clock.monotonicMs()
  }

  /** Follows the system clock after a step or a suspend; called before each batch is made. */
  resync(): void {
    const offsetMs = this.#clock.wallMs() - this.#clock.monotonicMs()
    if (Math.abs(offsetMs - this.#offsetMs) > toleranceMs) this.#offsetMs = offsetMs
  }

  toUnixMs(monotonicMs: number): number {
    return monotonicMs + this.#offsetMs
  }
}
