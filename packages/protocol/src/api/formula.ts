/** Formulas over several queries, and several queries in one request. */
import { z } from 'zod'
import { Filters } from './common.js'
import { HistogramQuery, HistogramResult } from './histogram.js'
import { Aggregation, MetricsColumns, MetricsQuery, MetricsResult, ranging } from './metrics.js'

export const maxFormulaQueries = 10
export const maxBatchQueries = 50

export const FormulaOperand = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,31}$/, 'a name of letters, digits and _ that begins with a letter'),
    metric_name: z.string().min(1).max(256),
    aggregation: Aggregation.default('avg'),
    filters: Filters.default({}),
    group_by: z.array(z.string().min(1).max(256)).max(16).optional().meta({
      description: 'Some of the formula’s tags, or none: its values then stand for all groups that share them.',
    }),
    fill: z.enum(['none', 'zero']).default('none').meta({
      description: 'What a bucket or group without data counts as: nothing, which makes the result null, or 0.',
    }),
  })
  .meta({ id: 'FormulaOperand' })
export type FormulaOperand = z.input<typeof FormulaOperand>

export const FormulaQuery = z
  .strictObject({
    formula: z
      .string()
      .min(1)
      .max(2000)
      .meta({
        description:
          'Numbers, ids of queries, + − * / %, parentheses, and abs, ceil, floor, round, sqrt, least, greatest.',
        examples: ['a / b * 100'],
      }),
    queries: z.array(FormulaOperand).min(1).max(maxFormulaQueries),
    unit: z.string().max(64).default(''),
    ...ranging,
  })
  .meta({
    id: 'FormulaQuery',
    description: 'Combines queries over the same range, bucket by bucket and group by group.',
  })
export type FormulaQuery = z.input<typeof FormulaQuery>
export type ResolvedFormulaQuery = z.output<typeof FormulaQuery>

/** Either shape, for descriptions; `metricsQuerySchema` says which one a body means. */
export const AnyMetricsQuery = z.union([MetricsQuery, FormulaQuery])
export type AnyMetricsQuery = z.input<typeof AnyMetricsQuery>
export type ResolvedAnyQuery = z.output<typeof AnyMetricsQuery>

/** Chosen by what is there, so that errors speak of one shape only. */
export function metricsQuerySchema(body: unknown): typeof MetricsQuery | typeof FormulaQuery {
  const isFormula = typeof body === 'object' && body !== null && ('formula' in body || 'queries' in body)
  return isFormula ? FormulaQuery : MetricsQuery
}

const batchId = z.string().min(1).max(64)

export const MetricsBatch = z
  .strictObject({
    queries: z
      .array(
        z.union([
          z.strictObject({ id: batchId, query: AnyMetricsQuery }),
          z.strictObject({ id: batchId, histogram: HistogramQuery }),
        ]),
      )
      .min(1)
      .max(maxBatchQueries),
  })
  .meta({ id: 'MetricsBatch' })
export type MetricsBatch = z.input<typeof MetricsBatch>

/** As it is checked: a query that cannot be read spoils its own answer alone. */
export const LooseMetricsBatch = z
  .strictObject({
    queries: z
      .array(z.strictObject({ id: batchId, query: z.unknown().optional(), histogram: z.unknown().optional() }))
      .min(1)
      .max(maxBatchQueries)
      .refine(
        (items) => items.every(({ query, histogram }) => (query === undefined) !== (histogram === undefined)),
        'each takes either a query or a histogram',
      )
      .refine((queries) => new Set(queries.map(({ id }) => id)).size === queries.length, 'ids must differ'),
  })
  .meta({ id: 'LooseMetricsBatch' })
export type LooseMetricsBatch = z.output<typeof LooseMetricsBatch>

const failure = z.strictObject({ code: z.string(), message: z.string(), details: z.unknown().optional() })

export const MetricsBatchResult = z
  .strictObject({
    results: z
      .array(
        z.union([
          MetricsResult.extend({ id: batchId, status: z.literal(200) }),
          MetricsColumns.extend({ id: batchId, status: z.literal(200) }),
          HistogramResult.extend({ id: batchId, status: z.literal(200) }),
          z.strictObject({ id: batchId, status: z.number().int(), error: failure }),
        ]),
      )
      .meta({ description: 'In the order of the queries. `status` and `error` are what the query would get alone.' }),
  })
  .meta({ id: 'MetricsBatchResult' })
export type MetricsBatchResult = z.infer<typeof MetricsBatchResult>
