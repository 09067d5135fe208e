/**
 * The collector's own vocabulary: what one stage hands to the next. Stages import this, the store port, config and
 * errors, never each other; `collector.ts` wires them.
 *
 *   bytes ──ingest──► NumberedBatch ──store──► journal, hot tables, segments
 *                          └── once durable ──► live
 */
import type { KindCode, Rejection } from '@telltale/protocol'
import type { Filters } from '@telltale/protocol/api'

export type ProjectId = number

/** Numbers a series for ever, over all projects. From 1; 0 is no series. */
export type SeriesId = number

/** Sorted by key; keys are unique. */
export type Attributes = ReadonlyArray<readonly [key: string, value: string]>

export interface SeriesDef {
  id: SeriesId
  project: ProjectId
  metric: string
  kind: KindCode
  unit: string
  description: string
  attributes: Attributes
}

/** A batch that passed validation, its series numbered: ready for the journal. */
export interface NumberedBatch {
  project: ProjectId
  receivedMs: number
  /** Names the batch for deduplication. */
  streamId: Uint8Array
  sequence: number
  /** The wire bytes, as the journal keeps them. Ingesting them again at `receivedMs` gives the same columns. */
  payload: Uint8Array
  /** Definitions of series in `columns` that may not be on disk yet. Stored in the batch's own transaction. */
  newSeries: SeriesDef[]
  columns: Columns
  /** Rows accepted, as the sender counts them (derived rows are not counted). */
  accepted: number
  rejected: Rejection[]
}

/** The rows of one batch, by table. A table that is absent has no rows. */
export interface Columns {
  samples?: SampleColumns
  histograms?: HistogramColumns
  events?: EventRow[]
  tasks?: TaskRow[]
  sessions?: SessionRow[]
}

/** Gauge levels, counter deltas and raw histogram observations: everything that is one number at one time. */
export interface SampleColumns {
  count: number
  series: Uint32Array
  timeMs: Float64Array
  value: Float64Array
}

/** Aggregated histograms, one row a series and time, with their sketches as flat (key, count) runs. */
export interface HistogramColumns {
  count: number
  series: Uint32Array
  timeMs: Float64Array
  sum: Float64Array
  min: Float64Array
  max: Float64Array
  /** Number of (key, bucketCount) entries that each row owns. */
  buckets: Uint32Array
  key: Int32Array
  bucketCount: Uint32Array
}

/** Attributes of events and tasks keep their types. */
export type Context = Record<string, string | number | boolean>

export interface EventRow {
  timeMs: number
  name: string
  id: string
  userId: string | null
  orgId: string | null
  sessionId: string | null
  attributes: Context
}

export interface TaskRow {
  id: string
  type: string
  startMs: number
  durationMs: number
  status: number
  attempt: number
  parentId: string | null
  traceId: string | null
  errorType: string | null
  errorMessage: string | null
  queueWaitMs: number | null
  cpuTimeMs: number | null
  cpuUsagePercent: number | null
  cpuMethod: number
  memoryUsageMb: number | null
  context: Context
  steps: { name: string; offsetMs: number }[]
}

export interface SessionRow {
  id: string
  startMs: number
  durationMs: number
  userId: string | null
  orgId: string | null
  events: number
  pageViews: number
  entry: string | null
  exit: string | null
  referrer: string | null
  attributes: Context
}

/** One metric of one project, as the registry knows it. */
export interface MetricEntry {
  name: string
  kind: KindCode
  unit: string
  description: string
  /** Live view: grows as series appear. */
  series: readonly SeriesDef[]
  lastSeenMs: number
  /** Set where series found no room. */
  overflow?: SeriesOverflow
}

/** What is known of series that were folded into one. */
export interface SeriesOverflow {
  /** Times that a series found no room, since the start. */
  folded: number
  /** Attribute keys of these series. */
  keys(): Iterable<string>
  /** About how many values of a key there are: theirs, and these. */
  distinct(key: string, known: Iterable<string>): number
}

/** What a team has said about one of its metrics. */
export interface MetricDefinition {
  name: string
  kind: KindCode
  unit: string
  description: string
  /** Attributes that series may have besides those of the resource; null: any. */
  attributes: ReadonlySet<string> | null
  /** Values that are taken, inclusive; infinite where there is no bound. */
  min: number
  max: number
  /** Set for metrics that are computed from others: nothing is stored under their names. */
  expression: string | null
}

/** The definitions of each project, as they were in force at any time: replay judges rows as ingest did. */
export interface MetricDefinitions {
  /** By name. The same object until something changes. */
  at(project: ProjectId, timeMs: number): ReadonlyMap<string, MetricDefinition>
}

/** What queries and streams may ask of the series registry. Lookups are synchronous and in memory. */
export interface SeriesIndex {
  metric(project: ProjectId, name: string): MetricEntry | undefined
  metrics(project: ProjectId): Iterable<MetricEntry>
  get(id: SeriesId): SeriesDef | undefined
}

/** Metrics of the collector itself begin with it; nobody else may send such. */
export const ownMetricPrefix = 'telltale.'

export function isOwnMetric(name: string): boolean {
  return name.startsWith(ownMetricPrefix)
}

/** What a credential may do: the scopes of keys, and `edit`, which changes dashboards and nothing else. */
export type Permission = 'ingest' | 'read' | 'edit' | 'admin'

/** What an embed token sees of its project: nothing else exists for it. */
export interface View {
  /** Names of metrics, or what they begin with where an entry ends in `*`. */
  metrics: readonly string[]
  /** Conditions that every row must meet besides those that are asked for. */
  filters: Filters
  /** Longest range that may be asked for; absent: any. */
  maxRangeMs?: number
  /** Ids of dashboards that it may read. */
  dashboards: readonly string[]
  /** It sees annotations, where these meet the filters. */
  annotations: boolean
}

/** Who asks: the outcome of authentication. */
export interface Principal {
  project: ProjectId
  projectName: string
  /** The key that was shown; absent for tokens. */
  keyId?: string
  scopes: ReadonlySet<Permission>
  /** Unix ms after which a stream must close with 4401; undefined: never. */
  expiresMs?: number
  /** Distinguishes cache entries and shared aggregates of unequal views of one project. */
  viewKey: string
  /** Absent: everything of the project. */
  view?: View
}
