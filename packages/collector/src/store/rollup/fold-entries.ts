/** Folds ordered sketch entries, and raw observations, into entries of (series, bucket, key). */
import { keyOf } from '@telltale/protocol'
import type { Scratch } from '../scratch.js'
import type { Samples } from './fold.js'
import { FIRST_ROLLED_UP_MS } from './levels.js'

export interface EntryRows {
  rows: number
  series: Uint32Array
  timeMs: Float64Array
  key: Int32Array
  count: Float64Array
}

/** Greater than any key, on either side of zero. */
const KEY_BOUND = 2 ** 18
/** Counts by key of the bucket that is being folded; empty between folds. */
const counts = new Float64Array(2 * KEY_BOUND)
let touched = new Int32Array(1024)
/** Keys between two that are looked at, for each that is there; sorting takes longer. */
const DENSE = 16

/** Entries of longer buckets. Entries of one bucket stand together; their keys may come in any order. */
export function foldEntries(entries: EntryRows, bucketMs: number, scratch: Scratch): EntryRows {
  const { rows, series, timeMs, key, count } = entries
  const folded = new Folded(rows, scratch)
  let startMs = 0
  let endMs = 0
  for (let i = 0; i < rows; i++) {
    const time = timeMs[i]
    if (time < FIRST_ROLLED_UP_MS) continue
    if (series[i] !== folded.inSeries || time >= endMs || time < startMs) {
      startMs = time - (time % bucketMs)
      endMs = startMs + bucketMs
      folded.begin(series[i], startMs)
    }
    folded.add(key[i], count[i])
  }
  return folded.finish()
}

/** Entries of the raw observations of histograms. */
export function foldObservations(
  samples: Samples,
  bucketMs: number,
  isHistogram: (series: number) => boolean,
  scratch: Scratch,
): EntryRows {
  const { rows, series, timeMs, value } = samples
  const folded = new Folded(countObservations(samples, isHistogram), scratch)
  let startMs = 0
  let endMs = 0
  let before = -1
  let wanted = false
  for (let i = 0; i < rows; i++) {
    if (series[i] !== before) {
      before = series[i]
      wanted = isHistogram(before)
    }
    const time = timeMs[i]
    if (!wanted || time < FIRST_ROLLED_UP_MS) continue
    if (before !== folded.inSeries || time >= endMs || time < startMs) {
      startMs = time - (time % bucketMs)
      endMs = startMs + bucketMs
      folded.begin(before, startMs)
    }
    folded.add(keyOf(value[i]), 1)
  }
  return folded.finish()
}

function countObservations({ rows, series }: Samples, isHistogram: (series: number) => boolean): number {
  let observations = 0
  let before = -1
  let wanted = false
  for (let i = 0; i < rows; i++) {
    if (series[i] !== before) {
      before = series[i]
      wanted = isHistogram(before)
    }
    if (wanted) observations++
  }
  return observations
}

class Folded {
  inSeries = -1
  readonly #entries: EntryRows
  #startMs = 0
  #keys = 0

  /** Never more entries come out than went in. */
  constructor(most: number, scratch: Scratch) {
    this.#entries = {
      rows: 0,
      series: scratch.take(Uint32Array, most),
      timeMs: scratch.take(Float64Array, most),
      key: scratch.take(Int32Array, most),
      count: scratch.take(Float64Array, most),
    }
  }

  begin(series: number, startMs: number): void {
    this.#flush()
    this.inSeries = series
    this.#startMs = startMs
  }

  add(key: number, count: number): void {
    if (count === 0) return
    const at = key + KEY_BOUND
    if (counts[at] === 0) {
      if (this.#keys === touched.length) touched = grown(touched)
      touched[this.#keys++] = key
    }
    counts[at] += count
  }

  finish(): EntryRows {
    this.#flush()
    const { rows, series, timeMs, key, count } = this.#entries
    return {
      rows,
      series: series.subarray(0, rows),
      timeMs: timeMs.subarray(0, rows),
      key: key.subarray(0, rows),
      count: count.subarray(0, rows),
    }
  }

  #flush(): void {
    if (this.#keys === 0) return
    const { series, timeMs, key: keys, count } = this.#entries
    let row = this.#entries.rows
    const write = (key: number) => {
      series[row] = this.inSeries
      timeMs[row] = this.#startMs
      keys[row] = key
      count[row++] = counts[key + KEY_BOUND]
      counts[key + KEY_BOUND] = 0
    }
    const found = touched.subarray(0, this.#keys)
    let lowest = found[0]
    let highest = found[0]
    for (let i = 1; i < found.length; i++) {
      if (found[i] < lowest) lowest = found[i]
      if (found[i] > highest) highest = found[i]
    }
    // Keys that lie close together are put in order by looking at all between them.
    if (highest - lowest < found.length * DENSE) {
      for (let key = lowest; key <= highest; key++) if (counts[key + KEY_BOUND] !== 0) write(key)
    } else {
      found.sort()
      for (let i = 0; i < found.length; i++) write(found[i])
    }
    this.#entries.rows = row
    this.#keys = 0
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
