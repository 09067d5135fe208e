/**
 * Remembers what batches have changed, so that caches know which of their entries still stand. Ingest notes every batch
 * before its sender hears that it is durable: what a check here lets through hides nothing that was acknowledged.
 *
 * Two questions, each cheap and each erring towards "changed", must both say yes:
 * - did a batch of the project bring rows that lie before the end of the entry? (a short stack of seq → earliest time)
 * - did a batch touch one of the entry's series? (the last seq of each series, in one flat array)
 */
import type { Columns, ProjectId, SeriesId } from '../model.js'

/** Times are kept to this grain, rounded down, so that data in order adds one step a second at most. */
const grainMs = 1000
/** Steps that are kept of each project; the oldest ones are put together. */
const maxSteps = 4096

export class Changes {
  readonly #trails = new Map<ProjectId, Trail>()
  #seqOfSeries = new Float64Array(1024).fill(-1)

  /** To be called with each batch once it is durable, in the order of `seq`. */
  note(project: ProjectId, seq: number, { samples, histograms }: Columns): void {
    let earliestMs = Number.POSITIVE_INFINITY
    for (const rows of [samples, histograms]) {
      if (rows === undefined) continue
      const { count, series, timeMs } = rows
      for (let i = 0; i < count; i++) {
        if (timeMs[i]! < earliestMs) earliestMs = timeMs[i]!
        if (series[i]! >= this.#seqOfSeries.length) this.#grow(series[i]!)
        this.#seqOfSeries[series[i]!] = seq
      }
    }
    this.#trail(project).push(seq, earliestMs)
  }

  /** The newest batch of the project since the start; −1 before the first. */
  seqOf(project: ProjectId): number {
    return this.#trails.get(project)?.seq ?? -1
  }

  /** May a batch after `asOf` have brought a row of one of these series before `endMs`? */
  hasChanged(project: ProjectId, asOf: number, endMs: number, series: Uint32Array): boolean {
    const trail = this.#trails.get(project)
    if (trail === undefined || trail.seq <= asOf || trail.earliestSince(asOf) >= endMs) return false
    const seqOfSeries = this.#seqOfSeries
    for (let i = 0; i < series.length; i++) if (seqOfSeries[series[i]!]! > asOf) return true
    return false
  }

  #trail(project: ProjectId): Trail {
    let trail = this.#trails.get(project)
    if (trail === undefined) {
      trail = new Trail()
      this.#trails.set(project, trail)
    }
    return trail
  }

  #grow(series: SeriesId): void {
    const grown = new Float64Array(Math.max(series + 1, this.#seqOfSeries.length * 2)).fill(-1)
    grown.set(this.#seqOfSeries)
    this.#seqOfSeries = grown
  }
}

/**
 * The earliest time in all batches after a given one. A step is dropped as soon as a later batch reaches as far back, so
 * times rise with `seq` and the first step after `asOf` is the answer.
 */
class Trail {
  /** The newest batch noted. */
  seq = -1
  readonly #seqs: number[] = []
  readonly #timesMs: number[] = []

  push(seq: number, earliestMs: number): void {
    this.seq = Math.max(this.seq, seq)
    if (earliestMs === Number.POSITIVE_INFINITY) return
    const timeMs = Math.floor(earliestMs / grainMs) * grainMs
    const seqs = this.#seqs
    const timesMs = this.#timesMs
    while (timesMs.length > 0 && timesMs[timesMs.length - 1]! >= timeMs) {
      timesMs.pop()
      seqs.pop()
    }
    seqs.push(this.seq)
    timesMs.push(timeMs)
    if (seqs.length <= maxSteps) return
    // The two oldest become one that is as late as the one and reaches as far back as the other.
    seqs.shift()
    timesMs.splice(1, 1)
  }

  earliestSince(asOf: number): number {
    let low = 0
    let high = this.#seqs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#seqs[middle]! > asOf) high = middle
      else low = middle + 1
    }
    return this.#timesMs[low] ?? Number.POSITIVE_INFINITY
  }
}
