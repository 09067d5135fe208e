/** `POST /api/v1/metrics/histogram`: how a metric's values were spread, over time. */
import { z } from 'zod'
import { Duration, Filters, TimeRange } from './common.js'
import { MetricKind } from './metrics.js'

export const HistogramQuery = z
  .strictObject({
    metric_name: z.string().min(1).max(256),
    filters: Filters.default({}),
    time_range: TimeRange,
    step: z
      .union([Duration, z.literal('auto'), z.literal('1M')])
      .default('auto')
      .meta({ description: 'Bucket length; `auto` gives about 300 buckets, `1M` calendar months.' }),
    time_zone: z.string().max(64).default('UTC').meta({ description: 'IANA name; days, weeks and months follow it.' }),
    rows: z.number().int().min(2).max(512).default(48).meta({ description: 'At most this many rows of values.' }),
  })
  .meta({ id: 'HistogramQuery' })
export type HistogramQuery = z.input<typeof HistogramQuery>
export type ResolvedHistogramQuery = z.output<typeof HistogramQuery>

const bounds = z.strictObject({ lower: z.number(), upper: z.number() })

export const HistogramResult = z
  .strictObject({
    timestamps: z
      .array(z.number())
      .meta({ description: 'Starts of the buckets, Unix ms, ascending and without holes.' }),
    rows: z.array(bounds).meta({
      description:
        'Ranges of values, ascending: above `lower`, up to `upper`. They are equal in ratio, and their edges stay where they are as values come and go.',
    }),
    cells: z
      .strictObject({ time: z.array(z.number().int()), row: z.array(z.number().int()), count: z.array(z.number()) })
      .meta({
        description: 'Columns: `count[i]` values fell into `rows[row[i]]` in the bucket `timestamps[time[i]]`.',
      }),
    meta: z.strictObject({
      resolution: z.string(),
      step: z.string().nullable(),
      step_ms: z.number(),
      kind: MetricKind,
      unit: z.string(),
      count: z.number().meta({ description: 'Values in all cells.' }),
      took_ms: z.number(),
    }),
  })
  .meta({ id: 'HistogramResult' })
export type HistogramResult = z.infer<typeof HistogramResult>
