/** What streams ask of queries. The composition root hands in the query service, which has these methods. */
import type { ResolvedStreamQuery, Tags } from '@telltale/protocol/api'
import type { EventRow, HistogramColumns, Principal, ProjectId, SeriesId, TaskRow } from '../model.js'

export interface LivePlanner {
  /** Throws a `TelltaleError` where the query can't be answered, whatever its metric will be. */
  planStream(principal: Principal, query: ResolvedStreamQuery): LivePlan
  /** Name of the metric that a series belongs to. */
  metricOf(series: SeriesId): string | undefined
  /** Which rows of a channel a credential sees; undefined: all. Throws a `TelltaleError` where it may not watch it. */
  rowFilter(principal: Principal, channel: 'tasks' | 'events'): ((row: object) => boolean) | undefined
  /** Stored rows as the API shows them. */
  taskRun(row: TaskRow): object
  eventRecord(row: EventRow): object
}

export interface LivePlan {
  /** Equal for equal questions of equal views: they share one aggregate. */
  key: string
  project: ProjectId
  /** Name of the stored metric that feeds the stream. */
  source: string
  stepMs: number
  rangeMs: number
  /** A window over the metric, empty until it is loaded; undefined while the metric has not been seen. */
  open(): LiveWindow | undefined
}

/** A sliding window of aggregates. Methods throw a `TelltaleError` where it has grown beyond its bounds. */
export interface LiveWindow {
  readonly kind: string
  readonly unit: string
  /** The whole range is one value, so each state replaces the one before. */
  readonly isWhole: boolean
  /** Buckets without a value are shown as null, instead of not at all. */
  readonly showsGaps: boolean
  /** Which groups are shown is a matter of rank, so a group may leave. */
  readonly isRanked: boolean
  tags(group: number): Tags
  /** Reads what is stored. What is published meanwhile is added afterwards, and never counted twice. */
  load(nowMs: number, signal?: AbortSignal): Promise<void>
  addSample(series: SeriesId, timeMs: number, value: number, seq: number): void
  addHistogram(columns: HistogramColumns, row: number, from: number, seq: number): void
  /** The same object as long as nothing has changed. */
  evaluate(nowMs: number): LiveState
}

/** What a stream shows at one moment. */
export interface LiveState {
  /** Bucket starts, ascending. */
  timesMs: Float64Array
  /** Groups shown, in order. */
  groups: readonly number[]
  /** values[i × timesMs.length + j] of groups[i] at timesMs[j]. NaN: no value. */
  values: Float64Array
}
