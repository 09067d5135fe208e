/**
 * The end of the process: what is left is flushed, within a deadline, and the process ends as it would have ended.
 *
 * `beforeExit` comes when a program has run out of work. SIGTERM and SIGINT end a process only while nobody listens, and
 * we have to listen. So, after the flush, the signal is sent again without our listener; where the host
 * listens as well, ending is its own decision, and we only flush. `process.exit()` and crashes leave no time to send anything, but
 * what is in the spool is sent by another process.
 */
import type { ExitTarget } from '@telltale/sdk-core'

const signals = ['SIGTERM', 'SIGINT'] as const
type Signal = (typeof signals)[number]

/** Marks listeners of the SDK, those of another copy of it included: they are no host's. */
const mark = Symbol.for('telltale.exit-listener')

type Marked<F> = F & { [mark]?: true }

class ExitHooks {
  readonly #targets = new Set<ExitTarget>()
  readonly #flushedAtExit = new WeakSet<ExitTarget>()
  #ending = false

  add(target: ExitTarget): () => void {
    if (this.#targets.size === 0) this.#listen()
    this.#targets.add(target)
    return () => {
      if (this.#targets.delete(target) && this.#targets.size === 0) this.#unlisten()
    }
  }

  /** Once for each client: flushing gives the process work, and `beforeExit` comes again after it. */
  readonly #onBeforeExit = (): void => {
    for (const target of this.#targets) {
      if (this.#flushedAtExit.has(target)) continue
      this.#flushedAtExit.add(target)
      void target.flush()
    }
  }

  /** Nothing asynchronous runs any more: what was recorded since the last flush goes to the spool, where there is one. */
  readonly #onExit = (): void => {
    for (const target of this.#targets) target.keep()
  }

  readonly #onSignal: Marked<(signal: Signal) => void> = Object.assign(
    (signal: Signal): void => {
      const flushed = Promise.all(Array.from(this.#targets, (target) => target.flush()))
      const listeners: Marked<(...args: never[]) => void>[] = process.listeners(signal)
      if (listeners.some((listener) => listener[mark] !== true)) return
      // The second signal says that somebody has lost patience.
      if (this.#ending) {
        this.#raise(signal)
        return
      }
      this.#ending = true
      void flushed.then(() => this.#raise(signal))
    },
    { [mark]: true } as const,
  )

  /** Lets the signal do what it does to a process that never listened. */
  #raise(signal: Signal): void {
    this.#unlisten()
    process.kill(process.pid, signal)
  }

  #listen(): void {
    process.on('beforeExit', this.#onBeforeExit)
    process.on('exit', this.#onExit)
    for (const signal of signals) process.on(signal, this.#onSignal)
  }

  #unlisten(): void {
    process.off('beforeExit', this.#onBeforeExit)
    process.off('exit', this.#onExit)
    for (const signal of signals) process.off(signal, this.#onSignal)
  }
}

/** One for the process: clients come and go, and listeners are limited. */
export const exitHooks = new ExitHooks()
