/**
 * The series of one metric, found by their attributes: a hash table over the definitions themselves. A map by text would
 * build a text for each look-up and keep one for each series; senders that put a new value into each sample make that
 * the most expensive step of ingest.
 */
import type { Attributes, SeriesDef } from '../model.js'

/** Senders choose attributes: without a secret start, they could choose those that share a slot. */
const seed = Math.floor(Math.random() * 0x1_0000_0000)

/** Open addressing: a series lies in the first free slot from that of its hash. */
export class SeriesLookup {
  readonly #series: SeriesDef[]
  #hashes = new Uint32Array(16)
  /** Place in `series` + 1; 0: free. */
  #places = new Uint32Array(16)

  /** Series are added to `series` first, then here. */
  constructor(series: SeriesDef[]) {
    this.#series = series
  }

  find(attributes: Attributes): SeriesDef | undefined {
    const hash = hashOf(attributes)
    const mask = this.#places.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = this.#places[slot]
      if (place === 0) return undefined
      if (this.#hashes[slot] !== hash) continue
      const found = this.#series[place - 1]
      if (isEqual(found.attributes, attributes)) return found
    }
  }

  /** Enters the newest of `series`. */
  addLast(): void {
    const count = this.#series.length
    if (count * 2 > this.#places.length) this.#grow()
    this.#enter(hashOf(this.#series[count - 1].attributes), count)
  }

  #grow(): void {
    const hashes = this.#hashes
    const places = this.#places
    this.#hashes = new Uint32Array(places.length * 2)
    this.#places = new Uint32Array(places.length * 2)
    for (let slot = 0; slot < places.length; slot++) if (places[slot] !== 0) this.#enter(hashes[slot], places[slot])
  }

  #enter(hash: number, place: number): void {
    const mask = this.#places.length - 1
    let slot = hash & mask
    while (this.#places[slot] !== 0) slot = (slot + 1) & mask
    this.#hashes[slot] = hash
    this.#places[slot] = place
  }
}

function hashOf(attributes: Attributes): number {
  let hash = seed
  for (let i = 0; i < attributes.length; i++) {
    hash = noted(noted(hash, attributes[i][0]), attributes[i][1])
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The length goes in as well, so that the border between two texts counts. */
function noted(hash: number, text: string): number {
  let h = Math.imul(hash ^ text.length, 0x5bd1e995)
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
    h ^= h >>> 15
  }
  return h
}

function isEqual(a: Attributes, b: Attributes): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i][0] !== b[i][0] || a[i][1] !== b[i][1]) return false
  return true
}
