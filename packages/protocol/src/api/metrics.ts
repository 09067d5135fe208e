/** `POST /api/v1/metrics/query` and the metric catalogue. */
import { z } from 'zod'
import { Duration, Filters, TimeRange } from './common.js'

export const MetricKind = z.enum(['counter', 'upDownCounter', 'gauge', 'histogram']).meta({ id: 'MetricKind' })
export type MetricKind = z.infer<typeof MetricKind>

export const NamedAggregation = z.enum([
  'avg',
  'sum',
  'count',
  'min',
  'max',
  'last',
  'rate',
  'increase',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p999',
])
export const Aggregation = z
  .union([NamedAggregation, z.strictObject({ quantile: z.number().min(0).max(1) })])
  .meta({ id: 'Aggregation', description: 'A named aggregation, or any quantile.' })
export type Aggregation = z.infer<typeof Aggregation>

export const Fill = z.enum(['none', 'null', 'zero', 'previous', 'linear'])
export type Fill = z.infer<typeof Fill>

/** How a question is cut and shaped, whatever it asks. */
const shape = {
  group_by: z.array(z.string().min(1).max(256)).max(16).default([]),
  step: z
    .union([Duration, z.literal('auto'), z.literal('1M')])
    .optional()
    .meta({
      description: 'Bucket length; `auto` gives about 300 buckets, `1M` calendar months. Absent: one value a group.',
    }),
  time_zone: z.string().max(64).default('UTC').meta({ description: 'IANA name; days, weeks and months follow it.' }),
  limit: z.number().int().min(1).max(10_000).optional().meta({ description: 'Keep this many groups.' }),
  order: z
    .enum(['asc', 'desc'])
    .optional()
    .meta({ description: 'Rank groups by value; default desc where limit is given.' }),
  fill: Fill.default('none'),
}

/** The same over a fixed range. */
export const ranging = {
  ...shape,
  time_range: TimeRange,
  compare_to: Duration.optional().meta({
    description: 'Also answer the same range this much earlier, as `compare`.',
  }),
  format: z.enum(['rows', 'columns']).default('rows'),
}

/** What is asked of one metric; the stream's query adds `range` in place of `time_range`. */
const selection = {
  metric_name: z.string().min(1).max(256),
  aggregation: Aggregation.default('avg'),
  filters: Filters.default({}),
}

export const MetricsQuery = z
  .strictObject({
    ...selection,
    ...ranging,
    other: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'With `limit`: also answer all other groups as one, under this name in every tag.' }),
  })
  .meta({ id: 'MetricsQuery' })
/** As it is sent; `ResolvedMetricsQuery` is after defaults. */
export type MetricsQuery = z.input<typeof MetricsQuery>
export type ResolvedMetricsQuery = z.output<typeof MetricsQuery>

export const StreamQuery = z
  .strictObject({ ...selection, ...shape, range: Duration.default('15m') })
  .meta({ id: 'StreamQuery' })
export type StreamQuery = z.input<typeof StreamQuery>
export type ResolvedStreamQuery = z.output<typeof StreamQuery>

export const Tags = z.record(z.string(), z.string().nullable()).meta({ id: 'Tags' })
export type Tags = z.infer<typeof Tags>

export const DataRow = z
  .strictObject({ timestamp: z.string(), value: z.number().nullable(), tags: Tags })
  .meta({ id: 'DataRow', description: 'One bucket of one group. `timestamp` is the start of the bucket (ISO 8601).' })
export type DataRow = z.infer<typeof DataRow>

export const QueryMeta = z
  .strictObject({
    resolution: z.string().meta({ description: 'Where the answer came from: raw, 1m, 5m, 1h or 1d.' }),
    step: z.string().nullable(),
    kind: MetricKind,
    unit: z.string(),
    cached: z.boolean(),
    took_ms: z.number(),
  })
  .meta({ id: 'QueryMeta' })
export type QueryMeta = z.infer<typeof QueryMeta>

export const MetricsResult = z
  .strictObject({ data: z.array(DataRow), compare: z.array(DataRow).optional(), meta: QueryMeta })
  .meta({ id: 'MetricsResult' })
export type MetricsResult = z.infer<typeof MetricsResult>

/** `format: "columns"`: one time axis, one array of values for each group. */
export const MetricsColumns = z
  .strictObject({
    timestamps: z.array(z.number()).meta({ description: 'Unix ms, ascending.' }),
    series: z.array(z.strictObject({ tags: Tags, values: z.array(z.number().nullable()) })),
    compare: z.array(z.strictObject({ tags: Tags, values: z.array(z.number().nullable()) })).optional(),
    meta: QueryMeta,
  })
  .meta({ id: 'MetricsColumns' })
export type MetricsColumns = z.infer<typeof MetricsColumns>

export const MetricInfo = z
  .strictObject({
    name: z.string(),
    kind: MetricKind,
    unit: z.string(),
    description: z.string(),
    attributes: z.array(z.string()),
    cardinality: z.number().int().meta({ description: 'Series seen.' }),
    last_seen: z.string().nullable(),
    overflow: z
      .strictObject({
        folded: z.number().int().meta({ description: 'Times that a series found no room, since the start.' }),
        keys: z.array(z.strictObject({ key: z.string(), distinct: z.number().int() })).meta({
          description: 'Attributes with most values first, those that found no room included (± 7 %).',
        }),
      })
      .optional()
      .meta({ description: 'Set where series found no room; only for a single metric.' }),
  })
  .meta({ id: 'MetricInfo' })
export type MetricInfo = z.infer<typeof MetricInfo>

export const MetricList = z.strictObject({ data: z.array(MetricInfo) }).meta({ id: 'MetricList' })
export const TagList = z
  .strictObject({ data: z.array(z.strictObject({ key: z.string(), cardinality: z.number().int() })) })
  .meta({ id: 'TagList' })
export const TagValueList = z
  .strictObject({ data: z.array(z.string()), truncated: z.boolean() })
  .meta({ id: 'TagValueList' })
