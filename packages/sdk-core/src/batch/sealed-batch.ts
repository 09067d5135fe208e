/** An encoded batch on its way: the bytes that every attempt sends, and which calls its rows stand for. */
import type { Rejection, SignalCode } from '@telltale/protocol'
import type { DropCount } from '../stats.js'

/** Calls behind the rows of one table. */
export interface RowCalls {
  signal: SignalCode
  rows: number
  total: number
  /** Calls of each row; undefined: one each. */
  byRow: Uint32Array | undefined
}

export interface SealedBatch {
  readonly bytes: Uint8Array
  /** 16 bytes, the same through every attempt. */
  readonly id: Uint8Array
  readonly tables: readonly RowCalls[]
  /** Calls in all tables. */
  readonly calls: number
  /** Losses that this batch reports; they are reported anew where it is lost itself. */
  readonly drops: readonly DropCount[]
  /** What was known of the machine's clock when its times were written. */
  skewMs: number
  /** Sent at least once: the collector may have it, so that it must stay as it is. */
  attempted: boolean
  /** Times that the collector failed at this batch, and took another after it. */
  strikes: number
  /** The time that its metrics are of, roughly where it holds levels alone. Undefined for anything but metrics. */
  interval: Interval | undefined
}

export interface Interval {
  readonly startMs: number
  readonly endMs: number
}

export function sealedBatch(
  bytes: Uint8Array,
  id: Uint8Array,
  tables: readonly RowCalls[],
  drops: readonly DropCount[],
  skewMs: number,
): SealedBatch {
  let calls = 0
  for (const table of tables) calls += table.total
  return { bytes, id, tables, calls, drops, skewMs, attempted: false, strikes: 0, interval: undefined }
}

/** One call a row: events, task runs. */
export function oneEach(signal: SignalCode, rows: number): RowCalls {
  return { signal, rows, total: rows, byRow: undefined }
}

/** Aggregated tables: `calls[row]` calls went into each row. */
export function counted(signal: SignalCode, calls: readonly number[]): RowCalls {
  let total = 0
  for (const count of calls) total += count
  return { signal, rows: calls.length, total, byRow: Uint32Array.from(calls) }
}

/** Calls behind rejected rows, never more than the batch holds: the answer comes from another machine. */
export function rejectedCalls(batch: SealedBatch, rejections: readonly Rejection[]): number {
  let calls = 0
  for (const table of batch.tables) {
    const gone = new Set<number>()
    for (const rejection of rejections) {
      if (rejection.signal !== table.signal) continue
      for (const row of rejection.row) if (row < table.rows) gone.add(row)
    }
    // Rows that are counted but not named are taken from the start: the sum matters, not which.
    let unnamed = 0
    for (const { signal, count, row } of rejections) {
      if (signal === table.signal) unnamed += Math.max(0, count - row.length)
    }
    for (let row = 0; row < table.rows && unnamed > 0; row++) {
      if (gone.has(row)) continue
      gone.add(row)
      unnamed--
    }
    for (const row of gone) calls += table.byRow === undefined ? 1 : table.byRow[row]
  }
  return calls
}
