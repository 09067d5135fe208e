/**
 * Every series of every project, numbered: ingest finds and defines them here, queries and streams look them up.
 *
 * Numbers are never reused and a definition never changes. A definition is `pending` until a batch that carried it is
 * durable; until then it travels with every batch that uses it.
 */
import type { KindCode } from '@telltale/protocol'
import {
  type Attributes,
  isOwnMetric,
  type MetricEntry,
  type ProjectId,
  type SeriesDef,
  type SeriesId,
  type SeriesIndex,
  type SeriesOverflow,
} from '../model.js'
import { reservedKind } from './built-in.js'
import { FoldedKeys } from './folded-keys.js'
import { SeriesLookup } from './series-lookup.js'

export interface SeriesLimits {
  /** Series of one metric; further ones are folded into one with `telltale.overflow=true`. */
  maxSeriesPerMetric: number
  /** Series of one project, over all metrics; folded likewise. */
  maxSeriesPerProject: number
}

export interface SeriesRequest {
  project: ProjectId
  metric: string
  kind: KindCode
  unit: string
  description: string
  attributes: Attributes
}

class Overflow extends FoldedKeys implements SeriesOverflow {
  folded = 0
}

/** What is kept of one metric, beyond what others may see. */
class Metric implements MetricEntry {
  readonly name: string
  readonly kind: KindCode
  unit = ''
  description = ''
  readonly series: SeriesDef[] = []
  lastSeenMs = 0
  readonly lookup = new SeriesLookup(this.series)
  /** The one that others are folded into. */
  overflowSeries?: SeriesDef
  overflow?: Overflow

  constructor(name: string, kind: KindCode) {
    this.name = name
    this.kind = kind
  }
}

interface ProjectSeries {
  metrics: Map<string, Metric>
  count: number
  /** Error types seen, by task type: what the bound on `error.type` counts. */
  errorTypes: Map<string, Set<string>>
}

const overflowAttributes: Attributes = [['telltale.overflow', 'true']]

export class SeriesRegistry implements SeriesIndex {
  limits: SeriesLimits
  /** How often a series found no room, since the start. */
  foldedSeries = 0
  readonly #projects = new Map<ProjectId, ProjectSeries>()
  readonly #byId = new Map<SeriesId, SeriesDef>()
  readonly #pending = new Set<SeriesId>()
  readonly #overflows = new Set<SeriesId>()
  #lastId = 0
  #frozen = false

  constructor(limits: SeriesLimits) {
    this.limits = limits
  }

  /** Takes in what storage knew at the start. */
  load(series: Iterable<SeriesDef>, lastSeenMs: ReadonlyMap<SeriesId, number> = new Map()): void {
    const ordered = [...series].sort((a, b) => a.id - b.id)
    for (const def of ordered) {
      const metric = this.#metric(def.project, def.metric, def.kind)
      this.#add(metric, def)
      metric.lastSeenMs = Math.max(metric.lastSeenMs, lastSeenMs.get(def.id) ?? 0)
    }
  }

  /**
   * While `body` runs, nothing new is defined: a series that is not known is folded, exactly as it was when its batch
   * was first accepted. Replay of the journal runs so, because every series that its batches were given is stored.
   */
  frozen<T>(body: () => T): T {
    this.#frozen = true
    try {
      return body()
    } finally {
      this.#frozen = false
    }
  }

  /** The metric's kind where it is settled, by use or because the name is built in. */
  kindOf(project: ProjectId, metric: string): KindCode | undefined {
    return this.metric(project, metric)?.kind ?? reservedKind(metric)
  }

  /**
   * The series asked for, defined if it is new, or the one that it is folded into. Undefined where there is neither: a
   * new metric in a project that is full, or an unknown one while frozen.
   */
  resolve(request: SeriesRequest): SeriesDef | undefined {
    const known = this.#projects.get(request.project)?.metrics.get(request.metric)
    const found = known?.lookup.find(request.attributes)
    if (found) return found
    if (this.#frozen) return known?.overflowSeries
    if (this.#hasRoom(request, known)) {
      const metric = known ?? this.#metric(request.project, request.metric, request.kind)
      return this.#define(metric, request)
    }
    this.foldedSeries++
    if (!known) return undefined
    known.overflow ??= new Overflow()
    known.overflow.folded++
    known.overflow.add(request.attributes)
    return known.overflowSeries ?? this.#define(known, { ...request, attributes: overflowAttributes })
  }

  /** Is it one that others are folded into? */
  isOverflow(id: SeriesId): boolean {
    return this.#overflows.has(id)
  }

  isPending(id: SeriesId): boolean {
    return this.#pending.has(id)
  }

  /** These definitions are on disk now. */
  settle(series: readonly SeriesDef[]): void {
    for (const { id } of series) this.#pending.delete(id)
  }

  get(id: SeriesId): SeriesDef | undefined {
    return this.#byId.get(id)
  }

  metric(project: ProjectId, name: string): Metric | undefined {
    return this.#projects.get(project)?.metrics.get(name)
  }

  *metrics(project: ProjectId): Iterable<MetricEntry> {
    yield* this.#projects.get(project)?.metrics.values() ?? []
  }

  /** Error types seen of one task type. */
  errorTypes(project: ProjectId, taskType: string): ReadonlySet<string> {
    return this.#projects.get(project)?.errorTypes.get(taskType) ?? new Set()
  }

  get size(): number {
    return this.#byId.size
  }

  #hasRoom({ project, metric: name }: SeriesRequest, metric: Metric | undefined): boolean {
    const total = this.#projects.get(project)?.count ?? 0
    if (total >= this.limits.maxSeriesPerProject && !isOwnMetric(name)) return false
    return metric === undefined || metric.series.length < this.limits.maxSeriesPerMetric
  }

  #define(metric: Metric, request: SeriesRequest): SeriesDef {
    const { project, unit, description, attributes } = request
    const def: SeriesDef = {
      id: this.#lastId + 1,
      project,
      metric: metric.name,
      kind: metric.kind,
      unit,
      description,
      attributes,
    }
    this.#add(metric, def)
    this.#pending.add(def.id)
    return def
  }

  #metric(project: ProjectId, name: string, kind: KindCode): Metric {
    const owner = this.#projects.get(project) ?? { metrics: new Map(), count: 0, errorTypes: new Map() }
    this.#projects.set(project, owner)
    const metric = owner.metrics.get(name) ?? new Metric(name, kind)
    owner.metrics.set(name, metric)
    return metric
  }

  #add(metric: Metric, def: SeriesDef): void {
    const owner = this.#projects.get(def.project) as ProjectSeries
    metric.series.push(def)
    metric.lookup.addLast()
    if (isOverflow(def.attributes)) {
      metric.overflowSeries = def
      this.#overflows.add(def.id)
      metric.overflow ??= new Overflow()
    }
    metric.unit ||= def.unit
    metric.description ||= def.description
    // The collector's own take no room from others.
    if (!isOwnMetric(def.metric)) owner.count++
    this.#byId.set(def.id, def)
    this.#lastId = Math.max(this.#lastId, def.id)
    if (def.metric === 'task.execution.count') noteErrorType(owner, def.attributes)
  }
}

function isOverflow(attributes: Attributes): boolean {
  return attributes.length === 1 && attributes[0][0] === overflowAttributes[0][0] && attributes[0][1] === 'true'
}

function noteErrorType(owner: ProjectSeries, attributes: Attributes): void {
  let taskType: string | undefined
  let errorType: string | undefined
  for (const [name, value] of attributes) {
    if (name === 'task.type') taskType = value
    if (name === 'error.type') errorType = value
  }
  if (taskType === undefined || errorType === undefined) return
  const seen = owner.errorTypes.get(taskType)
  if (seen) seen.add(errorType)
  else owner.errorTypes.set(taskType, new Set([errorType]))
}
