/**
 * Task runs → the built-in task metrics. A sender reports each run once; here it also becomes duration, count, CPU,
 * memory and wait, added up for each series and second in which runs ended.
 *
 * Replay derives again, so the outcome depends on nothing but the batch and the series that are known.
 */
import { keyOf, TaskStatus } from '@telltale/protocol'
import type { Attributes, ProjectId, SeriesDef, TaskRow } from '../model.js'
import { type BuiltInMetric, taskMetrics } from './built-in.js'
import type { HistogramSink, SampleSink } from './metric-rows.js'
import type { SeriesRegistry } from './series-registry.js'

export const maxErrorTypes = 100
export const otherErrorType = 'other'

const statusNames: Readonly<Record<number, string>> = {
  [TaskStatus.ok]: 'ok',
  [TaskStatus.error]: 'error',
  [TaskStatus.timeout]: 'timeout',
  [TaskStatus.cancelled]: 'cancelled',
}

type MetricName = keyof typeof taskMetrics
type Tag = readonly [key: string, value: string]

/** Runs that share all tags. */
interface Group {
  series: Map<MetricName, SeriesDef | undefined>
  attributes: Attributes
  seconds: Map<number, Second>
  latestMs: number
}

/** Runs of one group that ended in one second. */
interface Second {
  durations: number[]
  cpuTimes: number[]
  queueWaits: number[]
}

export class TaskDerivation {
  readonly #project: ProjectId
  readonly #registry: SeriesRegistry
  readonly #resourceTags: Attributes
  readonly #groups = new Map<string, Group>()
  readonly #gauges: { series: number; timeMs: number; value: number }[] = []
  readonly #pending: SeriesDef[] = []
  /** Some of the derived series are folded into others. */
  folds = false
  #rows = 0
  #observations = 0

  constructor(project: ProjectId, registry: SeriesRegistry, resourceTags: Attributes) {
    this.#project = project
    this.#registry = registry
    this.#resourceTags = resourceTags
  }

  add(task: TaskRow, dimensions: readonly Tag[] | undefined): void {
    const group = this.#group(task, dimensions)
    const endMs = task.startMs + task.durationMs
    const secondMs = Math.floor(endMs / 1000) * 1000
    let second = group.seconds.get(secondMs)
    if (!second) {
      second = { durations: [], cpuTimes: [], queueWaits: [] }
      group.seconds.set(secondMs, second)
      this.#rows += 3
    }
    second.durations.push(task.durationMs)
    if (task.cpuTimeMs !== null) second.cpuTimes.push(task.cpuTimeMs)
    if (task.queueWaitMs !== null) second.queueWaits.push(task.queueWaitMs)
    this.#observations += 3
    if (task.cpuUsagePercent !== null) this.#gauge(group, 'cpuUsage', endMs, task.cpuUsagePercent)
    if (task.memoryUsageMb !== null) this.#gauge(group, 'memoryUsage', endMs, task.memoryUsageMb)
    if (endMs > group.latestMs) group.latestMs = endMs
  }

  /** Most rows that `writeSamples` will write. */
  get maxSamples(): number {
    return this.#rows + this.#gauges.length
  }

  get maxHistograms(): number {
    return this.#rows
  }

  get maxHistogramEntries(): number {
    return this.#observations
  }

  writeSamples(sink: SampleSink): void {
    for (const group of this.#groups.values()) {
      const series = this.#series(group, 'count')
      if (!series) continue
      for (const [secondMs, { durations }] of group.seconds) sink.push(series.id, secondMs, durations.length)
    }
    for (const { series, timeMs, value } of this.#gauges) sink.push(series, timeMs, value)
  }

  writeHistograms(sink: HistogramSink): void {
    for (const group of this.#groups.values()) {
      for (const [secondMs, { durations, cpuTimes, queueWaits }] of group.seconds) {
        this.#histogram(group, 'duration', secondMs, durations, sink)
        this.#histogram(group, 'cpuTime', secondMs, cpuTimes, sink)
        this.#histogram(group, 'queueWait', secondMs, queueWaits, sink)
      }
    }
  }

  /** Definitions that must travel with the batch; complete once everything is written. */
  pending(): SeriesDef[] {
    return this.#pending
  }

  noteLastSeen(): void {
    for (const group of this.#groups.values()) {
      for (const def of group.series.values()) {
        const metric = def && this.#registry.metric(this.#project, def.metric)
        if (metric && group.latestMs > metric.lastSeenMs) metric.lastSeenMs = group.latestMs
      }
    }
  }

  #group(task: TaskRow, dimensions: readonly Tag[] | undefined): Group {
    const failed = task.status !== TaskStatus.ok && task.errorType !== null
    const errorType = failed ? this.#boundedErrorType(task.type, task.errorType as string) : ''
    const key = JSON.stringify([task.type, task.status, errorType, dimensions])
    let group = this.#groups.get(key)
    if (group) return group
    const tags = new Map(this.#resourceTags)
    for (const [name, value] of dimensions ?? []) {
      if (value === '') tags.delete(name)
      else tags.set(name, value)
    }
    // The runs' own tags last: nobody's attribute may pass for them.
    tags.set('task.type', task.type)
    tags.set('status', statusNames[task.status])
    tags.delete('error.type')
    if (errorType) tags.set('error.type', errorType)
    const attributes = [...tags].sort((a, b) => (a[0] < b[0] ? -1 : 1))
    group = { series: new Map(), attributes, seconds: new Map(), latestMs: 0 }
    this.#groups.set(key, group)
    // The count comes first: its series are where error types are remembered, and the next run asks for them.
    this.#series(group, 'count')
    return group
  }

  /** Error types that were seen before keep their names; past the bound, new ones share one. */
  #boundedErrorType(taskType: string, errorType: string): string {
    const seen = this.#registry.errorTypes(this.#project, taskType)
    return seen.has(errorType) || seen.size < maxErrorTypes ? errorType : otherErrorType
  }

  #series(group: Group, name: MetricName): SeriesDef | undefined {
    if (group.series.has(name)) return group.series.get(name)
    const { name: metric, kind, unit, description }: BuiltInMetric = taskMetrics[name]
    const { attributes } = group
    const def = this.#registry.resolve({ project: this.#project, metric, kind, unit, description, attributes })
    group.series.set(name, def)
    if (def && this.#registry.isOverflow(def.id)) this.folds = true
    if (def && this.#registry.isPending(def.id)) this.#pending.push(def)
    return def
  }

  #gauge(group: Group, name: MetricName, timeMs: number, value: number): void {
    const series = this.#series(group, name)
    if (series) this.#gauges.push({ series: series.id, timeMs, value })
  }

  #histogram(group: Group, name: MetricName, timeMs: number, values: number[], sink: HistogramSink): void {
    if (values.length === 0) return
    const series = this.#series(group, name)
    if (!series) return
    const keys = Int32Array.from(values, keyOf).sort()
    let sum = 0
    let min = values[0]
    let max = values[0]
    for (const value of values) {
      sum += value
      if (value < min) min = value
      if (value > max) max = value
    }
    let buckets = 0
    for (let i = 0; i < keys.length; i++) if (i === 0 || keys[i] !== keys[i - 1]) buckets++
    sink.push(series.id, timeMs, sum, min, max, buckets)
    for (let i = 0; i < keys.length; ) {
      const start = i
      while (i < keys.length && keys[i] === keys[start]) i++
      sink.pushEntry(keys[start], i - start)
    }
  }
}
