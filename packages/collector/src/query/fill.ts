/** Fills buckets without data, between finalising and formatting. */
import type { Fill } from '@telltale/protocol/api'

/**
 * Fills values[from … to) in place; `timesMs[i − from]` is the start of bucket i. NaN that is left means null where the
 * fill is not `none`, and no row where it is.
 */
export function fillRow(values: Float64Array, from: number, to: number, timesMs: ArrayLike<number>, fill: Fill): void {
  if (fill === 'none' || fill === 'null') return
  if (fill === 'zero') {
    for (let i = from; i < to; i++) if (Number.isNaN(values[i]!)) values[i] = 0
    return
  }
  let known = -1
  for (let i = from; i < to; i++) {
    if (Number.isNaN(values[i]!)) {
      if (fill === 'previous' && known >= 0) values[i] = values[known]!
      continue
    }
    if (fill === 'linear' && known >= 0) interpolate(values, known, i, from, timesMs)
    known = i
  }
}

/** By time, not by bucket: buckets of a day or a month are not equally long. */
function interpolate(
  values: Float64Array,
  left: number,
  right: number,
  from: number,
  timesMs: ArrayLike<number>,
): void {
  const startMs = timesMs[left - from]!
  const spanMs = timesMs[right - from]! - startMs
  const rise = values[right]! - values[left]!
  for (let i = left + 1; i < right; i++) {
    values[i] = values[left]! + (rise * (timesMs[i - from]! - startMs)) / spanMs
  }
}

/** Whether any bucket of a row has a value. */
export function hasValue(values: Float64Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!Number.isNaN(values[i]!)) return true
  return false
}
