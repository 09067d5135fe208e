/**
 * Folds ordered rows into partials of (series, bucket): rows of one bucket stand together, so that one pass does it. Each
 * level is made from the one below.
 */
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

export function newPartials(rows: number): PartialRows {
  const column = () => new Float64Array(rows)
  const [timeMs, count, sum, min, max, last, lastMs] = Array.from({ length: 7 }, column)
  return { rows, series: new Uint32Array(rows), timeMs, count, sum, min, max, last, lastMs }
}

export function foldSamples(samples: Samples, bucketMs: number): PartialRows {
  const { rows, series, timeMs, value } = samples
  const folded = newPartials(countBuckets(samples, bucketMs))
  const { count, sum, min, max, last, lastMs } = folded
  let at = -1
  let inSeries = -1
  let startMs = 0
  let endMs = 0
  for (let i = 0; i < rows; i++) {
    const time = timeMs[i]
    if (time < FIRST_ROLLED_UP_MS) continue
    const v = value[i]
    if (series[i] === inSeries && time < endMs && time >= startMs) {
      count[at]++
      sum[at] += v
      if (v < min[at]) min[at] = v
      if (v > max[at]) max[at] = v
    } else {
      at++
      inSeries = series[i]
      startMs = time - (time % bucketMs)
      endMs = startMs + bucketMs
      folded.series[at] = inSeries
      folded.timeMs[at] = startMs
      count[at] = 1
      sum[at] = min[at] = max[at] = v
    }
    // In order of time, so that the latest comes last.
    last[at] = v
    lastMs[at] = time
  }
  return folded
}

/** Partials, or rows that are partials of a single moment, into those of longer buckets. */
export function foldPartials(partials: PartialRows, bucketMs: number): PartialRows {
  const { rows, series, timeMs } = partials
  const folded = newPartials(countBuckets(partials, bucketMs))
  const { count, sum, min, max, last, lastMs } = folded
  let at = -1
  let inSeries = -1
  let startMs = 0
  let endMs = 0
  for (let i = 0; i < rows; i++) {
    const time = timeMs[i]
    if (time < FIRST_ROLLED_UP_MS) continue
    if (series[i] === inSeries && time < endMs && time >= startMs) {
      count[at] += partials.count[i]
      sum[at] += partials.sum[i]
      if (partials.min[i] < min[at]) min[at] = partials.min[i]
      if (partials.max[i] > max[at]) max[at] = partials.max[i]
      if (partials.lastMs[i] < lastMs[at]) continue
    } else {
      at++
      inSeries = series[i]
      startMs = time - (time % bucketMs)
      endMs = startMs + bucketMs
      folded.series[at] = inSeries
      folded.timeMs[at] = startMs
      count[at] = partials.count[i]
      sum[at] = partials.sum[i]
      min[at] = partials.min[i]
      max[at] = partials.max[i]
    }
    last[at] = partials.last[i]
    lastMs[at] = partials.lastMs[i]
  }
  return folded
}

interface Ordered {
  rows: number
  series: Uint32Array
  timeMs: Float64Array
}

/** How many rows a fold gives: it is cheaper to count them than to make room for as many as there could be. */
export function countBuckets({ rows, series, timeMs }: Ordered, bucketMs: number): number {
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
