/** Where instruments record to, and what each of them gives back. */
import type { Client, Logger } from '@telltale/sdk-core'
import { nodePlatform } from '../../platform/node.js'
import { sdk } from '../../sdk.js'

/** What instruments need of a client; the module-level functions have it, too. */
export type InstrumentTarget = Pick<Client, 'counter' | 'upDownCounter' | 'gauge' | 'histogram' | 'observe' | 'track'>

/** Ends an instrument and puts everything back as it was. Calling it again does nothing. It never throws. */
export type Stop = () => void

export interface InstrumentationOptions {
  /** Where to record. Default: the client that `init` made last, before or after this call. */
  client?: InstrumentTarget
  /** Where warnings go, each at most once; `false` for nowhere. Default: `console`. */
  logger?: Logger | false
}

export function targetOf(options: InstrumentationOptions): InstrumentTarget {
  return options.client ?? sdk
}

/** Runs what must not fail into the host. The first failure of each kind is told; all others are silent. */
export type Guard = (what: string, work: () => void) => void

export function guardFor(instrument: string, options: InstrumentationOptions): { run: Guard; failed: Failed } {
  const told = new Set<string>()
  const logger = options.logger ?? nodePlatform.logger
  const failed: Failed = (what, error) => {
    if (logger === false || told.has(what)) return
    told.add(what)
    try {
      logger.warn(`telltale: ${instrument}: ${what} failed: ${String(error).slice(0, 200)}`)
    } catch {
      // An error that cannot be read, or a logger that throws, is the host's affair.
    }
  }
  return {
    failed,
    run(what, work) {
      try {
        work()
      } catch (error) {
        failed(what, error)
      }
    },
  }
}

export type Failed = (what: string, error: unknown) => void

/** A `Stop` that undoes `steps` once, last first, whatever one of them does. */
export function stopOnce(failed: Failed, steps: readonly (() => void)[]): Stop {
  const left = [...steps]
  return () => {
    for (let undo = left.pop(); undo !== undefined; undo = left.pop()) {
      try {
        undo()
      } catch (error) {
        failed('stopping', error)
      }
    }
  }
}
