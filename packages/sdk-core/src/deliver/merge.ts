/** Several batches of metrics as one, over the time of all of them: counts stay exact, and only their place in time is coarser. */
import {
  type Batch,
  type Drop,
  decodeBatch,
  type Histograms,
  type Points,
  type Samples,
  Signal,
  Sketch,
} from '@telltale/protocol'
import { Dictionary } from '../batch/dictionary.js'
import { counted, type RowCalls, type SealedBatch } from '../batch/sealed-batch.js'
import type { Sealer } from '../batch/sealer.js'
import type { DropCount } from '../stats.js'
import { MergedSeries } from './merged-series.js'

/** Makes one batch of several, oldest first; undefined where they do not fit into one. */
export type Merger = (batches: readonly SealedBatch[], sealer: Sealer) => SealedBatch | undefined

/** Below the wire's bounds, which hold for the collector's reader. */
const maxRows = 10_000
const maxBuckets = 150_000

export function mergeBatches(batches: readonly SealedBatch[], sealer: Sealer): SealedBatch | undefined {
  const strings = new Dictionary()
  const series = new MergedSeries(strings)
  const sums = new Map<number, Row<number>>()
  const sketches = new Map<number, Row<Sketch>>()
  const levels = new Map<number, Row<Level>>()
  const drops: DropCount[] = []
  let startMs = Number.POSITIVE_INFINITY
  let endMs = Number.NEGATIVE_INFINITY
  let resource: number[] = []
  for (const sealed of batches) {
    const batch = decodeBatch(sealed.bytes)
    resource = batch.resource.map((ref) => strings.ref(batch.strings[ref]))
    const place = series.of(batch)
    for (const table of [batch.points, batch.histograms]) {
      if (table === undefined) continue
      startMs = Math.min(startMs, table.startMs)
      endMs = Math.max(endMs, table.endMs)
    }
    addPoints(sums, batch.points, place, callsOf(sealed, Signal.point))
    addHistograms(sketches, batch.histograms, place, callsOf(sealed, Signal.histogram))
    addSamples(levels, batch.samples, place, callsOf(sealed, Signal.sample))
    for (const drop of sealed.drops) addDrop(drops, drop)
  }
  let buckets = 0
  for (const { value } of sketches.values()) buckets += value.size
  const fits = sums.size + sketches.size + levels.size <= maxRows && buckets <= maxBuckets
  if (!fits || strings.strings.length > sealer.maxStrings || strings.bytes > sealer.maxBatchBytes) return undefined
  const interval = { startMs, endMs }
  const content: Omit<Batch, 'batchId' | 'streamId' | 'sequence' | 'sentTimeMs' | 'baseTimeMs'> = {
    strings: strings.strings,
    resource,
    series: series.table,
    points: pointsOf(sums, interval),
    histograms: histogramsOf(sketches, interval),
    samples: samplesOf(levels),
    drops: drops.map(({ signal, reason, count }): Drop => ({ signal, reason: strings.ref(reason), count })),
  }
  const tables: RowCalls[] = []
  if (levels.size > 0) tables.push(counted(Signal.sample, callsIn(levels)))
  if (sums.size > 0) tables.push(counted(Signal.point, callsIn(sums)))
  if (sketches.size > 0) tables.push(counted(Signal.histogram, callsIn(sketches)))
  const merged = sealer.encodePart(content, tables, drops)
  merged.skewMs = batches[0].skewMs
  return merged
}

/** What one series has gathered, and of how many calls. */
interface Row<T> {
  value: T
  calls: number
}

interface Level {
  timeMs: number
  value: number
}

function rowOf<T>(rows: Map<number, Row<T>>, series: number, make: () => T): Row<T> {
  let row = rows.get(series)
  if (row === undefined) {
    row = { value: make(), calls: 0 }
    rows.set(series, row)
  }
  return row
}

function callsOf({ tables }: SealedBatch, signal: number): (row: number) => number {
  const byRow = tables.find((table) => table.signal === signal)?.byRow
  return (row) => byRow?.[row] ?? 1
}

function callsIn<T>(rows: Map<number, Row<T>>): number[] {
  return Array.from(rows.values(), ({ calls }) => calls)
}

type Place = (ref: number) => number

function addPoints(rows: Map<number, Row<number>>, table: Points | undefined, place: Place, calls: Place): void {
  for (let i = 0; i < (table?.count ?? 0); i++) {
    const row = rowOf(rows, place(table!.series[i]), () => 0)
    row.value += table!.value[i]
    row.calls += calls(i)
  }
}

function addHistograms(
  rows: Map<number, Row<Sketch>>,
  table: Histograms | undefined,
  place: Place,
  calls: Place,
): void {
  let from = 0
  for (let i = 0; i < (table?.count ?? 0); i++) {
    const { series, buckets, key, bucketCount, sum, min, max } = table!
    const row = rowOf(rows, place(series[i]), () => new Sketch())
    row.value.addColumns(key, bucketCount, from, from + buckets[i], sum[i], min[i], max[i])
    row.calls += calls(i)
    from += buckets[i]
  }
}

/** A gauge is its last level, as it is when the SDK itself waits for longer. */
function addSamples(rows: Map<number, Row<Level>>, table: Samples | undefined, place: Place, calls: Place): void {
  for (let i = 0; i < (table?.count ?? 0); i++) {
    const row = rowOf(rows, place(table!.series[i]), () => ({ timeMs: Number.NEGATIVE_INFINITY, value: 0 }))
    if (table!.timeMs[i] >= row.value.timeMs) row.value = { timeMs: table!.timeMs[i], value: table!.value[i] }
    row.calls += calls(i)
  }
}

function addDrop(drops: DropCount[], { signal, reason, count }: DropCount): void {
  const known = drops.find((drop) => drop.signal === signal && drop.reason === reason)
  if (known === undefined) drops.push({ signal, reason, count })
  else known.count += count
}

interface Interval {
  startMs: number
  endMs: number
}

function pointsOf(rows: Map<number, Row<number>>, interval: Interval): Points | undefined {
  if (rows.size === 0) return undefined
  const value = Array.from(rows.values(), (row) => row.value)
  return { ...interval, count: rows.size, series: [...rows.keys()], value }
}

function histogramsOf(rows: Map<number, Row<Sketch>>, interval: Interval): Histograms | undefined {
  if (rows.size === 0) return undefined
  const sketches = Array.from(rows.values(), (row) => row.value)
  const key: number[] = []
  const bucketCount: number[] = []
  for (const sketch of sketches) sketch.writeColumns(key, bucketCount, key.length)
  return {
    ...interval,
    count: rows.size,
    series: [...rows.keys()],
    sum: sketches.map(({ sum }) => sum),
    min: sketches.map(({ min }) => min),
    max: sketches.map(({ max }) => max),
    buckets: sketches.map(({ size }) => size),
    key,
    bucketCount,
  }
}

function samplesOf(rows: Map<number, Row<Level>>): Samples | undefined {
  if (rows.size === 0) return undefined
  const levels = Array.from(rows.values(), (row) => row.value)
  return {
    count: rows.size,
    series: [...rows.keys()],
    timeMs: levels.map(({ timeMs }) => timeMs),
    value: levels.map(({ value }) => value),
  }
}
