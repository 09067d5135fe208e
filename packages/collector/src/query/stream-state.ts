/** What a stream shows at one moment: the groups that have values, in order, with their gaps filled. */
import type { Fill } from '@telltale/protocol/api'
import { fillRow, hasValue } from './fill.js'

/** Never changed after it was made. */
export interface StreamState {
  /** Bucket starts, ascending. */
  timesMs: Float64Array
  /** Groups that are shown, in order. */
  groups: readonly number[]
  /** values[i × timesMs.length + j] of groups[i] at timesMs[j]; NaN: null where gaps are shown, else no row. */
  values: Float64Array
}

/** `values` has a row for every group; `order` says which come first. A group without any value is left out. */
export function streamState(
  values: Float64Array,
  timesMs: Float64Array,
  order: readonly number[],
  fill: Fill,
  isGrouped: boolean,
): StreamState {
  const buckets = timesMs.length
  const groups = order.filter(
    (row) => (fill !== 'none' && !isGrouped) || hasValue(values, row * buckets, (row + 1) * buckets),
  )
  const shown = new Float64Array(groups.length * buckets)
  for (let i = 0; i < groups.length; i++) {
    shown.set(values.subarray(groups[i]! * buckets, (groups[i]! + 1) * buckets), i * buckets)
    fillRow(shown, i * buckets, (i + 1) * buckets, timesMs, fill)
  }
  return { timesMs, groups, values: shown }
}
