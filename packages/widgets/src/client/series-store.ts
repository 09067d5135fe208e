/**
 * What one stream has sent, as sorted columns on one time axis: snapshots replace, deltas overwrite or add buckets, and
 * buckets older than the range are let go. Buckets that a group does not have are NaN.
 *
 *   times    ·····|t0 t1 t2 t3|·····      start..end is in use; appending writes at end, expiring moves start,
 *   columns  ·····| 1  2  3  4|·····      and the room before start is taken back when end meets the capacity
 */
import type { MetricsColumnsFrame, StreamMeta, Tags } from '@telltale/protocol/api'

/** Times and one column a group, as views: valid until the next `apply`. */
export interface SeriesView {
  timesMs: Float64Array
  columns: Float64Array[]
}

/** Beyond these a page could not show them; the store stays bounded whatever is sent. */
const maxGroups = 1_000
const maxBuckets = 100_000
const initialCapacity = 512

export class SeriesStore {
  #groups: Tags[] = []
  #times = new Float64Array(initialCapacity)
  #columns: Float64Array[] = []
  #start = 0
  #end = 0
  #meta: StreamMeta | undefined

  get groups(): readonly Tags[] {
    return this.#groups
  }

  get meta(): StreamMeta | undefined {
    return this.#meta
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** Start of the newest bucket, Unix ms; NaN while there is none. */
  get newestMs(): number {
    return this.length > 0 ? this.#times[this.#end - 1] : Number.NaN
  }

  apply(frame: MetricsColumnsFrame): void {
    const { group, times, values } = frame
    if (frame.mode === 'snapshot') this.#reset(frame)
    this.#addGroups(frame.groups)
    for (let i = 0; i < times.length; i++) {
      const column = this.#columns[group[i]]
      if (column === undefined) continue
      const slot = this.#slot(times[i])
      if (slot >= 0) this.#columns[group[i]][slot] = values[i] ?? Number.NaN
    }
    if (this.#meta) this.#expire(this.newestMs - this.#meta.range_ms - 2 * this.#meta.step_ms)
  }

  view(): SeriesView {
    return {
      timesMs: this.#times.subarray(this.#start, this.#end),
      columns: this.#columns.map((column) => column.subarray(this.#start, this.#end)),
    }
  }

  #reset(frame: MetricsColumnsFrame): void {
    this.#groups = []
    this.#columns = []
    this.#start = this.#end = 0
    if (frame.meta) this.#meta = frame.meta
    const times = Float64Array.from(new Set(frame.times)).sort().slice(-maxBuckets)
    this.#times = new Float64Array(Math.max(initialCapacity, times.length * 2))
    this.#times.set(times)
    this.#end = times.length
  }

  #addGroups(added: readonly Tags[]): void {
    for (const tags of added) {
      if (this.#groups.length === maxGroups) return
      this.#groups.push(tags)
      this.#columns.push(new Float64Array(this.#times.length).fill(Number.NaN))
    }
  }

  /** The place of a bucket, made if need be; −1 for one that came too late to be kept. */
  #slot(timeMs: number): number {
    const times = this.#times
    let low = this.#start
    let high = this.#end
    // Deltas name the newest buckets: look at the end before searching.
    if (low === high || timeMs > times[high - 1]) return this.#insert(high, timeMs)
    if (timeMs === times[high - 1]) return high - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (times[middle] < timeMs) low = middle + 1
      else high = middle
    }
    if (times[low] === timeMs) return low
    return this.length >= maxBuckets ? -1 : this.#insert(low, timeMs)
  }

  #insert(at: number, timeMs: number): number {
    if (this.length >= maxBuckets) {
      this.#start++
    }
    if (this.#end === this.#times.length) at -= this.#makeRoom()
    for (const column of this.#columns) {
      if (at < this.#end) column.copyWithin(at + 1, at, this.#end)
      column[at] = Number.NaN
    }
    if (at < this.#end) this.#times.copyWithin(at + 1, at, this.#end)
    this.#times[at] = timeMs
    this.#end++
    return at
  }

  /** Moves everything to the front, into larger arrays where more than half is in use; gives how far it moved. */
  #makeRoom(): number {
    const shift = this.#start
    const { length } = this
    const capacity = this.#times.length
    const wanted = length * 2 > capacity ? capacity * 2 : capacity
    const move = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = wanted === capacity ? (from as Float64Array<ArrayBuffer>) : new Float64Array(wanted)
      if (to === from) to.copyWithin(0, shift, shift + length)
      else to.set(from.subarray(shift, shift + length))
      return to
    }
    this.#times = move(this.#times)
    this.#columns = this.#columns.map(move)
    this.#start = 0
    this.#end = length
    return shift
  }

  #expire(beforeMs: number): void {
    while (this.#start < this.#end && this.#times[this.#start] < beforeMs) this.#start++
  }
}
