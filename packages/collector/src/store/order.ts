/**
 * Brings rows into the order of a file: blocks of time, in each by metric, series, time. Counting sorts cost a fraction of
 * what comparing rows would; rows of one series mostly come in the order of time.
 */

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

/** The rows' positions in the order of a file whose blocks span `blockMs`. */
export async function orderRows(
  unordered: Unordered,
  blockMs: number,
  ranks: Ranks,
  pause: Pause,
): Promise<Uint32Array> {
  const { rows, series, timeMs } = unordered
  const { first, blocks } = blocksOf(unordered, blockMs)
  const bins = new Uint32Array(rows)
  await pause()
  let order: Uint32Array
  if (blocks * ranks.count <= MAX_BINS) {
    for (let from = 0; from < rows; from += STEP_ROWS) {
      const to = Math.min(rows, from + STEP_ROWS)
      if (blocks === 1) for (let row = from; row < to; row++) bins[row] = ranks.of[series[row]]
      else {
        for (let row = from; row < to; row++) {
          bins[row] = (Math.floor(timeMs[row] / blockMs) - first) * ranks.count + ranks.of[series[row]]
        }
      }
      await pause()
    }
    order = await countingSort(bins, blocks * ranks.count, undefined, pause)
  } else {
    for (let row = 0; row < rows; row++) bins[row] = ranks.of[series[row]]
    const bySeries = await countingSort(bins, ranks.count, undefined, pause)
    if (blocks <= MAX_BLOCKS) {
      for (let row = 0; row < rows; row++) bins[row] = Math.floor(timeMs[row] / blockMs) - first
      order = await countingSort(bins, blocks, bySeries, pause)
    } else {
      const blockOf = (row: number) => Math.floor(timeMs[row] / blockMs)
      order = bySeries.sort((a, b) => blockOf(a) - blockOf(b) || bins[a] - bins[b] || a - b)
    }
  }
  await repairRuns(unordered, order, blockMs, pause)
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
  pause: Pause,
): Promise<Uint32Array> {
  const rows = binOfRow.length
  const next = new Uint32Array(bins + 1)
  for (let row = 0; row < rows; row++) next[binOfRow[row] + 1]++
  for (let bin = 0; bin < bins; bin++) next[bin + 1] += next[bin]
  const order = new Uint32Array(rows)
  for (let from = 0; from < rows; from += STEP_ROWS) {
    const to = Math.min(rows, from + STEP_ROWS)
    if (input === undefined) for (let row = from; row < to; row++) order[next[binOfRow[row]]++] = row
    else for (let i = from; i < to; i++) order[next[binOfRow[input[i]]]++] = input[i]
    await pause()
  }
  return order
}

/** Sorts what came late into its place: rows of one series in one block. */
async function repairRuns(
  { rows, series, timeMs, key }: Unordered,
  order: Uint32Array,
  blockMs: number,
  pause: Pause,
): Promise<void> {
  const compare = (a: number, b: number) => timeMs[a] - timeMs[b] || (key === undefined ? 0 : key[a] - key[b]) || a - b
  let start = 0
  let inSeries = -1
  let blockStartMs = 0
  let blockEndMs = 0
  let before = 0
  let isBroken = false
  for (let from = 0; from < rows; from += STEP_ROWS) {
    const to = Math.min(rows, from + STEP_ROWS)
    for (let i = from; i < to; i++) {
      const row = order[i]
      const time = timeMs[row]
      if (series[row] !== inSeries || time < blockStartMs || time >= blockEndMs) {
        if (isBroken) order.subarray(start, i).sort(compare)
        start = i
        isBroken = false
        inSeries = series[row]
        blockStartMs = Math.floor(time / blockMs) * blockMs
        blockEndMs = blockStartMs + blockMs
      } else if (time < timeMs[before]) isBroken = true
      else if (key !== undefined && time === timeMs[before] && key[row] < key[before]) isBroken = true
      before = row
    }
    await pause()
  }
  if (isBroken) order.subarray(start, rows).sort(compare)
}

export async function gatherDoubles(column: Float64Array, order: Uint32Array, pause: Pause): Promise<Float64Array> {
  const gathered = new Float64Array(order.length)
  for (let from = 0; from < order.length; from += STEP_ROWS) {
    const to = Math.min(order.length, from + STEP_ROWS)
    for (let i = from; i < to; i++) gathered[i] = column[order[i]]
    await pause()
  }
  return gathered
}

export async function gatherNumbers<A extends Uint32Array | Int32Array>(
  column: A,
  order: Uint32Array,
  pause: Pause,
): Promise<A> {
  const gathered = new (column.constructor as new (length: number) => A)(order.length)
  for (let from = 0; from < order.length; from += STEP_ROWS) {
    const to = Math.min(order.length, from + STEP_ROWS)
    for (let i = from; i < to; i++) gathered[i] = column[order[i]]
    await pause()
  }
  return gathered
}
