/** Time for the whole SDK: durations come from a monotonic clock, and `Timeline` derives Unix times from it. */

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
