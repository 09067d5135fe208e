/** Samples, points and histograms of a batch → admitted, numbered columns. The hot path of ingest: flat loops only. */
import { type Histograms, Kind, type Points, type Samples, Signal } from '@telltale/protocol'
import type { HistogramColumns, SampleColumns } from '../model.js'
import { type Refusals, type TimeWindow, timeReason } from './admission.js'
import type { Numbering } from './numbering.js'

/** Sample columns being filled. Its capacity is the most rows that can come, so that no row checks for room. */
export class SampleSink {
  count = 0
  readonly series: Uint32Array
  readonly timeMs: Float64Array
  readonly value: Float64Array

  constructor(capacity: number) {
    this.series = new Uint32Array(capacity)
    this.timeMs = new Float64Array(capacity)
    this.value = new Float64Array(capacity)
  }

  push(series: number, timeMs: number, value: number): void {
    const at = this.count++
    this.series[at] = series
    this.timeMs[at] = timeMs
    this.value[at] = value
  }

  columns(): SampleColumns | undefined {
    const { count, series, timeMs, value } = this
    if (count === 0) return undefined
    if (count === series.length) return { count, series, timeMs, value }
    return { count, series: series.slice(0, count), timeMs: timeMs.slice(0, count), value: value.slice(0, count) }
  }
}

export class HistogramSink {
  count = 0
  entries = 0
  readonly series: Uint32Array
  readonly timeMs: Float64Array
  readonly sum: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly buckets: Uint32Array
  readonly key: Int32Array
  readonly bucketCount: Uint32Array

  constructor(rows: number, entries: number) {
    this.series = new Uint32Array(rows)
    this.timeMs = new Float64Array(rows)
    this.sum = new Float64Array(rows)
    this.min = new Float64Array(rows)
    this.max = new Float64Array(rows)
    this.buckets = new Uint32Array(rows)
    this.key = new Int32Array(entries)
    this.bucketCount = new Uint32Array(entries)
  }

  /** Starts a row; its entries follow by `pushEntry`. */
  push(series: number, timeMs: number, sum: number, min: number, max: number, buckets: number): void {
    const at = this.count++
    this.series[at] = series
    this.timeMs[at] = timeMs
    this.sum[at] = sum
    this.min[at] = min
    this.max[at] = max
    this.buckets[at] = buckets
  }

  pushEntry(key: number, count: number): void {
    const at = this.entries++
    this.key[at] = key
    this.bucketCount[at] = count
  }

  columns(): HistogramColumns | undefined {
    const { count, entries } = this
    if (count === 0) return undefined
    return {
      count,
      series: this.series.slice(0, count),
      timeMs: this.timeMs.slice(0, count),
      sum: this.sum.slice(0, count),
      min: this.min.slice(0, count),
      max: this.max.slice(0, count),
      buckets: this.buckets.slice(0, count),
      key: this.key.slice(0, entries),
      bucketCount: this.bucketCount.slice(0, entries),
    }
  }
}

/** Rows that passed. */
export function admitSamples(
  samples: Samples,
  numbering: Numbering,
  window: TimeWindow,
  refusals: Refusals,
  sink: SampleSink,
): number {
  const { count, series, timeMs, value } = samples
  const { ids, kinds, lastMs, bounds } = numbering
  const { earliestMs, latestMs } = window
  const before = sink.count
  for (let row = 0; row < count; row++) {
    const place = series[row]
    const v = value[row]
    const t = timeMs[row]
    // v - v is 0 for finite numbers alone.
    if (v - v !== 0) {
      refusals.add(Signal.sample, 'not_finite', row)
      continue
    }
    if (v < 0 && kinds[place] === Kind.counter) {
      refusals.add(Signal.sample, 'negative_counter', row)
      continue
    }
    if (!(t >= earliestMs && t <= latestMs)) {
      refusals.add(Signal.sample, timeReason(t, window) ?? 'invalid_time', row)
      continue
    }
    if (bounds !== undefined && (v < bounds.min[place] || v > bounds.max[place])) {
      refusals.add(Signal.sample, 'out_of_bounds', row)
      continue
    }
    const id = ids[place] || numbering.number(place)
    if (id === 0) {
      refusals.add(Signal.sample, numbering.refusal(place), row)
      continue
    }
    if (t > lastMs[place]) lastMs[place] = t
    sink.push(id, t, v)
  }
  return sink.count - before
}

/** Deltas over one interval become samples at the interval's start. Rows that passed. */
export function admitPoints(
  points: Points,
  numbering: Numbering,
  window: TimeWindow,
  refusals: Refusals,
  sink: SampleSink,
): number {
  const { count, series, value, startMs, endMs } = points
  const { ids, kinds, lastMs, bounds } = numbering
  const refused = intervalReason(startMs, endMs, window)
  if (refused) {
    refusals.addAll(Signal.point, refused, count)
    return 0
  }
  const before = sink.count
  for (let row = 0; row < count; row++) {
    const place = series[row]
    const v = value[row]
    if (v - v !== 0) {
      refusals.add(Signal.point, 'not_finite', row)
      continue
    }
    const kind = kinds[place]
    if (kind !== Kind.counter && kind !== Kind.upDownCounter) {
      refusals.add(Signal.point, 'kind_mismatch', row)
      continue
    }
    if (v < 0 && kind === Kind.counter) {
      refusals.add(Signal.point, 'negative_counter', row)
      continue
    }
    if (bounds !== undefined && (v < bounds.min[place] || v > bounds.max[place])) {
      refusals.add(Signal.point, 'out_of_bounds', row)
      continue
    }
    const id = ids[place] || numbering.number(place)
    if (id === 0) {
      refusals.add(Signal.point, numbering.refusal(place), row)
      continue
    }
    if (startMs > lastMs[place]) lastMs[place] = startMs
    sink.push(id, startMs, v)
  }
  return sink.count - before
}

/** Rows that passed. */
export function admitHistograms(
  histograms: Histograms,
  numbering: Numbering,
  window: TimeWindow,
  refusals: Refusals,
  sink: HistogramSink,
): number {
  const { count, series, sum, min, max, buckets, key, bucketCount, startMs, endMs } = histograms
  const refused = intervalReason(startMs, endMs, window)
  if (refused) {
    refusals.addAll(Signal.histogram, refused, count)
    return 0
  }
  const before = sink.count
  let end = 0
  for (let row = 0; row < count; row++) {
    const start = end
    end += buckets[row]
    const place = series[row]
    if (sum[row] - sum[row] !== 0 || min[row] - min[row] !== 0 || max[row] - max[row] !== 0) {
      refusals.add(Signal.histogram, 'not_finite', row)
      continue
    }
    if (numbering.kinds[place] !== Kind.histogram) {
      refusals.add(Signal.histogram, 'kind_mismatch', row)
      continue
    }
    let observations = 0
    for (let entry = start; entry < end; entry++) observations += bucketCount[entry]
    if (observations === 0 || min[row] > max[row]) {
      refusals.add(Signal.histogram, 'invalid_histogram', row)
      continue
    }
    const { bounds } = numbering
    if (bounds !== undefined && (min[row] < bounds.min[place] || max[row] > bounds.max[place])) {
      refusals.add(Signal.histogram, 'out_of_bounds', row)
      continue
    }
    const id = numbering.ids[place] || numbering.number(place)
    if (id === 0) {
      refusals.add(Signal.histogram, numbering.refusal(place), row)
      continue
    }
    if (startMs > numbering.lastMs[place]) numbering.lastMs[place] = startMs
    sink.push(id, startMs, sum[row], min[row], max[row], end - start)
    for (let entry = start; entry < end; entry++) sink.pushEntry(key[entry], bucketCount[entry])
  }
  return sink.count - before
}

function intervalReason(startMs: number, endMs: number, window: TimeWindow) {
  if (!(endMs >= startMs)) return 'invalid_time' as const
  return timeReason(startMs, window)
}
