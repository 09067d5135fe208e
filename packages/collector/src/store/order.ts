/**
 * Brings rows into the order of a file: blocks of time, in each by metric, series, time. Counting sorts cost a fraction of
 * what comparing rows would; rows of one series mostly come in the order of time.
 */

import type { Scratch } from './scratch.js'

/** Lets the thread do something else: called about every millisecond. */
export type Pause = () => Promise<void>

/** Rows between two pauses. */
export const STEP_ROWS = 128 * 1024
/** Up to so many pairs of a block and a series, one sort does it. */
const MAX_BINS = 2 ** 20
/** More blocks of time than this are told apart by comparing: a table of them would be mostly empty. */
const MAX_BLOCKS = 2 ** 20
/** Metric and place of a series must fit into the 53 bits of a whole double. */
const MAX_RANKED = 2 ** 21

export interface Unordered {
  rows: number
  series: Uint32Array
  timeMs: Float64Array
  /** Third in order, where rows have one. */
  key?: Int32Array
}

/** Places of series in the order of files. */
export interface Ranks {
  /** By series number; of series that are in the rows alone. */
  of: Uint32Array
  count: number
}

/** Orders the series of some rows by metric, then by number. */
export function rankSeries({ rows, series }: Unordered, metricOf: (series: number) => number): Ranks {
  let highest = 0
  for (let i = 0; i < rows; i++) if (series[i] > highest) highest = series[i]
  const of = new Uint32Array(highest + 1)
  for (let i = 0; i < rows; i++) of[series[i]] = 1
  let count = 0
  for (let id = 0; id <= highest; id++) count += of[id]
  const ids = new Uint32Array(count)
  for (let id = 0, at = 0; id <= highest; id++) if (of[id] === 1) ids[at++] = id
  if (count > MAX_RANKED) {
    for (let rank = 0; rank < count; rank++) of[ids[rank]] = rank
  } else {
    const keys = Float64Array.from(ids, (id, at) => metricOf(id) * MAX_RANKED + at).sort()
    for (let rank = 0; rank < count; rank++) of[ids[keys[rank] % MAX_RANKED]] = rank
  }
  return { of, count }
}

/** The columns that decide the order, in it, and the rows' positions, by which other columns are gathered. */
export interface Ordered extends Unordered {
  order: Uint32Array
}

/** Brings rows into the order of a file whose blocks span `blockMs`. */
export async function orderRows(
  unordered: Unordered,
  blockMs: number,
  ranks: Ranks,
  scratch: Scratch,
  pause: Pause,
): Promise<Ordered> {
  const { rows, series, timeMs, key } = unordered
  const order = await positionsOf(unordered, blockMs, ranks, scratch, pause)
  const ordered: Ordered = {
    ...{ rows, order },
    series: scratch.take(Uint32Array, rows),
    timeMs: await gatherDoubles(timeMs, order, scratch, pause),
  }
  await inSteps(rows, pause, (from, to) => gatherU32(series, order, ordered.series, from, to))
  if (key !== undefined) {
    const keys = scratch.take(Int32Array, rows)
    await inSteps(rows, pause, (from, to) => gatherI32(key, order, keys, from, to))
    ordered.key = keys
  }
  for (let from = 0; from < rows; await pause()) {
    from = repairRuns(unordered, ordered, blockMs, from, Math.min(rows, from + STEP_ROWS))
  }
  return ordered
}

export async function gatherDoubles(
  column: Float64Array,
  order: Uint32Array,
  scratch: Scratch,
  pause: Pause,
): Promise<Float64Array> {
  const gathered = scratch.take(Float64Array, order.length)
  await inSteps(order.length, pause, (from, to) => gatherF64(column, order, gathered, from, to))
  return gathered
}

/** The order but for rows of one series and block, which stay as they came. */
async function positionsOf(
  unordered: Unordered,
  blockMs: number,
  ranks: Ranks,
  scratch: Scratch,
  pause: Pause,
): Promise<Uint32Array> {
  const { rows, timeMs } = unordered
  const { first, blocks } = blocksOf(unordered, blockMs)
  const bins = scratch.take(Uint32Array, rows)
  await pause()
  let order: Uint32Array
  if (blocks * ranks.count <= MAX_BINS) {
    await inSteps(rows, pause, (from, to) => {
      if (blocks === 1) binBySeries(unordered, ranks, bins, from, to)
      else binByBlockAndSeries(unordered, blockMs, first, ranks, bins, from, to)
    })
    order = await countingSort(bins, blocks * ranks.count, undefined, scratch, pause)
  } else {
    binBySeries(unordered, ranks, bins, 0, rows)
    const bySeries = await countingSort(bins, ranks.count, undefined, scratch, pause)
    if (blocks <= MAX_BLOCKS) {
      for (let row = 0; row < rows; row++) bins[row] = Math.floor(timeMs[row] / blockMs) - first
      order = await countingSort(bins, blocks, bySeries, scratch, pause)
      scratch.give(bySeries)
    } else {
      const blockOf = (row: number) => Math.floor(timeMs[row] / blockMs)
      order = bySeries.sort((a, b) => blockOf(a) - blockOf(b) || bins[a] - bins[b] || a - b)
    }
  }
  scratch.give(bins)
  return order
}

function blocksOf({ rows, timeMs }: Unordered, blockMs: number): { first: number; blocks: number } {
  let earliest = Number.POSITIVE_INFINITY
  let latest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < rows; row++) {
    const time = timeMs[row]
    if (time < earliest) earliest = time
    if (time > latest) latest = time
  }
  const first = Math.floor(earliest / blockMs)
  return { first, blocks: rows === 0 ? 1 : Math.floor(latest / blockMs) - first + 1 }
}

/** Stable: rows of one bin stay in the order of `input`, or in their own. */
async function countingSort(
  binOfRow: Uint32Array,
  bins: number,
  input: Uint32Array | undefined,
  scratch: Scratch,
  pause: Pause,
): Promise<Uint32Array> {
  const rows = binOfRow.length
  const next = scratch.take(Uint32Array, bins + 1).fill(0)
  for (let row = 0; row < rows; row++) next[binOfRow[row] + 1]++
  for (let bin = 0; bin < bins; bin++) next[bin + 1] += next[bin]
  const order = scratch.take(Uint32Array, rows)
  await inSteps(rows, pause, (from, to) => {
    if (input === undefined) placeRows(binOfRow, next, order, from, to)
    else for (let i = from; i < to; i++) order[next[binOfRow[input[i]]]++] = input[i]
  })
  scratch.give(next)
  return order
}

async function inSteps(rows: number, pause: Pause, step: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < rows; from += STEP_ROWS) {
    step(from, Math.min(rows, from + STEP_ROWS))
    await pause()
  }
}

// The loops over rows are functions of their own, each for one type of array: as parts of an asynchronous function, or
// with several types, they run at half the speed.

function binBySeries({ series }: Unordered, { of }: Ranks, bins: Uint32Array, from: number, to: number): void {
  for (let row = from; row < to; row++) bins[row] = of[series[row]]
}

function binByBlockAndSeries(
  { series, timeMs }: Unordered,
  blockMs: number,
  firstBlock: number,
  { of, count }: Ranks,
  bins: Uint32Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    bins[row] = (Math.floor(timeMs[row] / blockMs) - firstBlock) * count + of[series[row]]
  }
}

function placeRows(binOfRow: Uint32Array, next: Uint32Array, order: Uint32Array, from: number, to: number): void {
  for (let row = from; row < to; row++) order[next[binOfRow[row]]++] = row
}

function gatherF64(column: Float64Array, order: Uint32Array, into: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) into[i] = column[order[i]]
}

function gatherU32(column: Uint32Array, order: Uint32Array, into: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) into[i] = column[order[i]]
}

function gatherI32(column: Int32Array, order: Uint32Array, into: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) into[i] = column[order[i]]
}

/** Sorts what came late into its place, in the runs of one series and block that begin before `to`; returns their end. */
function repairRuns(unordered: Unordered, ordered: Ordered, blockMs: number, from: number, to: number): number {
  const { rows, series, timeMs, key } = ordered
  let i = from
  while (i < to) {
    const start = i
    const inSeries = series[i]
    const startMs = Math.floor(timeMs[i] / blockMs) * blockMs
    const endMs = startMs + blockMs
    let isBroken = false
    for (i++; i < rows && series[i] === inSeries && timeMs[i] >= startMs && timeMs[i] < endMs; i++) {
      if (timeMs[i] < timeMs[i - 1]) isBroken = true
      else if (key !== undefined && timeMs[i] === timeMs[i - 1] && key[i] < key[i - 1]) isBroken = true
    }
    if (isBroken) sortRun(unordered, ordered, start, i)
  }
  return i
}

function sortRun({ timeMs, key }: Unordered, ordered: Ordered, from: number, to: number): void {
  const { order } = ordered
  order.subarray(from, to).sort((a, b) => timeMs[a] - timeMs[b] || (key === undefined ? 0 : key[a] - key[b]) || a - b)
  for (let i = from; i < to; i++) ordered.timeMs[i] = timeMs[order[i]]
  if (key !== undefined) for (let i = from; i < to; i++) ordered.key![i] = key[order[i]]
}
