/**
 * Which run is the one that another starts in: its parent.
 *
 * The synchronous part of a run is known by a variable, which costs nothing. What an asynchronous function does after its
 * first `await` is known by the platform's context, which costs something at every `await` of the process; so it is
 * entered for native asynchronous functions alone, and not before the first of them.
 */
import type { NestingMode } from '../options.js'
import type { RunContext } from '../platform.js'
import type { Run } from './task.js'

const AsyncFunction = (async () => {}).constructor as FunctionConstructor

/** Compiled for engines without them, asynchronous functions are no longer told from others. */
export function isAsyncFunction(work: unknown): boolean {
  return work instanceof AsyncFunction
}

export class RunNesting {
  readonly #context: RunContext | undefined
  readonly #off: boolean
  #innermost: Run | undefined = undefined
  #entered = false

  constructor(mode: NestingMode, context: RunContext | undefined) {
    this.#context = mode === 'async' ? context : undefined
    this.#off = mode === 'off'
  }

  /** A run that has ended is nobody's parent: what it left behind, such as a timer, goes its own way. */
  parent(): Run | undefined {
    let run = this.#innermost
    if (run === undefined && this.#entered) run = this.#context?.current()
    return run?.open === true ? run : undefined
  }

  within<T>(run: Run, work: (task: Run) => T, isAsync: boolean): T {
    if (this.#off) return work(run)
    const outer = this.#innermost
    this.#innermost = run
    try {
      if (!isAsync || this.#context === undefined) return work(run)
      this.#entered = true
      return this.#context.run(run, work)
    } finally {
      this.#innermost = outer
    }
  }
}
