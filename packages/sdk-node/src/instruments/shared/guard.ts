/** Keeps what goes wrong in an instrument out of the host, and says it once. */
import { nodePlatform } from '../../platform/node.js'
import type { InstrumentationOptions } from './target.js'

/** Tells of a failure: the first of each kind is a warning, all others are silent. */
export type Failed = (what: string, error: unknown) => void

export function failuresOf(instrument: string, { logger = nodePlatform.logger }: InstrumentationOptions): Failed {
  const told = new Set<string>()
  return (what, error) => {
    if (logger === false || told.has(what)) return
    told.add(what)
    try {
      logger.warn(`telltale: ${instrument}: ${what} failed: ${String(error).slice(0, 200)}`)
    } catch {
      // An error that cannot be read, or a logger that throws, is the host's affair.
    }
  }
}
