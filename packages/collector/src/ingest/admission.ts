/** Which rows come in: the time window, and the account of those that are refused. */
import type { Rejection, SignalCode } from '@telltale/protocol'
import type { SeriesLimits } from './series-registry.js'

/** Everything in the configuration that decides which rows are accepted, and as which series. */
export interface AdmissionSettings extends SeriesLimits {
  maxAgeMs: number
  maxAheadMs: number
}

/** Stable codes: why a row was refused. `docs/reference/http.md` describes each. */
export const rejectionReasons = [
  'not_finite',
  'negative_counter',
  'invalid_time',
  'too_late',
  'too_far_ahead',
  'invalid_duration',
  'invalid_name',
  'reserved_name',
  'kind_conflict',
  'kind_mismatch',
  'invalid_status',
  'invalid_histogram',
  'too_many_series',
  'out_of_bounds',
  'attribute_not_allowed',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

export interface TimeWindow {
  earliestMs: number
  latestMs: number
}

/** The rows' times that are accepted from a batch which arrived at `receivedMs`. */
export function timeWindow(settings: AdmissionSettings, receivedMs: number): TimeWindow {
  return { earliestMs: Math.max(0, receivedMs - settings.maxAgeMs), latestMs: receivedMs + settings.maxAheadMs }
}

/** The reason to refuse a row of this time, or undefined. Called only for times outside the window: not hot. */
export function timeReason(timeMs: number, window: TimeWindow): RejectionReason | undefined {
  if (!(timeMs >= 0) || timeMs === Number.POSITIVE_INFINITY) return 'invalid_time'
  if (timeMs < window.earliestMs) return 'too_late'
  if (timeMs > window.latestMs) return 'too_far_ahead'
  return undefined
}

/** Refused rows of one batch, by signal and reason; rows are added in ascending order. */
export class Refusals {
  readonly #rows = new Map<SignalCode, Map<RejectionReason, number[]>>()

  add(signal: SignalCode, reason: RejectionReason, row: number): void {
    const reasons = this.#rows.get(signal) ?? new Map<RejectionReason, number[]>()
    this.#rows.set(signal, reasons)
    const rows = reasons.get(reason)
    if (rows) rows.push(row)
    else reasons.set(reason, [row])
  }

  /** Refuses a whole table at once: its interval, which all rows share, is out of the window. */
  addAll(signal: SignalCode, reason: RejectionReason, count: number): void {
    for (let row = 0; row < count; row++) this.add(signal, reason, row)
  }

  list(): Rejection[] {
    const list: Rejection[] = []
    for (const [signal, reasons] of this.#rows) {
      for (const [reason, row] of reasons) list.push({ signal, reason, count: row.length, row })
    }
    return list
  }
}
