/** A series registry for tests: defines series as they are first named. */
import type { KindCode } from '@telltale/protocol'
import type { Attributes, Columns, MetricEntry, ProjectId, SeriesDef, SeriesId, SeriesIndex } from '../../model.js'

interface Metric extends MetricEntry {
  series: SeriesDef[]
}

export class MemoryIndex implements SeriesIndex {
  readonly #byId = new Map<SeriesId, SeriesDef>()
  readonly #metrics = new Map<string, Metric>()
  readonly #ids = new Map<string, SeriesId>()

  define(project: ProjectId, name: string, kind: KindCode, tags: Record<string, string> = {}): SeriesId {
    const attributes: Attributes = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify([project, name, attributes])
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#byId.size + 1
    const def: SeriesDef = { id, project, metric: name, kind, unit: 'ms', description: `about ${name}`, attributes }
    this.#byId.set(id, def)
    this.#ids.set(key, id)
    const metricKey = `${project} ${name}`
    let metric = this.#metrics.get(metricKey)
    if (metric === undefined) {
      metric = { name, kind, unit: def.unit, description: def.description, series: [], lastSeenMs: 0 }
      this.#metrics.set(metricKey, metric)
    }
    metric.series.push(def)
    return id
  }

  /** Keeps the newest time of each metric, as ingest does. */
  see({ samples, histograms }: Columns): void {
    for (const rows of [samples, histograms]) {
      for (let i = 0; i < (rows?.count ?? 0); i++) {
        const { project, metric } = this.#byId.get(rows!.series[i]!)!
        const entry = this.#metrics.get(`${project} ${metric}`)!
        entry.lastSeenMs = Math.max(entry.lastSeenMs, rows!.timeMs[i]!)
      }
    }
  }

  metric(project: ProjectId, name: string): MetricEntry | undefined {
    return this.#metrics.get(`${project} ${name}`)
  }

  *metrics(project: ProjectId): Iterable<MetricEntry> {
    for (const [key, metric] of this.#metrics) if (key.startsWith(`${project} `)) yield metric
  }

  get(id: SeriesId): SeriesDef | undefined {
    return this.#byId.get(id)
  }
}
