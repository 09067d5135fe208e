/**
 * Waiting times between attempts: exponential backoff with decorrelated jitter, so that a thousand pages that lost the
 * same collector do not come back in the same moment.
 */

const baseDelayMs = 500
const maxDelayMs = 30_000

export class Backoff {
  #previousMs = baseDelayMs
  readonly #random: () => number

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  /** Uniform between the base and three times the last delay, at most 30 s. */
  nextMs(): number {
    const spread = Math.max(0, this.#previousMs * 3 - baseDelayMs)
    this.#previousMs = Math.min(maxDelayMs, baseDelayMs + this.#random() * spread)
    return this.#previousMs
  }

  reset(): void {
    this.#previousMs = baseDelayMs
  }
}
