/**
 * The batch as code sees it: what `encodeBatch` takes and `decodeBatch` returns.
 *
 * Shapes follow `proto/telemetry.proto`, with two differences: times are absolute Unix milliseconds
 * (the codec turns them into offsets and deltas), and `strings[0]` is always `''` (the codec leaves it out), so that a
 * string reference is simply an index into `strings`.
 *
 * A table's `count` is its number of rows. For encoding, columns may be longer than `count` (buffers
 * that are reused); decoded columns are exactly `count` long. An optional column that is `undefined` is absent.
 */

/** Bytes of a UUID. */
export type Id = Uint8Array

/** String reference: an index into `Batch.strings`. */
export type StringRef = number

export const Kind = { counter: 1, upDownCounter: 2, gauge: 3, histogram: 4 } as const
export type KindCode = (typeof Kind)[keyof typeof Kind]

export const TaskStatus = { ok: 1, error: 2, timeout: 3, cancelled: 4 } as const
export type TaskStatusCode = (typeof TaskStatus)[keyof typeof TaskStatus]

export const CpuMethod = { none: 0, exclusive: 1, process: 2, slices: 3 } as const
export type CpuMethodCode = (typeof CpuMethod)[keyof typeof CpuMethod]

export const Signal = { sample: 1, point: 2, histogram: 3, event: 4, task: 5, session: 6 } as const
export type SignalCode = (typeof Signal)[keyof typeof Signal]

/** A numeric column: typed array in decoded batches, anything indexable for encoding. */
export type U32Column = Uint32Array | number[]
export type F64Column = Float64Array | number[]

export interface Batch {
  sentTimeMs: number
  /** 16 bytes. */
  batchId: Id
  /** 16 bytes. */
  streamId: Id
  sequence: number
  baseTimeMs: number
  /** `strings[0]` is `''`. */
  strings: string[]
  /**
   * For encoding only: each further `''` in `strings` stands for `prefix` and the next of `numbers` as four hexadecimal
   * digits. Ids by the thousand then need not become strings first.
   */
  numbered?: { prefix: string; numbers: readonly number[] }
  /** Flat key, value references. */
  resource: StringRef[]
  series: Series[]
  samples?: Samples
  points?: Points
  histograms?: Histograms
  events?: Events
  tasks?: Tasks
  sessions?: Sessions
  drops: Drop[]
}

export interface Series {
  name: StringRef
  kind: KindCode
  unit: StringRef
  description: StringRef
  /** Flat key, value references. */
  attributes: StringRef[]
}

export interface Samples {
  count: number
  series: U32Column
  timeMs: F64Column
  value: F64Column
}

export interface Points {
  count: number
  startMs: number
  endMs: number
  series: U32Column
  value: F64Column
}

export interface Histograms {
  count: number
  startMs: number
  endMs: number
  series: U32Column
  sum: F64Column
  min: F64Column
  max: F64Column
  /** Entries of `key` and `bucketCount` that each row owns, in row order. */
  buckets: U32Column
  /** Absolute sketch keys (see sketch.ts), ascending within a row. Length: sum of `buckets`. */
  key: Int32Array | number[]
  bucketCount: U32Column
}

export interface AttributeColumn {
  key: StringRef
  /** Ascending absolute row numbers; `undefined` means every row. */
  row?: U32Column
  type: 'string' | 'number' | 'bool'
  /** String references, numbers, or 0 and 1; one for each row in `row`. */
  value: U32Column | F64Column
  dimension: boolean
}

export interface Events {
  count: number
  name: U32Column
  timeMs: F64Column
  id?: U32Column
  user?: U32Column
  org?: U32Column
  session?: U32Column
  attributes: AttributeColumn[]
}

export interface Tasks {
  count: number
  type: U32Column
  /** Start of the run. */
  timeMs: F64Column
  durationMs: F64Column
  status: U32Column
  id: U32Column
  attempt?: U32Column
  parentId?: U32Column
  traceId?: U32Column
  errorType?: U32Column
  errorMessage?: U32Column
  /** NaN where it was not measured, as in the next three. */
  queueWaitMs?: F64Column
  cpuTimeMs?: F64Column
  cpuUsagePercent?: F64Column
  cpuMethod?: U32Column
  memoryUsageMb?: F64Column
  attributes: AttributeColumn[]
  steps?: Steps
}

export interface Steps {
  count: number
  /** Ascending absolute task rows. */
  row: U32Column
  name: U32Column
  /** Milliseconds since the start of the run. */
  offsetMs: F64Column
}

export interface Sessions {
  count: number
  id: U32Column
  /** Start of the session. */
  timeMs: F64Column
  durationMs: F64Column
  user?: U32Column
  org?: U32Column
  events?: U32Column
  pageViews?: U32Column
  entry?: U32Column
  exit?: U32Column
  referrer?: U32Column
  attributes: AttributeColumn[]
}

export interface Drop {
  signal: SignalCode
  reason: StringRef
  count: number
}

export interface Ack {
  batchId: Id
  /** Rows that are on disk. */
  accepted: number
  rejected: Rejection[]
  receivedTimeMs: number
  duplicate: boolean
  /** Stored rows whose series found no room, and that went to one with `telltale.overflow=true`. Absent: none. */
  folded?: number
}

export interface Rejection {
  signal: SignalCode
  /** A stable snake_case code, such as `too_late` or `not_finite`. */
  reason: string
  count: number
  /** Row numbers in the signal's table, ascending; may be shorter than `count` when rows are unknown. */
  row: U32Column
}

/** What a reader of untrusted bytes allows. */
export interface WireLimits {
  /** Rows over all tables. Default 10,000. */
  maxRows: number
  /** Series in the table. Default 10,000. */
  maxSeries: number
  /** Attributes of one series, event, task or session, resource included. Default 32. */
  maxAttributes: number
  /** UTF-8 bytes of a metric, event or attribute name. Default 256. */
  maxNameBytes: number
  /** UTF-8 bytes of any other string. Default 4,096. */
  maxStringBytes: number
  /** Strings in the dictionary. Default 65,536. */
  maxStrings: number
  /** Histogram buckets over all rows. Default 200,000. */
  maxBuckets: number
  /** Attribute columns over all tables. Default 4,096. */
  maxAttributeColumns: number
  /** Task steps over all rows. Default 100,000. */
  maxSteps: number
  /** Entries of `drops`, or of an acknowledgement's `rejected`. Default 256. */
  maxDrops: number
}

/** Where a batch's schema section (dictionary, resource and series table) lies in its bytes. */
export interface SchemaSpan {
  start: number
  end: number
}

/** Dictionary, resource and series table. Shared by every batch that a SchemaCache recognises: never change one. */
export interface Schema {
  strings: string[]
  /** UTF-8 length of each string. */
  stringBytes: Uint32Array
  resource: StringRef[]
  series: Series[]
}

/**
 * What `decodeBatch` returns. `strings`, `resource` and `series` are those of `schema`, whose identity is stable
 * between batches with the same schema bytes where a SchemaCache is used: hang your resolution on it with a WeakMap.
 */
export interface DecodedBatch extends Batch {
  schema: Schema
  schemaSpan: SchemaSpan
}
