/** When a run has to stop: a limit of time, the host's signal, or both, as the one signal that the run sees. */
import type { Clock } from '../clock.js'

export class RunDeadline {
  readonly timeoutMs: number
  readonly #given: AbortSignal | undefined
  #controller: AbortController | undefined
  #cancelTimer: () => void = () => {}
  #unlisten: () => void = () => {}

  /** `timeoutMs` 0: no limit of time. */
  constructor(timeoutMs: number, given: AbortSignal | undefined) {
    this.timeoutMs = timeoutMs
    this.#given = given
  }

  /** Made when it is asked for: most runs never look at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      if (this.timeoutMs === 0 && this.#given !== undefined) return this.#given
      const controller = new AbortController()
      this.#controller = controller
      this.#follow(controller)
    }
    return this.#controller.signal
  }

  /** Why the host's signal has aborted; undefined where it has not. */
  get abortedWith(): { reason: unknown } | undefined {
    return this.#given?.aborted === true ? { reason: this.#given.reason } : undefined
  }

  /** `onTimeout` is called where time runs out before `end`. */
  start(clock: Clock, onTimeout: (error: Error) => void): void {
    if (this.timeoutMs === 0) return
    this.#cancelTimer = clock.schedule(() => {
      const error = timeoutError(this.timeoutMs)
      onTimeout(error)
      // Made now where nobody has asked yet: who asks later finds it aborted.
      void this.signal
      this.#controller?.abort(error)
    }, this.timeoutMs)
  }

  end(): void {
    this.#cancelTimer()
    this.#unlisten()
  }

  #follow(controller: AbortController): void {
    const given = this.#given
    if (given === undefined) return
    if (given.aborted) {
      controller.abort(given.reason)
      return
    }
    const abort = () => controller.abort(given.reason)
    given.addEventListener('abort', abort, { once: true })
    // A signal may outlive thousands of runs, and must not collect their listeners.
    this.#unlisten = () => given.removeEventListener('abort', abort)
  }
}

/** By name what `AbortSignal.timeout()` gives. */
function timeoutError(timeoutMs: number): Error {
  const error = new Error(`no result within ${timeoutMs} ms`)
  error.name = 'TimeoutError'
  return error
}
