/** What the reader allows, unless it is told otherwise. */
import type { WireLimits } from './types.js'

export const defaultWireLimits: Readonly<WireLimits> = Object.freeze({
  maxRows: 10_000,
  maxSeries: 10_000,
  maxAttributes: 32,
  maxNameBytes: 256,
  maxStringBytes: 4_096,
  maxStrings: 65_536,
  maxBuckets: 200_000,
  maxAttributeColumns: 4_096,
  maxSteps: 100_000,
  maxDrops: 256,
})

export function resolveWireLimits(limits: Partial<WireLimits> | undefined): Readonly<WireLimits> {
  return limits === undefined ? defaultWireLimits : { ...defaultWireLimits, ...limits }
}
