/**
 * Folds ordered rows into partials of (series, bucket): rows of one bucket stand together, so that one pass does it. Each
 * level is made from the one below.
 */
import type { Scratch } from '../scratch.js'
import { FIRST_ROLLED_UP_MS } from './levels.js'

export interface Samples {
  rows: number
  series: Uint32Array
  timeMs: Float64Array
  value: Float64Array
}

export interface PartialRows {
  rows: number
  series: Uint32Array
  /** Start of the bucket. */
  timeMs: Float64Array
  count: Float64Array
  sum: Float64Array
  min: Float64Array
  max: Float64Array
  last: Float64Array
  lastMs: Float64Array
}

function newPartials(rows: number, scratch: Scratch): PartialRows {
  const column = () => scratch.take(Float64Array, rows)
  const [timeMs, count, sum, min, max, last, lastMs] = Array.from({ length: 7 }, column)
  return { rows, series: scratch.take(Uint32Array, rows), timeMs, count, sum, min, max, last, lastMs }
}

export function foldSamples(samples: Samples, bucketMs: number, scratch: Scratch): PartialRows {
  const { rows, series, timeMs, value } = samples
  const folded = newPartials(countBuckets(samples, bucketMs), scratch)
  let at = 0
  let i = 0
  while (i < rows) {
    if (timeMs[i] < FIRST_ROLLED_UP_MS) {
      i++
      continue
    }
    const from = i
    const inSeries = series[i]
    const startMs = timeMs[i] - (timeMs[i] % bucketMs)
    const endMs = startMs + bucketMs
    let sum = value[i]
    let min = sum
    let max = sum
    for (i++; i < rows && series[i] === inSeries && timeMs[i] < endMs && timeMs[i] >= startMs; i++) {
      const v = value[i]
      sum += v
      if (v < min) min = v
      if (v > max) max = v
    }
    folded.series[at] = inSeries
    folded.timeMs[at] = startMs
    folded.count[at] = i - from
    folded.sum[at] = sum
    folded.min[at] = min
    folded.max[at] = max
    // In order of time, so that the latest comes last.
    folded.last[at] = value[i - 1]
    folded.lastMs[at] = timeMs[i - 1]
    at++
  }
  return folded
}

/** Partials, or rows that are partials of a single moment, into those of longer buckets. */
export function foldPartials(partials: PartialRows, bucketMs: number, scratch: Scratch): PartialRows {
  const { rows, series, timeMs } = partials
  const folded = newPartials(countBuckets(partials, bucketMs), scratch)
  let at = 0
  let i = 0
  while (i < rows) {
    if (timeMs[i] < FIRST_ROLLED_UP_MS) {
      i++
      continue
    }
    const inSeries = series[i]
    const startMs = timeMs[i] - (timeMs[i] % bucketMs)
    const endMs = startMs + bucketMs
    let count = partials.count[i]
    let sum = partials.sum[i]
    let min = partials.min[i]
    let max = partials.max[i]
    let latest = i
    for (i++; i < rows && series[i] === inSeries && timeMs[i] < endMs && timeMs[i] >= startMs; i++) {
      count += partials.count[i]
      sum += partials.sum[i]
      if (partials.min[i] < min) min = partials.min[i]
      if (partials.max[i] > max) max = partials.max[i]
      if (partials.lastMs[i] >= partials.lastMs[latest]) latest = i
    }
    folded.series[at] = inSeries
    folded.timeMs[at] = startMs
    folded.count[at] = count
    folded.sum[at] = sum
    folded.min[at] = min
    folded.max[at] = max
    folded.last[at] = partials.last[latest]
    folded.lastMs[at] = partials.lastMs[latest]
    at++
  }
  return folded
}

interface Ordered {
  rows: number
  series: Uint32Array
  timeMs: Float64Array
}

/** How many rows a fold gives: it is cheaper to count them than to make room for as many as there could be. */
function countBuckets({ rows, series, timeMs }: Ordered, bucketMs: number): number {
  let buckets = 0
  let inSeries = -1
  let startMs = 0
  let endMs = 0
  for (let i = 0; i < rows; i++) {
    const time = timeMs[i]
    if (time < FIRST_ROLLED_UP_MS || (series[i] === inSeries && time < endMs && time >= startMs)) continue
    buckets++
    inSeries = series[i]
    startMs = time - (time % bucketMs)
    endMs = startMs + bucketMs
  }
  return buckets
}
