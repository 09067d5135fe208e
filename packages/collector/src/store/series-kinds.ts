/** Which series are histograms: their raw observations go into the sketch rows of rollups. */
import { Kind } from '@telltale/protocol'
import type { SeriesDef, SeriesId } from '../model.js'

export class SeriesKinds {
  readonly #histograms = new Set<SeriesId>()

  learn(series: readonly SeriesDef[]): void {
    for (const { id, kind } of series) if (kind === Kind.histogram) this.#histograms.add(id)
  }

  histograms(): Uint32Array {
    return Uint32Array.from(this.#histograms)
  }

  isHistogram(id: SeriesId): boolean {
    return this.#histograms.has(id)
  }
}
