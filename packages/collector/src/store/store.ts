/**
 * The store port: everything that the collector asks of storage. The built-in engine (SQLite journal, DuckDB, Parquet)
 * is one implementation, in a thread of its own behind `RemoteStore`; another engine must pass the same conformance suite.
 *
 * Contract
 * - `append` resolves when the batch would survive kill -9 and power loss, and never before.
 * - A batch is named by (project, streamId, sequence). Appended again, whatever happened to the first attempt, it is stored once.
 * - `seq` numbers durable batches in the order in which they became visible to reads; a read's `asOf` is the highest
 *   `seq` whose rows it includes, and it includes all rows of all batches up to it.
 * - Partials of one (group, bucket) from different places add up.
 */
import type { KindCode } from '@telltale/protocol'
import type { Columns, EventRow, NumberedBatch, ProjectId, SeriesDef, SeriesId, TaskRow } from '../model.js'

export interface Store {
  /** Opens the data folder. Batches that were durable but not yet sealed come back through `replay`, oldest first. */
  open(replay: Replay): Promise<OpenedStore>
  append(batch: NumberedBatch): Promise<Appended>
  aggregate(request: AggregateRequest, signal?: AbortSignal): Promise<Partials>
  tasks(request: TasksRequest, signal?: AbortSignal): Promise<TasksPage>
  task(project: ProjectId, id: string): Promise<TaskRow | null>
  eventsTrend(request: EventsTrendRequest, signal?: AbortSignal): Promise<EventsTrend>
  /** Names and counts of events in a range, for the catalogue. */
  stats(): Promise<StoreStats>
  /** Moves every hot row into segments now. Runs by itself on size and age. */
  seal(): Promise<void>
  /** Applies retention and merges segments now, as far as it can be done. Runs by itself, in small steps. */
  maintain(): Promise<void>
  /** From now on these rules say what is kept for longer or shorter than the defaults. `maintain` applies them. */
  retain(rules: readonly RetentionRule[]): Promise<void>
  /** Checks every segment and journal entry against its checksum. */
  verify(): Promise<VerifyReport>
  close(): Promise<void>
}

/** How long metrics of a prefix are kept, where that differs from the defaults. */
export interface RetentionRule {
  /** Absent: of all projects. */
  project?: ProjectId
  /** Of metric names; the longest that fits decides. '': all, and events, tasks and sessions. */
  prefix: string
  /** By resolution; what is absent is for the next shorter prefix to say. */
  keep: RetentionPeriods
}

/** Ages in milliseconds. */
export interface RetentionPeriods {
  /** Samples and aggregated histograms as they came. */
  rawMs?: number
  '1mMs'?: number
  '5mMs'?: number
  '1hMs'?: number
  '1dMs'?: number
  /** Events, tasks and sessions. */
  eventsMs?: number
}

/**
 * Turns journal entries back into rows; must give the rows that `ingest` gave when the entry was written. An entry that
 * cannot be read any more gives null: it is set aside.
 */
export type Replay = (entries: JournalEntry[], known: OpenedStore) => (Columns | null)[] | Promise<(Columns | null)[]>

export interface JournalEntry {
  seq: number
  project: ProjectId
  receivedMs: number
  payload: Uint8Array
}

export interface OpenedStore {
  /** Every series that was ever stored. */
  series: SeriesDef[]
  /** Highest durable `seq`. */
  seq: number
  /** Latest data time by series, where it is known cheaply; used for "last seen". */
  lastSeenMs: Map<SeriesId, number>
}

export interface Appended {
  seq: number
  duplicate: boolean
}

export interface AggregateRequest {
  project: ProjectId
  kind: KindCode
  /** Series that match, and, in parallel, the group that each belongs to (from 0). */
  series: Uint32Array
  group: Uint32Array
  /** Half-open: startMs ≤ t < endMs. */
  startMs: number
  endMs: number
  /** bucket = floor((t − originMs) / stepMs); stepMs 0: one bucket, that starts at startMs. */
  originMs: number
  stepMs: number
  /** Which partials are wanted; counts always come. */
  want: { sum?: boolean; minMax?: boolean; last?: boolean; sketch?: boolean }
  timeoutMs: number
}

/** Partial aggregates in no particular order; one row a (group, bucket) that has data. Columns not wanted are empty. */
export interface Partials {
  asOf: number
  /** `raw`, `1m`, `5m`, `1h` or `1d`. */
  resolution: string
  rows: number
  group: Uint32Array
  /** Start of the bucket, Unix ms. */
  bucketMs: Float64Array
  count: Float64Array
  sum: Float64Array
  min: Float64Array
  max: Float64Array
  /** Value at the latest time in the bucket, and that time. */
  last: Float64Array
  lastMs: Float64Array
  /** Sketch rows: entries of (group, bucket, key), sorted by these three. */
  sketch: { rows: number; group: Uint32Array; bucketMs: Float64Array; key: Int32Array; count: Float64Array }
}

/** A condition on a text; the parts that are given must all hold. A missing text equals ''. */
export interface TextCondition {
  in?: string[]
  notIn?: string[]
  prefix?: string
  exists?: boolean
}

export interface TasksRequest {
  project: ProjectId
  startMs: number
  endMs: number
  types?: string[]
  statuses?: number[]
  search?: string
  filters: Record<string, TextCondition>
  minDurationMs?: number
  maxDurationMs?: number
  sort: 'start_time' | 'duration_ms' | 'cpu_time_ms' | 'memory_usage_mb' | 'task_type' | 'status' | 'attempt'
  descending: boolean
  limit: number
  offset: number
  timeoutMs: number
}

export interface TasksPage {
  rows: TaskRow[]
  total: number
}

export interface EventsTrendRequest {
  project: ProjectId
  event?: string
  measure: 'count' | 'users' | 'sessions'
  /** `event`, `user.id`, `org.id`, `session.id` or attribute names. */
  groupBy: string[]
  filters: Record<string, TextCondition>
  startMs: number
  endMs: number
  /** Ascending starts of buckets, and the end of the last one: distinct counts do not add up, so buckets are exact. */
  edgesMs: Float64Array
  /** Groups kept, largest first. */
  limit: number
  timeoutMs: number
}

export interface EventsTrend {
  groups: (string | null)[][]
  rows: { group: number; bucketMs: number; value: number }[]
}

export interface StoreStats {
  seq: number
  journalBytes: number
  journalBatches: number
  hotRows: number
  /** Files of all tables, rollups included, and their bytes. */
  segments: number
  segmentBytes: number
  /** Rows that came in batches: without rollups. */
  segmentRows: number
  /** The same by table, rollups included; empty where an engine does not tell. */
  tables?: { table: string; segments: number; bytes: number; rows: number }[]
  sealsTotal: number
  sealSecondsTotal: number
  lastSealMs: number | null
  damagedSegments: number
  /** Journal entries that were set aside: damaged, unreadable, or deadly. */
  damagedEntries?: number
  /** Batches are refused until there is room. */
  diskFull?: boolean
  /** Merges of segments, and files that retention removed, since the start. */
  compactionsTotal?: number
  compactionSecondsTotal?: number
  retentionFilesTotal?: number
  /** Files that retention wrote anew without series that go earlier than others. */
  retentionRewritesTotal?: number
}

export interface VerifyReport {
  segments: number
  journalEntries: number
  failures: { what: string; reason: string }[]
}

export type { EventRow }
