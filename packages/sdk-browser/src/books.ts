/**
 * The books: every call is recorded once, and ends up acked, rejected or dropped by a named reason. Until then it is
 * buffered.
 *
 *   recorded = acked + rejected + buffered + Σ dropped
 */
import type { Stats } from '@telltale/sdk-core'

export type Signal = 'event' | 'task' | 'sample'
/** Calls lost, by signal and reason: `event:queue_full`. */
export type Drops = Record<string, number>

export interface Books {
  /** Calls made. */
  recorded: number
  acked: number
  rejected: number
  /** Calls are lost for a reason, which the collector hears of with the next batch. */
  drop(signal: Signal, reason: string, calls?: number): void
  /** Losses that the collector has not been told of; `report` puts them back where the batch that carries them is lost. */
  takeUnsent(): Drops
  report(drops: Drops): void
  stats(): Stats
}

export function createBooks(): Books {
  let lost = 0
  const dropped: Record<string, number> = {}
  let unsent: Drops = {}

  const add = (sums: Record<string, number>, key: string, calls: number): void => {
    sums[key] = (sums[key] ?? 0) + calls
  }

  const books: Books = {
    recorded: 0,
    acked: 0,
    rejected: 0,
    drop(signal, reason, calls = 1) {
      if (!calls) return
      lost += calls
      add(dropped, reason, calls)
      add(unsent, `${signal}:${reason}`, calls)
    },
    takeUnsent() {
      const taken = unsent
      unsent = {}
      return taken
    },
    report(drops) {
      for (const key in drops) add(unsent, key, drops[key])
    },
    stats() {
      const { recorded, acked, rejected } = books
      return { recorded, acked, rejected, buffered: recorded - acked - rejected - lost, dropped: { ...dropped } }
    },
  }
  return books
}
