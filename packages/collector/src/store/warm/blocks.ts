/**
 * Decoded rows of one metric in one stretch of a segment: plain typed arrays, cut into runs of one series. Numbers of a
 * dashboard are added up from these without SQL.
 *
 *   series  [ 7        | 8     | 12           ]    one entry a run
 *   start   [ 0        | 4     | 7            | 11 ]
 *   time    [ 0 1 2 3  | 0 1 3 | 0 1 2 3      ]    units after the base, ascending within a run
 *   sum     [ . . . .  | . . . | . . . .      ]
 */
import { keyOf } from '@telltale/protocol'

export interface Runs {
  series: Uint32Array
  /** One more than there are runs. */
  start: Uint32Array
}

/** Raw values or partials, ordered by series and time. */
export interface PointBlock {
  rows: number
  /** Unix ms; times count in `unitMs` from here. */
  baseMs: number
  unitMs: number
  runs: Runs
  time: Int32Array
  minTime: number
  maxTime: number
  columns: PointColumns
  /** Of partials of one value each: the columns that `value` is kept instead of. */
  standsFor?: readonly (keyof PointColumns)[]
  /** Sketch keys of raw values, where they have been asked for. */
  keys?: RawKeys
}

export interface RawKeys {
  key: Int32Array
  lowestKey: number
  highestKey: number
}

/** Raw rows have a `value`, partials the others. */
export interface PointColumns {
  value?: Float64Array
  count?: Float64Array
  sum?: Float64Array
  min?: Float64Array
  max?: Float64Array
  last?: Float64Array
  /** Unix ms. */
  lastMs?: Float64Array
}

/** Sketch rows; a run is one series at one time. */
export interface EntryBlock {
  rows: number
  baseMs: number
  unitMs: number
  runs: Runs
  /** Of each run. */
  time: Int32Array
  minTime: number
  maxTime: number
  /** Key less `lowestKey`; two bytes where all fit. */
  key: Uint16Array | Int32Array
  lowestKey: number
  highestKey: number
  /** Two bytes where all fit. */
  count: Uint16Array | Float64Array
  /** The same rows at longer times, where they have been put together. */
  coarse?: EntryBlock
}

/** Where rows come from: every array has one element a row. */
export interface DecodedRows {
  series: Uint32Array
  time: Int32Array
}

export function pointBlock(
  { series, time }: DecodedRows,
  columns: PointColumns,
  place: { baseMs: number; unitMs: number },
): PointBlock {
  const order = orderOf(series, time)
  const sortedSeries = gathered(series, order)
  const sortedTime = gathered(time, order)
  const sorted: PointColumns = {}
  for (const [name, values] of Object.entries(columns) as [keyof PointColumns, Float64Array][]) {
    sorted[name] = gathered(values, order)
  }
  return {
    ...place,
    rows: series.length,
    runs: runsOf(sortedSeries, () => true),
    time: sortedTime,
    ...timeBounds(sortedTime),
    columns: sorted,
  }
}

/**
 * Series that report less often than a level's bucket have one value in each: a third of the memory holds it. Only where the
 * columns say the same: of a histogram's single value, sum and bounds are whatever its sender has written.
 */
export function withoutCopies(block: PointBlock): PointBlock {
  const { count, lastMs } = block.columns
  const [first, ...others] = (['sum', 'min', 'max', 'last'] as const).filter(
    (name) => block.columns[name] !== undefined,
  )
  const value = first && block.columns[first]
  if (count === undefined || value === undefined || !count.every((one) => one === 1)) return block
  if (!others.every((name) => block.columns[name]!.every((one, row) => one === value[row]))) return block
  const columns = lastMs === undefined ? { value } : { value, lastMs }
  return { ...block, columns, standsFor: ['count', first!, ...others] }
}

/** Undefined where the rows are not in the order in which sketch rows are written. */
export function entryBlock(
  { series, time }: DecodedRows,
  key: Int32Array,
  count: Float64Array,
  place: { baseMs: number; unitMs: number },
): EntryBlock | undefined {
  if (orderOf(series, time) !== undefined) return undefined
  const runs = runsOf(series, (row) => time[row] === time[row - 1])
  const runTime = new Int32Array(runs.series.length)
  for (let run = 0; run < runTime.length; run++) runTime[run] = time[runs.start[run]]
  const { lowestKey, highestKey } = keyBounds(key)
  const isNarrow = highestKey - lowestKey < 2 ** 16
  const narrow = isNarrow ? new Uint16Array(key.length) : new Int32Array(key.length)
  let isSmall = true
  for (let i = 0; i < key.length; i++) {
    narrow[i] = key[i] - lowestKey
    if (count[i] >= 2 ** 16) isSmall = false
  }
  return {
    ...place,
    ...{ rows: series.length, runs, time: runTime, lowestKey, highestKey },
    ...timeBounds(runTime),
    key: narrow,
    count: isSmall ? Uint16Array.from(count) : count,
  }
}

/** Sketch keys of a block of raw values, made once. */
export function keysOf(block: PointBlock): RawKeys {
  if (block.keys !== undefined) return block.keys
  const values = block.columns.value as Float64Array
  const key = new Int32Array(values.length)
  for (let i = 0; i < key.length; i++) key[i] = keyOf(values[i])
  block.keys = { key, ...keyBounds(key) }
  return block.keys
}

export function keyBounds(key: Int32Array): { lowestKey: number; highestKey: number } {
  const { least, greatest } = boundsOf(key)
  return { lowestKey: least, highestKey: greatest }
}

/** Memory of a block; keys are counted before they are there. */
export function bytesOf(block: PointBlock | EntryBlock): number {
  const { runs, rows, time } = block
  const ofRuns = runs.series.byteLength + runs.start.byteLength + time.byteLength
  if ('key' in block) {
    return (
      ofRuns + block.key.byteLength + block.count.byteLength + (block.coarse === undefined ? 0 : bytesOf(block.coarse))
    )
  }
  const ofColumns = Object.values(block.columns).reduce((bytes, column) => bytes + column.byteLength, 0)
  return ofRuns + ofColumns + (block.columns.value === undefined || block.standsFor ? 0 : rows * 4)
}

/**
 * The order by series and time, or undefined where the rows have it already. Stable, so that it is always the same.
 * Rows that were sealed as they came are in order by time, mostly: counting by series is all that they need.
 */
function orderOf(series: Uint32Array, time: Int32Array): Uint32Array | undefined {
  let isSorted = true
  let lowest = Number.POSITIVE_INFINITY
  let highest = 0
  for (let i = 0; i < series.length; i++) {
    if (series[i] < lowest) lowest = series[i]
    if (series[i] > highest) highest = series[i]
    if (i > 0 && (series[i] < series[i - 1] || (series[i] === series[i - 1] && time[i] < time[i - 1]))) isSorted = false
  }
  if (isSorted) return undefined
  const next = new Uint32Array(highest - lowest + 2)
  for (const id of series) next[id - lowest + 1]++
  for (let i = 1; i < next.length; i++) next[i] += next[i - 1]
  const order = new Uint32Array(series.length)
  for (let row = 0; row < series.length; row++) order[next[series[row] - lowest]++] = row
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    let isAscending = true
    for (; to < order.length && series[order[to]] === series[order[from]]; to++) {
      if (time[order[to]] < time[order[to - 1]]) isAscending = false
    }
    if (!isAscending) order.subarray(from, to).sort((a, b) => time[a] - time[b] || a - b)
    from = to
  }
  return order
}

function gathered<Values extends Uint32Array | Int32Array | Float64Array>(values: Values, order?: Uint32Array): Values {
  if (order === undefined) return values
  const sorted = new (values.constructor as new (length: number) => Values)(order.length)
  for (let i = 0; i < order.length; i++) sorted[i] = values[order[i]]
  return sorted
}

function runsOf(series: Uint32Array, isSameRun: (row: number) => boolean): Runs {
  let count = 0
  const isNext = (row: number) => row === 0 || series[row] !== series[row - 1] || !isSameRun(row)
  for (let row = 0; row < series.length; row++) if (isNext(row)) count++
  const runs: Runs = { series: new Uint32Array(count), start: new Uint32Array(count + 1) }
  for (let row = 0, run = 0; row < series.length; row++) {
    if (!isNext(row)) continue
    runs.series[run] = series[row]
    runs.start[run++] = row
  }
  runs.start[count] = series.length
  return runs
}

function timeBounds(time: Int32Array): { minTime: number; maxTime: number } {
  const { least, greatest } = boundsOf(time)
  return { minTime: least, maxTime: greatest }
}

function boundsOf(values: Int32Array): { least: number; greatest: number } {
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    if (values[i] < least) least = values[i]
    if (values[i] > greatest) greatest = values[i]
  }
  return { least, greatest }
}
