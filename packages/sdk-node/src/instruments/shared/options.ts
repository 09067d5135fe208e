/** Checks of what hosts give to instruments: the one moment when these may throw. */
import { SetupError } from '@telltale/sdk-core'

/** An interval in milliseconds, by default from a tenth of a second to an hour. */
export function intervalOf(
  instrument: string,
  option: string,
  value: unknown,
  fallback: number,
  leastMs = 100,
  mostMs = 3_600_000,
): number {
  if (value === undefined) return fallback
  if (typeof value === 'number' && value >= leastMs && value <= mostMs) return value
  throw new SetupError(option, `a number of milliseconds from ${leastMs} to ${mostMs}`, value, instrument)
}

export function functionOf<F>(instrument: string, option: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw new SetupError(option, 'a function', value, instrument)
}

export function booleanOf(instrument: string, option: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value === 'boolean') return value
  throw new SetupError(option, 'true or false', value, instrument)
}
