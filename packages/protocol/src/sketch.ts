/**
 * The one histogram of the product: the SDK fills it, the wire carries its columns, rollups add them up and queries merge them.
 *
 * Counts lie in pages of one octave (64 buckets) that are made when a value first falls into them:
 *
 *     directory of positive values   [ – | page | page | – | page ]     first = 2044
 *                                            └ 64 counts: keys 2045·64 … 2045·64 + 63
 *
 * A sketch of latencies holds a dozen pages; one of 1e-300 and 1e300 holds two. The worst there can be, every
 * octave of either sign, is 2.4 MB; nothing is ever collapsed, so merges in any order give the same sketch.
 */
import { keyOf, keyValue } from './sketch-key.js'

const pageBits = 6
const pageSize = 1 << pageBits
const pageMask = pageSize - 1

/** Flat (key, count) entries, as the wire and the store carry them. */
export interface SketchColumns {
  /** Ascending. */
  key: Int32Array
  bucketCount: Uint32Array
}

type Keys = Int32Array | number[]
type Counts = Uint32Array | Float64Array | number[]

export class Sketch {
  count = 0
  sum = 0
  /** Infinity while the sketch is empty. */
  min = Number.POSITIVE_INFINITY
  /** -Infinity while the sketch is empty. */
  max = Number.NEGATIVE_INFINITY
  #zeros = 0
  readonly #positive = new Pages()
  #negative: Pages | undefined

  /** Adds a value `n` times, without allocating once its octave has been seen. NaN and infinities are ignored. */
  record(value: number, n = 1): void {
    if (value - value !== 0) return
    this.count += n
    this.sum += value * n
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    this.#add(keyOf(value), n)
  }

  #add(key: number, n: number): void {
    if (key > 0) this.#positive.add(key, n)
    else if (key < 0) this.#negativePages().add(-key, n)
    else this.#zeros += n
  }

  #negativePages(): Pages {
    this.#negative ??= new Pages()
    return this.#negative
  }

  /** Adds everything that another sketch holds. */
  merge(other: Sketch): void {
    this.#addTotals(other.count, other.sum, other.min, other.max)
    this.#zeros += other.#zeros
    this.#positive.merge(other.#positive)
    if (other.#negative !== undefined) this.#negativePages().merge(other.#negative)
  }

  /**
   * Adds the entries `from` ≤ i < `to` of flat columns, and the totals that belong to them. Keys must be those of doubles, as
   * the wire's reader makes sure: see `isSketchKey`.
   */
  addColumns(key: Keys, counts: Counts, from: number, to: number, sum: number, min: number, max: number): void {
    let count = 0
    for (let i = from; i < to; i++) {
      count += counts[i]
      this.#add(key[i], counts[i])
    }
    this.#addTotals(count, sum, min, max)
  }

  #addTotals(count: number, sum: number, min: number, max: number): void {
    this.count += count
    this.sum += sum
    if (min < this.min) this.min = min
    if (max > this.max) this.max = max
  }

  static fromColumns(columns: SketchColumns, sum: number, min: number, max: number): Sketch {
    const sketch = new Sketch()
    sketch.addColumns(columns.key, columns.bucketCount, 0, columns.key.length, sum, min, max)
    return sketch
  }

  /** Buckets that hold something. */
  get size(): number {
    return this.#positive.size + (this.#negative?.size ?? 0) + (this.#zeros > 0 ? 1 : 0)
  }

  /**
   * Writes the entries in ascending order of key into columns that the caller owns, from `at` on, and returns where they
   * end. Typed arrays need `size` entries of room.
   */
  writeColumns(key: Keys, counts: Counts, at = 0): number {
    let end = this.#negative === undefined ? at : this.#negative.writeDescending(key, counts, at)
    if (this.#zeros > 0) {
      key[end] = 0
      counts[end++] = this.#zeros
    }
    return this.#positive.writeAscending(key, counts, end)
  }

  toColumns(): SketchColumns {
    const columns = { key: new Int32Array(this.size), bucketCount: new Uint32Array(this.size) }
    this.writeColumns(columns.key, columns.bucketCount)
    return columns
  }

  /** The nearest-rank quantile, within 0.55 % of the exact one; NaN for an empty sketch. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN
    const rank = nearestRank(q, this.count)
    if (rank <= 1) return this.min
    if (rank >= this.count) return this.max
    const below = this.#negative?.total() ?? 0
    let key = 0
    // Among negative values, the rank counts down from the largest magnitude.
    if (rank <= below) key = -this.#negativePages().keyAt(below - rank + 1)
    else if (rank > below + this.#zeros) key = this.#positive.keyAt(rank - below - this.#zeros)
    return clamp(keyValue(key), this.min, this.max)
  }

  /** Empties the sketch and keeps its pages for the next interval. */
  clear(): void {
    this.count = 0
    this.sum = 0
    this.min = Number.POSITIVE_INFINITY
    this.max = Number.NEGATIVE_INFINITY
    this.#zeros = 0
    this.#positive.clear()
    this.#negative?.clear()
  }
}

/** Counts of positive keys. */
class Pages {
  /** Buckets that hold something. */
  size = 0
  /** Octave of `#directory[0]`. */
  #first = 0
  #directory: (Float64Array | undefined)[] = []

  add(key: number, n: number): void {
    const page = this.#page(key >> pageBits)
    const at = key & pageMask
    if (page[at] === 0 && n !== 0) this.size++
    page[at] += n
  }

  merge(other: Pages): void {
    for (let i = 0; i < other.#directory.length; i++) {
      const source = other.#directory[i]
      if (source === undefined) continue
      const page = this.#page(other.#first + i)
      for (let at = 0; at < pageSize; at++) {
        if (source[at] === 0) continue
        if (page[at] === 0) this.size++
        page[at] += source[at]
      }
    }
  }

  total(): number {
    let total = 0
    for (const page of this.#directory) if (page !== undefined) for (let at = 0; at < pageSize; at++) total += page[at]
    return total
  }

  /** Key of the bucket that holds the value of this rank, counted from the smallest, from 1. */
  keyAt(rank: number): number {
    let seen = 0
    let last = 0
    for (let i = 0; i < this.#directory.length; i++) {
      const page = this.#directory[i]
      if (page === undefined) continue
      for (let at = 0; at < pageSize; at++) {
        if (page[at] === 0) continue
        last = ((this.#first + i) << pageBits) | at
        seen += page[at]
        if (seen >= rank) return last
      }
    }
    return last
  }

  writeAscending(key: Keys, counts: Counts, from: number): number {
    let end = from
    for (let i = 0; i < this.#directory.length; i++) {
      const page = this.#directory[i]
      if (page === undefined) continue
      for (let at = 0; at < pageSize; at++) {
        if (page[at] === 0) continue
        key[end] = ((this.#first + i) << pageBits) | at
        counts[end++] = page[at]
      }
    }
    return end
  }

  /** Largest magnitude first, keys negated: ascending again. */
  writeDescending(key: Keys, counts: Counts, from: number): number {
    let end = from
    for (let i = this.#directory.length - 1; i >= 0; i--) {
      const page = this.#directory[i]
      if (page === undefined) continue
      for (let at = pageSize - 1; at >= 0; at--) {
        if (page[at] === 0) continue
        key[end] = -(((this.#first + i) << pageBits) | at)
        counts[end++] = page[at]
      }
    }
    return end
  }

  clear(): void {
    this.size = 0
    for (const page of this.#directory) page?.fill(0)
  }

  /** Bounds are checked before the array is read: a read outside of it would leave the engine's fast path for good. */
  #page(octave: number): Float64Array {
    const at = octave - this.#first
    const page = at >= 0 && at < this.#directory.length ? this.#directory[at] : undefined
    return page ?? this.#makePage(octave)
  }

  #makePage(octave: number): Float64Array {
    if (this.#directory.length === 0) this.#first = octave
    while (octave < this.#first) {
      this.#directory.unshift(undefined)
      this.#first--
    }
    while (octave - this.#first >= this.#directory.length) this.#directory.push(undefined)
    const page = new Float64Array(pageSize)
    this.#directory[octave - this.#first] = page
    return page
  }
}

/** rank = max(1, ⌈q·n⌉). The product's rounding error is taken off first: 0.07 · 100 is rank 7, though it computes to 7.000000000000001. */
export function nearestRank(q: number, count: number): number {
  return Math.min(count, Math.max(1, Math.ceil(q * count * (1 - Number.EPSILON * 4))))
}

/**
 * The nearest-rank quantile of entries `from` ≤ i < `to` whose keys ascend and whose counts add up to `total`.
 * Give the exact `min` and `max` where they are known: no quantile lies outside of them.
 */
export function quantileOfSorted(
  keys: Keys,
  counts: Counts,
  from: number,
  to: number,
  total: number,
  q: number,
  min = Number.NEGATIVE_INFINITY,
  max = Number.POSITIVE_INFINITY,
): number {
  if (total <= 0 || from >= to) return Number.NaN
  const rank = nearestRank(q, total)
  if (rank <= 1 && min > Number.NEGATIVE_INFINITY) return min
  if (rank >= total && max < Number.POSITIVE_INFINITY) return max
  let seen = 0
  for (let i = from; i < to; i++) {
    seen += counts[i]
    if (seen >= rank) return clamp(keyValue(keys[i]), min, max)
  }
  return clamp(keyValue(keys[to - 1]), min, max)
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value))
}
