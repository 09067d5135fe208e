/** The SDK's few words to the host: warnings, each kind at most once, or once in a while. */
import type { Clock } from './clock.js'

/** Where warnings go; `console` and pino loggers fit. */
export interface Logger {
  warn(message: string): void
}

/** A hostile name in a warning's key must not grow the table without end. */
const maxKeys = 500

export class Warnings {
  readonly #logger: Logger | false
  readonly #clock: Clock
  readonly #lastMs = new Map<string, number>()

  constructor(logger: Logger | false, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  once(key: string, message: string): void {
    this.atMostEvery(Number.POSITIVE_INFINITY, key, message)
  }

  atMostEvery(intervalMs: number, key: string, message: string): void {
    if (this.#logger === false) return
    const nowMs = this.#clock.monotonicMs()
    const lastMs = this.#lastMs.get(key)
    if (lastMs !== undefined && nowMs - lastMs < intervalMs) return
    if (lastMs === undefined && this.#lastMs.size >= maxKeys) return
    this.#lastMs.set(key, nowMs)
    try {
      this.#logger.warn(`telltale: ${message}`)
    } catch {
      // A logger that throws is the host's affair; it must not become an error of the instrumented call.
    }
  }
}
