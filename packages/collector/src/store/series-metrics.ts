/** Which series are of which metric: the store itself only knows numbers, and sorts and keeps rows by metric. */
import type { SeriesDef, SeriesId } from '../model.js'

export interface MetricSeries {
  /** Numbers metrics over all projects, for as long as the store is open. */
  id: number
  /** Its number in files. */
  code: number
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

  /** The number in files of the series' metric; 0: the series has not been defined. */
  codeOf(series: SeriesId): number {
    return this.of(series)?.code ?? 0
  }

  /** The metric that all of these series are of. */
  common(series: Uint32Array): MetricSeries | undefined {
    const metric = this.of(series[0])
    return metric !== undefined && series.every((id) => this.#metricOf[id] === metric.id) ? metric : undefined
  }

  isOf(series: SeriesId, { id }: MetricSeries): boolean {
    return this.#metricOf[series] === id
  }

  #metric(name: string): MetricSeries {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const metric = {
      ...{ id: this.#metrics.length, code: metricCode(name) },
      size: 0,
      lowest: Number.POSITIVE_INFINITY,
      highest: 0,
    }
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

/**
 * A 32-bit number that is the same for a metric in every file: FNV-1a of its name. Two metrics may share one, so that it
 * only ever tells what need not be read.
 */
function metricCode(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0 || 1
}
