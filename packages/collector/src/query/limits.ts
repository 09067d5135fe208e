/** Bounds of one query, so that no question can take the collector down. */
export interface QueryLimits {
  /** The store gives up after this. Default 30,000. */
  timeoutMs: number
  /** Groups of one answer. Default 10,000. */
  maxGroups: number
  /** Groups that may be ranked where `limit` keeps a few of them. Default 100,000. */
  maxRankedGroups: number
  /** Groups times buckets of one answer. Default 1,000,000. */
  maxCells: number
  /** Groups of one stream. Default 2,000. */
  maxStreamGroups: number
  /** Groups times buckets of one stream. Default 200,000. */
  maxStreamCells: number
  /** How far ahead of the clock a stream keeps points until their time comes. Default 15 minutes. */
  streamAheadMs: number
}

export const defaultQueryLimits: QueryLimits = {
  timeoutMs: 30_000,
  maxGroups: 10_000,
  maxRankedGroups: 100_000,
  maxCells: 1_000_000,
  maxStreamGroups: 2_000,
  maxStreamCells: 200_000,
  streamAheadMs: 15 * 60_000,
}
