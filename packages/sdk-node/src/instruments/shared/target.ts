/** Where instruments record to, and what each of them gives back. */
import type { Client, Logger } from '@telltale/sdk-core'
import { sdk } from '../../sdk.js'
import type { Failed } from './guard.js'

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
