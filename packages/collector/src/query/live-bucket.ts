/** One bucket of a stream's window: addend aggregates of every group, and the values last made of them. */
import type { Measure } from './aggregation.js'
import { type CellColumns, newCellColumns } from './finalise.js'
import { KeyCounts } from './key-counts.js'

const initialGroups = 4

export class LiveBucket {
  readonly startMs: number
  readonly endMs: number
  cells: CellColumns
  /** By store group; only where quantiles are wanted and there is data. */
  readonly sketches: (KeyCounts | undefined)[] = []
  /** By group (row); valid where `stale` is 0. */
  values = new Float64Array(initialGroups).fill(Number.NaN)
  stale = new Uint8Array(initialGroups)
  readonly #want: Measure['want']

  constructor(startMs: number, endMs: number, want: Measure['want']) {
    this.startMs = startMs
    this.endMs = endMs
    this.#want = want
    this.cells = newCellColumns(initialGroups, want)
  }

  /** Adds partials of one store group; `row` is its group. */
  add(storeGroup: number, row: number, addend: Addend): void {
    if (storeGroup >= this.cells.count.length || row >= this.values.length) this.#grow(storeGroup, row)
    const { cells } = this
    this.stale[row] = 1
    cells.count[storeGroup]! += addend.count
    if (this.#want.sum) cells.sum[storeGroup]! += addend.sum
    if (this.#want.minMax) {
      if (addend.min < cells.min[storeGroup]!) cells.min[storeGroup] = addend.min
      if (addend.max > cells.max[storeGroup]!) cells.max[storeGroup] = addend.max
    }
    if (this.#want.last && addend.lastMs >= cells.lastMs[storeGroup]!) {
      cells.last[storeGroup] = addend.last
      cells.lastMs[storeGroup] = addend.lastMs
    }
  }

  /** The sketch of a store group, made when it is first needed. */
  sketch(storeGroup: number): KeyCounts {
    let sketch = this.sketches[storeGroup]
    if (sketch === undefined) {
      // Filled up one by one: an array with holes is slower for ever.
      while (this.sketches.length < storeGroup) this.sketches.push(undefined)
      sketch = new KeyCounts()
      this.sketches[storeGroup] = sketch
    }
    return sketch
  }

  /** Adds every group of another bucket, for values over the whole range. */
  addAll(other: LiveBucket, rowOf: (storeGroup: number) => number, addend: Addend): void {
    const { cells } = other
    for (let group = 0; group < cells.count.length; group++) {
      if (cells.count[group] === 0) continue
      addend.count = cells.count[group]!
      addend.sum = this.#want.sum ? cells.sum[group]! : 0
      addend.min = this.#want.minMax ? cells.min[group]! : 0
      addend.max = this.#want.minMax ? cells.max[group]! : 0
      addend.last = this.#want.last ? cells.last[group]! : 0
      addend.lastMs = this.#want.last ? cells.lastMs[group]! : 0
      this.add(group, rowOf(group), addend)
      const sketch = other.sketches[group]
      if (sketch !== undefined) this.sketch(group).addAll(sketch)
    }
  }

  #grow(storeGroup: number, row: number): void {
    const size = Math.max(storeGroup + 1, row + 1, this.cells.count.length * 2)
    const cells = newCellColumns(size, this.#want)
    for (const name of ['count', 'sum', 'min', 'max', 'last', 'lastMs'] as const) {
      if (cells[name].length > 0) cells[name].set(this.cells[name])
    }
    this.cells = cells
    const values = new Float64Array(size).fill(Number.NaN)
    values.set(this.values)
    this.values = values
    const stale = new Uint8Array(size)
    stale.set(this.stale)
    this.stale = stale
  }
}

/** What one point, one histogram row or one row of the store adds. Callers reuse one object. */
export interface Addend {
  count: number
  sum: number
  min: number
  max: number
  last: number
  lastMs: number
}
