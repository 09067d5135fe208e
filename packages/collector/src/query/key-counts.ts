/**
 * Counts by sketch key, for one bucket of a stream: a small hash table in two typed arrays. A bucket of a few seconds has
 * tens of distinct keys out of thousands, so a dense window would be mostly zeros.
 *
 *   slot:     0    1    2    3    4    5    6    7
 *   keys    [    | 131 |    | 140 | 141 |    |    |    ]     next free slot on a collision
 *   counts  [  0 |   5 |  0 |   1 |   9 |  0 |  0 |  0 ]     0: the slot is free
 */
import { quantileOfSorted } from '@telltale/protocol'

const initialSlots = 16

export class KeyCounts {
  #keys = new Int32Array(initialSlots)
  #counts = new Float64Array(initialSlots)
  #size = 0
  #total = 0

  /** Sum of all counts. */
  get total(): number {
    return this.#total
  }

  add(key: number, count: number): void {
    if (count <= 0) return
    this.#total += count
    const slot = this.#slotOf(key)
    if (this.#counts[slot]! > 0) {
      this.#counts[slot]! += count
      return
    }
    this.#keys[slot] = key
    this.#counts[slot] = count
    if (++this.#size * 4 > this.#keys.length * 3) this.#grow()
  }

  addAll(other: KeyCounts): void {
    for (let slot = 0; slot < other.#keys.length; slot++) {
      if (other.#counts[slot]! > 0) this.add(other.#keys[slot]!, other.#counts[slot]!)
    }
  }

  quantile(quantile: number, min: number, max: number): number {
    const keys = new Int32Array(this.#size)
    for (let slot = 0, at = 0; slot < this.#keys.length; slot++) {
      if (this.#counts[slot]! > 0) keys[at++] = this.#keys[slot]!
    }
    keys.sort()
    const counts = new Float64Array(this.#size)
    for (let i = 0; i < keys.length; i++) counts[i] = this.#counts[this.#slotOf(keys[i]!)]!
    return quantileOfSorted(keys, counts, 0, keys.length, this.#total, quantile, min, max)
  }

  /** The slot of `key`, or the free slot where it would go. */
  #slotOf(key: number): number {
    const mask = this.#keys.length - 1
    // Keys of one bucket are neighbours: multiplying by an odd constant spreads them, and its high bits are the best.
    let slot = (Math.imul(key, 0x9e3779b1) >>> 15) & mask
    while (this.#counts[slot]! > 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const keys = this.#keys
    const counts = this.#counts
    this.#keys = new Int32Array(keys.length * 2)
    this.#counts = new Float64Array(keys.length * 2)
    for (let from = 0; from < keys.length; from++) {
      if (counts[from] === 0) continue
      const slot = this.#slotOf(keys[from]!)
      this.#keys[slot] = keys[from]!
      this.#counts[slot] = counts[from]!
    }
  }
}
