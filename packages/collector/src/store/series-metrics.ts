/** Which series are of which metric: the store itself only knows numbers, and keeps decoded rows by metric. */
import type { SeriesDef, SeriesId } from '../model.js'

export interface MetricSeries {
  /** Numbers metrics over all projects, for as long as the store is open. */
  id: number
  size: number
  lowest: SeriesId
  highest: SeriesId
}

export class SeriesMetrics {
  readonly #byName = new Map<string, MetricSeries>()
  readonly #metrics: MetricSeries[] = []
  /** Number of the metric by series; −1: not known. */
  #metricOf = new Int32Array(1024).fill(-1)

  learn(series: readonly SeriesDef[]): void {
    for (const { id, project, metric: name } of series) {
      if (id >= this.#metricOf.length) this.#grow(id)
      if (this.#metricOf[id] >= 0) continue
      const metric = this.#metric(`${project}/${name}`)
      this.#metricOf[id] = metric.id
      metric.size++
      metric.lowest = Math.min(metric.lowest, id)
      metric.highest = Math.max(metric.highest, id)
    }
  }

  /** The metric of a series. */
  of(series: SeriesId): MetricSeries | undefined {
    return this.#metrics[this.#metricOf[series] ?? -1]
  }

  isOf(series: SeriesId, { id }: MetricSeries): boolean {
    return this.#metricOf[series] === id
  }

  #metric(name: string): MetricSeries {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const metric = { id: this.#metrics.length, size: 0, lowest: Number.POSITIVE_INFINITY, highest: 0 }
    this.#byName.set(name, metric)
    this.#metrics.push(metric)
    return metric
  }

  #grow(id: SeriesId): void {
    const grown = new Int32Array(Math.max(id + 1, this.#metricOf.length * 2)).fill(-1)
    grown.set(this.#metricOf)
    this.#metricOf = grown
  }
}
