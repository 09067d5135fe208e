/**
 * The books: every call is recorded once, and ends up acked, rejected or dropped by a named reason. Until then it is
 * buffered, in an aggregate, in an open table, or in a batch.
 *
 *   recorded = acked + rejected + buffered + Σ dropped
 */
import type { SignalCode } from '@telltale/protocol'

export interface Stats {
  /** Calls made on instruments, events and task runs since `init`, and those in batches taken over from the spool. */
  recorded: number
  /** Calls whose data is on the collector's disk. */
  acked: number
  /** Calls whose data the collector refused. */
  rejected: number
  /** Calls on their way; after `close()`, those that wait in the spool. */
  buffered: number
  /** Calls lost here, by reason. */
  dropped: Record<string, number>
}

/** Why calls can be lost in the SDK. The guide describes each. */
export const dropReasons = [
  'not_finite',
  'negative_value',
  'invalid_name',
  'invalid_attributes',
  'too_many_attributes',
  'too_many_metrics',
  'kind_conflict',
  'observer_failed',
  'queue_full',
  'spool_full',
  'spool_expired',
  'spool_lost',
  'too_large',
  'poison',
  'closed',
  'close_timeout',
  'internal',
] as const
export type DropReason = (typeof dropReasons)[number]

/** Losses of one kind that the collector has not been told of yet. */
export interface DropCount {
  signal: SignalCode
  reason: DropReason
  count: number
}

export class Ledger {
  /** Calls that have left their aggregate or table, or were refused at the door. */
  recorded = 0
  acked = 0
  rejected = 0
  /** Calls inside batches. */
  inBatches = 0
  readonly #dropped = new Map<DropReason, number>()
  #unsent: DropCount[] = []

  /** Calls that never got in. */
  refuse(signal: SignalCode, reason: DropReason, calls = 1): void {
    this.recorded += calls
    this.#drop(signal, reason, calls)
  }

  /** Calls that were put into a batch. */
  seal(calls: number): void {
    this.recorded += calls
    this.inBatches += calls
  }

  /** Calls of an earlier process, in a batch that it has left. */
  adopt(calls: number): void {
    this.recorded += calls
    this.inBatches += calls
  }

  settle(acked: number, rejected: number): void {
    this.inBatches -= acked + rejected
    this.acked += acked
    this.rejected += rejected
  }

  /** Calls inside a batch that was given up. */
  lose(signal: SignalCode, reason: DropReason, calls: number): void {
    if (calls === 0) return
    this.inBatches -= calls
    this.#drop(signal, reason, calls)
  }

  /** Hands over what the collector should hear of; `restore` puts it back where the batch that carries it is lost. */
  takeUnsent(): DropCount[] {
    if (this.#unsent.length === 0) return []
    const taken = this.#unsent
    this.#unsent = []
    return taken
  }

  restore(drops: readonly DropCount[]): void {
    for (const drop of drops) this.#report(drop.signal, drop.reason, drop.count)
  }

  /** `open`: calls in aggregates and tables, which no batch holds yet. */
  stats(open: number): Stats {
    return {
      recorded: this.recorded + open,
      acked: this.acked,
      rejected: this.rejected,
      buffered: this.inBatches + open,
      dropped: Object.fromEntries(this.#dropped),
    }
  }

  #drop(signal: SignalCode, reason: DropReason, calls: number): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + calls)
    this.#report(signal, reason, calls)
  }

  /** The list holds a pair at most once, and pairs are few: signals times reasons. */
  #report(signal: SignalCode, reason: DropReason, count: number): void {
    for (const entry of this.#unsent) {
      if (entry.signal === signal && entry.reason === reason) {
        entry.count += count
        return
      }
    }
    this.#unsent.push({ signal, reason, count })
  }
}
