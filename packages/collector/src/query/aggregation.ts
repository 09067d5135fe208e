/**
 * What an aggregation means for each kind of metric: which partials it needs of the store, and how they become a value.
 * One table for queries and streams, so that both always give the same numbers.
 */
import { Kind, type KindCode } from '@telltale/protocol'
import type { MetricKind, ResolvedMetricsQuery } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { AggregateRequest } from '../store/store.js'

export type Aggregation = ResolvedMetricsQuery['aggregation']

/**
 * - `sumRate`, `countRate`: sum or count of a bucket by its seconds.
 * - `level`: the running total of deltas at the end of a bucket.
 * - `ratio`: the part of a counter that falls to the favoured series.
 */
export type Reducer =
  | 'sum'
  | 'count'
  | 'sumRate'
  | 'countRate'
  | 'avg'
  | 'min'
  | 'max'
  | 'last'
  | 'quantile'
  | 'level'
  | 'ratio'

export interface Measure {
  reducer: Reducer
  /** For `quantile`: 0 to 1. */
  quantile: number
  /** How the moments inside one bucket become its value, for `level` and `ratio` without a step. */
  over: 'last' | 'avg' | 'min' | 'max'
  want: AggregateRequest['want']
}

export const kindNames: Record<KindCode, MetricKind> = {
  [Kind.counter]: 'counter',
  [Kind.upDownCounter]: 'upDownCounter',
  [Kind.gauge]: 'gauge',
  [Kind.histogram]: 'histogram',
}

const quantiles: Record<string, number> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 }

const reducers: Record<KindCode, Record<string, Reducer>> = {
  [Kind.counter]: {
    sum: 'sum',
    increase: 'sum',
    rate: 'sumRate',
    count: 'count',
    avg: 'avg',
    min: 'min',
    max: 'max',
    last: 'last',
    quantile: 'quantile',
  },
  [Kind.upDownCounter]: {
    sum: 'sum',
    increase: 'sum',
    rate: 'sumRate',
    count: 'count',
    avg: 'level',
    min: 'level',
    max: 'level',
    last: 'level',
  },
  [Kind.gauge]: {
    avg: 'avg',
    sum: 'sum',
    count: 'count',
    min: 'min',
    max: 'max',
    last: 'last',
    quantile: 'quantile',
  },
  [Kind.histogram]: {
    avg: 'avg',
    sum: 'sum',
    count: 'count',
    increase: 'count',
    rate: 'countRate',
    min: 'min',
    max: 'max',
    quantile: 'quantile',
  },
}

const advice: Record<KindCode, string> = {
  [Kind.counter]: '',
  [Kind.upDownCounter]: 'Its points are changes, not levels: use avg, min, max or last of the level.',
  [Kind.gauge]: 'A gauge has levels, which do not add up over time: use avg, max or last, or record a counter.',
  [Kind.histogram]: 'A histogram keeps a distribution, not single values: use avg, max or a quantile such as p50.',
}

const wants: Record<Reducer, AggregateRequest['want']> = {
  sum: { sum: true },
  count: {},
  sumRate: { sum: true },
  countRate: {},
  avg: { sum: true },
  min: { minMax: true },
  max: { minMax: true },
  last: { last: true },
  quantile: { sketch: true, minMax: true },
  level: { sum: true },
  ratio: { sum: true },
}

/** What `aggregation` does with a metric of this kind, or a coded error that says what to use instead. */
export function measureOf(metric: string, kind: KindCode, aggregation: Aggregation): Measure {
  const name = typeof aggregation === 'string' ? aggregation : 'quantile'
  const quantile = typeof aggregation === 'string' ? quantiles[aggregation] : aggregation.quantile
  const reducer = reducers[kind][quantile === undefined ? name : 'quantile']
  if (reducer === undefined) {
    throw new TelltaleError(
      'aggregation_not_supported',
      `${metric} is a ${kindNames[kind]}, which has no ${describe(aggregation)}. ${advice[kind]}`,
    )
  }
  const over = name === 'avg' || name === 'min' || name === 'max' ? name : 'last'
  return { reducer, quantile: quantile ?? Number.NaN, over, want: wants[reducer] }
}

/** A ratio of two counters; only its average and its latest value make sense. */
export function ratioMeasure(metric: string, source: string, aggregation: Aggregation): Measure {
  if (aggregation !== 'avg' && aggregation !== 'last') {
    throw new TelltaleError(
      'aggregation_not_supported',
      `${metric} is derived from ${source} and has no ${describe(aggregation)}. ` +
        `Use avg or last; for numbers of runs, query ${source}.`,
    )
  }
  return { reducer: 'ratio', quantile: Number.NaN, over: aggregation, want: wants.ratio }
}

function describe(aggregation: Aggregation): string {
  return typeof aggregation === 'string' ? aggregation : `quantile ${aggregation.quantile}`
}

/**
 * Seconds by which a bucket's total is divided: its part inside the range, but no less than a second (or the bucket's
 * own length), because a few milliseconds are no basis for a rate.
 */
export function rateSeconds(
  bucketStartMs: number,
  bucketEndMs: number,
  rangeStartMs: number,
  rangeEndMs: number,
): number {
  const insideMs = Math.min(bucketEndMs, rangeEndMs) - Math.max(bucketStartMs, rangeStartMs)
  return Math.max(insideMs, Math.min(bucketEndMs - bucketStartMs, 1000)) / 1000
}
