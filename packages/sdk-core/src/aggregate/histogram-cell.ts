/**
 * Histograms: the product's one sketch, in a form that is fast to fill. What is usual falls into a window of buckets side
 * by side, found by `quickKeyOf`:
 *
 *   octave   0        1        2
 *          [ 64 …   | 64 …   | 64 …   ]   counts, grown octave by octave
 *
 * What is not (another octave, zero, a negative, no number) takes the careful way, which gives
 * the same buckets.
 */
import { keyOf, leastNormalKey, quickKeyOf, Sketch } from '@telltale/protocol'
import type { DropReason } from '../stats.js'
import { Cell } from './cell.js'

const bucketsPerOctave = 64
/** 14 KB a series; what lies beyond goes into a sketch of pages. Latencies from 10 ns to a second take 27. */
const maxOctaves = 28

const noCounts = new Float64Array(0)

export class HistogramCell extends Cell {
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  /** Empty in a cell that takes no calls: every value is unusual then. */
  #counts = noCounts
  /** Of `#counts[0]`. */
  #firstKey = 0
  #outliers: Sketch | undefined

  record(value: number): void {
    if (typeof value !== 'number') {
      this.refuse(value)
      return
    }
    const at = quickKeyOf(value) - this.#firstKey
    const counts = this.#counts
    if (at < 0 || at >= counts.length) {
      this.#recordUnusual(value)
      return
    }
    counts[at]++
    this.sum += value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    if (this.calls++ === 0) this.changed.push(this)
  }

  override close(reason: DropReason): void {
    super.close(reason)
    this.#freeze()
  }

  /** As `Sketch.writeColumns`. */
  writeColumns(key: number[], count: number[], from: number): number {
    const first = this.#firstKey
    if (this.#outliers === undefined) {
      let end = from
      for (let at = 0; at < this.#counts.length; at++) {
        if (this.#counts[at] === 0) continue
        key[end] = first + at
        count[end++] = this.#counts[at]
      }
      return end
    }
    return this.#whole().writeColumns(key, count, from)
  }

  clear(): void {
    this.calls = 0
    this.sum = 0
    this.min = Number.POSITIVE_INFINITY
    this.max = Number.NEGATIVE_INFINITY
    this.#outliers = undefined
    this.#counts.fill(0)
  }

  #recordUnusual(value: number): void {
    if (!(value <= this.limit && value >= -Number.MAX_VALUE)) {
      this.refuse(value)
      return
    }
    const key = keyOf(value)
    if (key > 0 && this.#covers(key)) {
      this.#counts[key - this.#firstKey]++
    } else {
      this.#outliers ??= new Sketch()
      this.#outliers.record(value)
    }
    this.sum += value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    if (this.calls++ === 0) this.changed.push(this)
  }

  /** Makes the window hold `key`, where it may grow so far. */
  #covers(key: number): boolean {
    const counts = this.#counts
    const first = counts.length === 0 ? octaveOf(key) : Math.min(octaveOf(key), this.#firstKey)
    const end = Math.max(octaveOf(key) + bucketsPerOctave, counts.length === 0 ? 0 : this.#firstKey + counts.length)
    if (end - first === counts.length) return true
    if (end - first > maxOctaves * bucketsPerOctave) return false
    // Outside of these, quick keys are not to be trusted.
    if (first < leastNormalKey || end > keyOf(Number.MAX_VALUE)) return false
    const grown = new Float64Array(end - first)
    if (counts.length > 0) grown.set(counts, this.#firstKey - first)
    this.#counts = grown
    this.#firstKey = first
    return true
  }

  /** A cell that is closed keeps what it has for a last flush, without a window for values to fall into. */
  #freeze(): void {
    if (this.#counts.length === 0) return
    this.#outliers = this.#whole()
    this.#counts = noCounts
  }

  /** Window and outliers as one; only its buckets count. */
  #whole(): Sketch {
    const whole = new Sketch()
    for (let at = 0; at < this.#counts.length; at++) {
      if (this.#counts[at] > 0) whole.addColumns([this.#firstKey + at], [this.#counts[at]], 0, 1, 0, 0, 0)
    }
    if (this.#outliers !== undefined) whole.merge(this.#outliers)
    return whole
  }
}

/** The key of the first bucket of the octave that `key` lies in. */
function octaveOf(key: number): number {
  return Math.floor(key / bucketsPerOctave) * bucketsPerOctave
}
