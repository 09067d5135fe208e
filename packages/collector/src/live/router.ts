/** Leads each published row to the aggregates that it concerns: one array look-up a row, whatever is subscribed. */
import type { Columns, ProjectId, SeriesId } from '../model.js'
import type { Aggregate } from './aggregate.js'

/** One metric of one project. */
interface Route {
  aggregates: Aggregate[]
  /** Index into the router's table plus one; 0 until a series of the metric is seen. */
  number: number
}

export class Router {
  readonly #metricOf: (series: SeriesId) => string | undefined
  readonly #projects = new Map<ProjectId, Map<string, Route>>()
  /** By project: aggregates that get whole batches, because they are being loaded. */
  readonly #aggregates = new Map<ProjectId, Set<Aggregate>>()
  readonly #routes: Route[] = []
  /** Aggregates whose metric has turned up in the batch at hand. */
  readonly #awaited = new Set<Aggregate>()
  /** Index into `#routes` plus one, by series; 0: not looked up yet. Series are numbered from 1 without gaps. */
  #routeOf = new Uint32Array(1024)

  constructor(metricOf: (series: SeriesId) => string | undefined) {
    this.#metricOf = metricOf
  }

  add(aggregate: Aggregate): void {
    const { project, source } = aggregate.plan
    this.#route(project, source).aggregates.push(aggregate)
    const ofProject = this.#aggregates.get(project)
    if (ofProject === undefined) this.#aggregates.set(project, new Set([aggregate]))
    else ofProject.add(aggregate)
  }

  remove(aggregate: Aggregate): void {
    const { project, source } = aggregate.plan
    const route = this.#route(project, source)
    route.aggregates = route.aggregates.filter((other) => other !== aggregate)
    // Anybody may subscribe to names that do not exist: they leave nothing behind.
    if (route.aggregates.length === 0 && route.number === 0) this.#projects.get(project)?.delete(source)
    const ofProject = this.#aggregates.get(project)
    ofProject?.delete(aggregate)
    if (ofProject?.size === 0) this.#aggregates.delete(project)
  }

  /** True where any live aggregate was concerned. */
  publish(project: ProjectId, seq: number, columns: Columns): boolean {
    const ofProject = this.#aggregates.get(project)
    if (ofProject === undefined) return false
    const rows = (columns.samples?.count ?? 0) + (columns.histograms?.count ?? 0)
    for (const aggregate of ofProject) if (aggregate.isLoading) aggregate.hold(seq, columns, rows)
    const sampled = this.#publishSamples(project, seq, columns.samples)
    const isConcerned = this.#publishHistograms(project, seq, columns.histograms) || sampled
    for (const aggregate of this.#awaited) {
      // This batch is held for it, like all that follow.
      aggregate.start()
      if (aggregate.isLoading) aggregate.hold(seq, columns, rows)
    }
    this.#awaited.clear()
    return isConcerned
  }

  #publishSamples(project: ProjectId, seq: number, samples: Columns['samples']): boolean {
    if (samples === undefined) return false
    const { count, series, timeMs, value } = samples
    let isConcerned = false
    for (let i = 0; i < count; i++) {
      const { aggregates } = this.#routeOfSeries(project, series[i]!)
      for (let j = 0; j < aggregates.length; j++) {
        const aggregate = aggregates[j]!
        if (!aggregate.isLive) continue
        isConcerned = true
        try {
          aggregate.window!.addSample(series[i]!, timeMs[i]!, value[i]!, seq)
        } catch (error) {
          aggregate.fail(error)
        }
      }
    }
    return isConcerned
  }

  #publishHistograms(project: ProjectId, seq: number, histograms: Columns['histograms']): boolean {
    if (histograms === undefined) return false
    let isConcerned = false
    for (let row = 0, from = 0; row < histograms.count; row++) {
      const { aggregates } = this.#routeOfSeries(project, histograms.series[row]!)
      for (const aggregate of aggregates) {
        if (!aggregate.isLive) continue
        isConcerned = true
        try {
          aggregate.window!.addHistogram(histograms, row, from, seq)
        } catch (error) {
          aggregate.fail(error)
        }
      }
      from += histograms.buckets[row]!
    }
    return isConcerned
  }

  #routeOfSeries(project: ProjectId, series: SeriesId): Route {
    const known = series < this.#routeOf.length ? this.#routeOf[series]! : 0
    return known > 0 ? this.#routes[known - 1]! : this.#findRoute(project, series)
  }

  #findRoute(project: ProjectId, series: SeriesId): Route {
    const metric = this.#metricOf(series)
    if (metric === undefined) return nowhere
    const route = this.#route(project, metric)
    if (series >= this.#routeOf.length) {
      const larger = new Uint32Array(Math.max(series + 1, this.#routeOf.length * 2))
      larger.set(this.#routeOf)
      this.#routeOf = larger
    }
    if (route.number === 0) route.number = this.#routes.push(route)
    this.#routeOf[series] = route.number
    // Whoever waits for this metric has seen no series of it, so the first one always comes by here.
    for (const aggregate of route.aggregates) if (aggregate.isDormant) this.#awaited.add(aggregate)
    return route
  }

  #route(project: ProjectId, metric: string): Route {
    let metrics = this.#projects.get(project)
    if (metrics === undefined) {
      metrics = new Map()
      this.#projects.set(project, metrics)
    }
    let route = metrics.get(metric)
    if (route === undefined) {
      route = { aggregates: [], number: 0 }
      metrics.set(metric, route)
    }
    return route
  }
}

const nowhere: Route = { aggregates: [], number: 0 }
