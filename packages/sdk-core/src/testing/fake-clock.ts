/** A clock that moves only when a test says so; timers fire in order of their time. */
import type { Clock } from '../clock.js'

interface Timer {
  atMs: number
  callback: () => void
}

export class FakeClock implements Clock {
  nowMs = 1000
  /** What the system clock shows beyond the monotonic one; change it to step the system clock. */
  wallOffsetMs = 1_760_000_000_000
  readonly #timers = new Set<Timer>()

  monotonicMs(): number {
    return this.nowMs
  }

  wallMs(): number {
    return this.nowMs + this.wallOffsetMs
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: this.nowMs + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Moves on, and lets what the timers started run until it waits again. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms
    await settle()
    for (;;) {
      let next: Timer | undefined
      for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer
      if (next === undefined || next.atMs > endMs) break
      this.#timers.delete(next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.callback()
      await settle()
    }
    this.nowMs = endMs
  }
}

/** Runs all microtasks that are due, and those that they lead to. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
