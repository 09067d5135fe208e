/** Puts the times of a block on the grid of a request. */
import type { Grid } from '../aggregate.js'

interface Place {
  baseMs: number
  unitMs: number
  minTime: number
  maxTime: number
}

/** Buckets of a block's times, and which of them lie in a slice. Levels nest in the grid, so that units are whole. */
export class BlockAxis {
  /** Units from the grid's origin to the block's base, and of one bucket; 0: all is one bucket. */
  readonly #offset: number
  readonly #step: number
  /** Times of the slice: lower ≤ time < upper. */
  readonly lower: number
  readonly upper: number
  /** All rows of the block are in the slice. */
  readonly isInside: boolean

  constructor(block: Place, slice: { startMs: number; endMs: number }, grid: Grid) {
    const { baseMs, unitMs } = block
    this.#offset = (baseMs - grid.originMs) / unitMs
    this.#step = grid.stepMs / unitMs
    this.lower = Math.ceil((slice.startMs - baseMs) / unitMs)
    this.upper = Math.ceil((slice.endMs - baseMs) / unitMs)
    this.isInside = block.minTime >= this.lower && block.maxTime < this.upper
  }

  bucketOf(time: number): number {
    return this.#step === 0 ? 0 : Math.floor((time + this.#offset) / this.#step)
  }

  /** The first time after a bucket. */
  endOf(bucket: number): number {
    return this.#step === 0 ? Number.POSITIVE_INFINITY : (bucket + 1) * this.#step - this.#offset
  }
}

/** The first i in from ≤ i < to with values[i] ≥ limit, or `to`; values ascend. */
export function lowerBound(values: Int32Array, from: number, to: number, limit: number): number {
  while (from < to) {
    const middle = (from + to) >>> 1
    if (values[middle] < limit) from = middle + 1
    else to = middle
  }
  return from
}
