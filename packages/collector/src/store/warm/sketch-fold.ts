/**
 * Adds up sketch rows of many series and times by cell: runs of rows are gathered first, then taken cell by cell, so that
 * one small window of counts by key serves all of them.
 *
 *   runs ─ counting sort by cell ─► cell 0: run, run, …  ─► window ─► entries of cell 0, ascending by key
 */
import { keyOf } from '@telltale/protocol'
import type { Grid } from '../aggregate.js'
import type { Pause } from '../read-pool.js'
import type { Partials } from '../store.js'
import { BlockAxis, lowerBound } from './axis.js'
import { type EntryBlock, keyBounds, keysOf, type PointBlock } from './blocks.js'
import { coarseRange } from './coarse.js'
import type { SeriesGroups } from './groups.js'
import type { Scattered } from './scattered.js'

/** A pause is asked for after so many cells. */
const CELLS_A_PAUSE = 64

type Keys = Uint16Array | Int32Array
type Counts = Uint16Array | Float64Array

/** Rows that runs point into. */
interface Source {
  key: Keys
  /** Absent: every row counts once. */
  count?: Counts
  /** What has been taken off every key. */
  base: number
  lowestKey: number
  highestKey: number
  /** Keys ascend within a run. */
  isSorted: boolean
}

/** Sketch rows as SQL answers them, in the order of group, bucket and key. */
export interface SketchRows {
  rows: number
  group: Uint32Array
  /** Number of the bucket. */
  bucket: Float64Array
  key: Int32Array
  count: Float64Array
}

/** A list of whole numbers that grows. */
class IntList {
  values = new Int32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Int32Array(this.length * 2)
      grown.set(this.values)
      this.values = grown
    }
    this.values[this.length++] = value
  }
}

export class SketchFold {
  readonly #buckets: number
  readonly #cells: number
  readonly #sources: Source[] = []
  readonly #runCell = new IntList()
  readonly #runSource = new IntList()
  readonly #runFrom = new IntList()
  readonly #runTo = new IntList()

  constructor(groups: number, buckets: number) {
    this.#buckets = buckets
    this.#cells = groups * buckets
  }

  addEntries(block: EntryBlock, slice: { startMs: number; endMs: number }, grid: Grid, groups: SeriesGroups): void {
    const coarse = coarseRange(block, slice, grid)
    if (coarse !== undefined) {
      const { from, to, factor } = coarse
      this.#addRuns(coarse.coarse, slice, grid, groups, (time) => time >= from && time < to)
      this.#addRuns(block, slice, grid, groups, (time) => time < from * factor || time >= to * factor)
    } else this.#addRuns(block, slice, grid, groups, () => true)
  }

  #addRuns(
    block: EntryBlock,
    slice: { startMs: number; endMs: number },
    grid: Grid,
    groups: SeriesGroups,
    isWanted: (time: number) => boolean,
  ): void {
    const axis = new BlockAxis(block, slice, grid)
    const { runs, time } = block
    this.#sources.push(sourceOf(block))
    for (let run = 0; run < time.length; run++) {
      if (!axis.isInside && (time[run] < axis.lower || time[run] >= axis.upper)) continue
      if (!isWanted(time[run])) continue
      const group = groups.of(runs.series[run])
      if (group < 0) continue
      this.#push(group * this.#buckets + axis.bucketOf(time[run]), runs.start[run], runs.start[run + 1])
    }
  }

  /** Raw values count by their keys. */
  addPoints(block: PointBlock, slice: { startMs: number; endMs: number }, grid: Grid, groups: SeriesGroups): void {
    const axis = new BlockAxis(block, slice, grid)
    const { runs, time } = block
    this.#sources.push({ base: 0, isSorted: false, ...keysOf(block) })
    for (let run = 0; run < runs.series.length; run++) {
      const group = groups.of(runs.series[run])
      if (group < 0) continue
      const end = lowerBound(time, runs.start[run], runs.start[run + 1], axis.upper)
      let from = lowerBound(time, runs.start[run], end, axis.lower)
      while (from < end) {
        const bucket = axis.bucketOf(time[from])
        const to = lowerBound(time, from, end, axis.endOf(bucket))
        this.#push(group * this.#buckets + bucket, from, to)
        from = to
      }
    }
  }

  /** Hot raw values count by their keys. */
  addValues(scattered: Scattered, value: Float64Array): void {
    const { length, row } = scattered
    const key = new Int32Array(length)
    for (let i = 0; i < length; i++) key[i] = keyOf(value[row[i]])
    this.#addByCell(scattered, key)
  }

  /** Hot sketch rows, each wherever it belongs. */
  addScattered(scattered: Scattered, key: Int32Array, count: Uint32Array): void {
    const { length, row } = scattered
    const keys = new Int32Array(length)
    const counts = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      keys[i] = key[row[i]]
      counts[i] = count[row[i]]
    }
    this.#addByCell(scattered, keys, counts)
  }

  addRows({ rows, group, bucket, key, count }: SketchRows): void {
    this.#sources.push({ key, count, base: 0, isSorted: true, ...keyBounds(key) })
    for (let from = 0; from < rows; ) {
      let to = from + 1
      while (to < rows && group[to] === group[from] && bucket[to] === bucket[from]) to++
      this.#push(group[from] * this.#buckets + bucket[from], from, to)
      from = to
    }
  }

  async finish({ originMs, stepMs }: Grid, pause: Pause): Promise<Partials['sketch']> {
    const { order, firstOf } = this.#byCell()
    const lowest = this.#sources.reduce((low, { lowestKey }) => Math.min(low, lowestKey), Number.POSITIVE_INFINITY)
    const highest = this.#sources.reduce((high, source) => Math.max(high, source.highestKey), lowest)
    const window = new Window(lowest, this.#runCell.length === 0 ? 0 : highest - lowest + 1)
    const cellOf: number[] = []
    const endOf: number[] = []
    for (let cell = 0; cell < this.#cells; cell++) {
      if (firstOf[cell] === firstOf[cell + 1]) continue
      for (let i = firstOf[cell]; i < firstOf[cell + 1]; i++) {
        const run = order[i]
        const source = this.#sources[this.#runSource.values[run]]
        window.add(source, this.#runFrom.values[run], this.#runTo.values[run])
      }
      window.flush()
      if (cellOf.length % CELLS_A_PAUSE === 0) await pause()
      cellOf.push(cell)
      endOf.push(window.rows)
    }
    const { rows, key, count } = window.entries()
    const sketch = { rows, group: new Uint32Array(rows), bucketMs: new Float64Array(rows), key, count }
    for (let i = 0, from = 0; i < cellOf.length; from = endOf[i++]) {
      const group = Math.floor(cellOf[i] / this.#buckets)
      sketch.group.fill(group, from, endOf[i])
      sketch.bucketMs.fill(originMs + (cellOf[i] - group * this.#buckets) * stepMs, from, endOf[i])
    }
    return sketch
  }

  /** One run a cell: a run for each row would cost more than the row. */
  #addByCell({ length, cell }: Scattered, key: Int32Array, count?: Float64Array): void {
    if (length === 0) return
    const order = orderByCell(cell, length)
    const sorted = { key: new Int32Array(length), count: count && new Float64Array(length) }
    for (let i = 0; i < length; i++) {
      sorted.key[i] = key[order[i]]
      if (sorted.count !== undefined) sorted.count[i] = (count as Float64Array)[order[i]]
    }
    this.#sources.push({ ...sorted, base: 0, isSorted: false, ...keyBounds(key) })
    for (let from = 0; from < length; ) {
      let to = from + 1
      while (to < length && cell[order[to]] === cell[order[from]]) to++
      this.#push(cell[order[from]], from, to)
      from = to
    }
  }

  #push(cell: number, from: number, to: number): void {
    this.#runCell.push(cell)
    this.#runSource.push(this.#sources.length - 1)
    this.#runFrom.push(from)
    this.#runTo.push(to)
  }

  #byCell(): { order: Int32Array; firstOf: Int32Array } {
    const runs = this.#runCell.length
    const cellOf = this.#runCell.values
    const firstOf = new Int32Array(this.#cells + 1)
    for (let run = 0; run < runs; run++) firstOf[cellOf[run] + 1]++
    for (let cell = 0; cell < this.#cells; cell++) firstOf[cell + 1] += firstOf[cell]
    const next = firstOf.slice()
    const order = new Int32Array(runs)
    for (let run = 0; run < runs; run++) order[next[cellOf[run]]++] = run
    return { order, firstOf }
  }
}

/** Keys of one cell within so many are looked at one by one; those further apart are remembered as they come. */
const DENSE_KEYS = 2 ** 14

/** Counts by key of one cell; `flush` turns them into entries and clears what was touched. */
class Window {
  readonly #lowest: number
  readonly #counts: Float64Array
  readonly #isDense: boolean
  /** Where it is dense: nothing outside these has been touched. */
  #low = Number.POSITIVE_INFINITY
  #high = -1
  /** Where it is not: what has been touched, in no order. */
  readonly #touched: Int32Array
  #touchedCount = 0
  #key = new Int32Array(1024)
  #count = new Float64Array(1024)
  rows = 0

  constructor(lowest: number, size: number) {
    this.#lowest = lowest
    this.#counts = new Float64Array(size)
    this.#isDense = size <= DENSE_KEYS
    this.#touched = new Int32Array(this.#isDense ? 0 : size)
  }

  add(source: Source, from: number, to: number): void {
    const { key, count, base, isSorted } = source
    const shift = base - this.#lowest
    if (!this.#isDense) {
      this.#addSparse(source, shift, from, to)
      return
    }
    // Keys of raw values and hot rows come in any order, between the bounds of all.
    this.#low = Math.min(this.#low, (isSorted ? key[from] : source.lowestKey) + shift)
    this.#high = Math.max(this.#high, (isSorted ? key[to - 1] : source.highestKey) + shift)
    // A loop for each pair of array types: one for all of them would ask for the types in every turn.
    if (count === undefined) addOnes(this.#counts, key, shift, from, to)
    else if (key instanceof Uint16Array && count instanceof Uint16Array) {
      addNarrow(this.#counts, key, count, shift, from, to)
    } else addWide(this.#counts, key, count, shift, from, to)
  }

  flush(): void {
    const touched = this.#touched.subarray(0, this.#touchedCount).sort()
    this.#grow(this.rows + (this.#isDense ? this.#high - this.#low + 1 : touched.length))
    if (this.#isDense) for (let at = this.#low; at <= this.#high; at++) this.#take(at)
    else for (const at of touched) this.#take(at)
    this.#touchedCount = 0
    this.#low = Number.POSITIVE_INFINITY
    this.#high = -1
  }

  entries(): { rows: number; key: Int32Array; count: Float64Array } {
    return { rows: this.rows, key: this.#key.slice(0, this.rows), count: this.#count.slice(0, this.rows) }
  }

  #addSparse({ key, count }: Source, shift: number, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const at = key[i] + shift
      if (this.#counts[at] === 0) this.#touched[this.#touchedCount++] = at
      this.#counts[at] += count?.[i] ?? 1
    }
  }

  #take(at: number): void {
    if (this.#counts[at] === 0) return
    this.#key[this.rows] = at + this.#lowest
    this.#count[this.rows++] = this.#counts[at]
    this.#counts[at] = 0
  }

  #grow(rows: number): void {
    if (rows <= this.#key.length) return
    const key = new Int32Array(rows * 2)
    const count = new Float64Array(rows * 2)
    key.set(this.#key)
    count.set(this.#count)
    this.#key = key
    this.#count = count
  }
}

/** Places of rows by ascending cell, by counting those of each. */
function orderByCell(cell: Int32Array, length: number): Uint32Array {
  let highest = 0
  for (let i = 0; i < length; i++) if (cell[i] > highest) highest = cell[i]
  const next = new Uint32Array(highest + 2)
  for (let i = 0; i < length; i++) next[cell[i] + 1]++
  for (let i = 1; i < next.length; i++) next[i] += next[i - 1]
  const order = new Uint32Array(length)
  for (let i = 0; i < length; i++) order[next[cell[i]]++] = i
  return order
}

function addOnes(counts: Float64Array, key: Keys, shift: number, from: number, to: number): void {
  for (let i = from; i < to; i++) counts[key[i] + shift]++
}

function addNarrow(
  counts: Float64Array,
  key: Uint16Array,
  count: Uint16Array,
  shift: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) counts[key[i] + shift] += count[i]
}

function addWide(counts: Float64Array, key: Keys, count: Counts, shift: number, from: number, to: number): void {
  for (let i = from; i < to; i++) counts[key[i] + shift] += count[i]
}

function sourceOf({ key, count, lowestKey, highestKey }: EntryBlock): Source {
  return { key, count, base: lowestKey, isSorted: true, lowestKey, highestKey }
}
