/**
 * Waits between attempts: decorrelated jitter, so that clients that failed together do not come back together.
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
 */
const leastMs = 500
const mostMs = 30_000

export class Backoff {
  readonly #random: () => number
  #lastMs = 0

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  next(): number {
    const ceilingMs = Math.max(leastMs, this.#lastMs * 3)
    this.#lastMs = Math.min(mostMs, leastMs + this.#random() * (ceilingMs - leastMs))
    return this.#lastMs
  }

  reset(): void {
    this.#lastMs = 0
  }
}
