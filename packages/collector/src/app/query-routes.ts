/** Routes that answer questions. */
import {
  AnyMetricsQuery,
  DataRow,
  EventsQuery,
  HistogramQuery,
  HistogramResult,
  LooseMetricsBatch,
  MetricInfo,
  MetricList,
  MetricsBatch,
  MetricsBatchResult,
  MetricsColumns,
  MetricsResult,
  metricsQuerySchema,
  type ResolvedAnyQuery,
  type ResolvedEventsQuery,
  type ResolvedHistogramQuery,
  type ResolvedTasksQuery,
  TagList,
  TagValueList,
  TaskRun,
  TasksQuery,
  TasksResult,
} from '@telltale/protocol/api'
import { z } from 'zod'
import { batchJson } from './batch.js'
import { sendTagged, taggedJson } from './conditional.js'
import type { Call, Route } from './route.js'

const search = z.strictObject({
  search: z.string().max(256).optional().meta({ description: 'Part of the name or value, in any case.' }),
})

const eventsTrend = z
  .strictObject({
    data: z.array(DataRow),
    meta: z.strictObject({ step: z.string().nullable(), took_ms: z.number() }),
  })
  .meta({ id: 'EventsTrend' })

const metricsAnswer = z.union([MetricsResult, MetricsColumns])

/** The catalogue changes seldom and is asked for often: its answers carry tags. */
async function catalogue(call: Call, run: () => unknown): Promise<unknown> {
  return sendTagged(call, taggedJson(await timed(call, 'catalogue', run)))
}

/** Times a query for `/metrics`, however it ends. */
async function timed<T>({ parts }: Call, kind: string, run: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now()
  try {
    return await run()
  } finally {
    parts.measures.querySeconds(kind, (performance.now() - startedMs) / 1000)
  }
}

export const queryRoutes: Route[] = [
  {
    method: 'POST',
    path: '/api/v1/metrics/query',
    tag: 'query',
    summary: 'Query a metric, or a formula over several',
    scope: 'read',
    embed: true,
    body: { kind: 'json', schema: AnyMetricsQuery, schemaFor: metricsQuerySchema },
    response: { description: 'Rows, or columns where `format` asks for them.', schema: metricsAnswer },
    handle: async (call) =>
      sendTagged(
        call,
        await timed(call, 'metrics', () =>
          call.parts.queries.metricsJson(call.principal, call.body as ResolvedAnyQuery, call.signal),
        ),
      ),
  },
  {
    method: 'POST',
    path: '/api/v1/metrics/batch',
    tag: 'query',
    summary: 'Several metric queries at once',
    scope: 'read',
    embed: true,
    body: { kind: 'json', schema: MetricsBatch, schemaFor: () => LooseMetricsBatch },
    response: { description: 'An answer or an error for each query.', schema: MetricsBatchResult },
    handle: async (call) => sendTagged(call, await timed(call, 'batch', () => batchJson(call))),
  },
  {
    method: 'POST',
    path: '/api/v1/metrics/histogram',
    tag: 'query',
    summary: 'How values are spread over time',
    scope: 'read',
    embed: true,
    body: { kind: 'json', schema: HistogramQuery },
    response: { description: 'Counts by bucket and range of values.', schema: HistogramResult },
    handle: (call) =>
      timed(call, 'histogram', () =>
        call.parts.queries.histogram(call.principal, call.body as ResolvedHistogramQuery, call.signal),
      ),
  },
  {
    method: 'GET',
    path: '/api/v1/metrics',
    tag: 'query',
    summary: 'List metrics',
    scope: 'read',
    embed: true,
    query: search,
    response: { description: 'The metrics of the project.', schema: MetricList },
    handle: (call) => catalogue(call, () => call.parts.queries.listMetrics(call.principal, call.query.search)),
  },
  {
    method: 'GET',
    path: '/api/v1/metrics/:name',
    tag: 'query',
    summary: 'One metric',
    scope: 'read',
    embed: true,
    response: { description: 'The metric.', schema: MetricInfo },
    handle: (call) => catalogue(call, () => call.parts.queries.metric(call.principal, call.params.name)),
  },
  {
    method: 'GET',
    path: '/api/v1/metrics/:name/tags',
    tag: 'query',
    summary: 'Tags of a metric',
    scope: 'read',
    embed: true,
    response: { description: 'Tag keys, and how many values each has.', schema: TagList },
    handle: (call) => catalogue(call, () => call.parts.queries.metricTags(call.principal, call.params.name)),
  },
  {
    method: 'GET',
    path: '/api/v1/metrics/:name/tags/:key/values',
    tag: 'query',
    summary: 'Values of a tag',
    scope: 'read',
    embed: true,
    query: search,
    response: { description: 'Values of the tag.', schema: TagValueList },
    handle: (call) =>
      catalogue(call, () =>
        call.parts.queries.tagValues(call.principal, call.params.name, call.params.key, call.query.search),
      ),
  },
  {
    method: 'POST',
    path: '/api/v1/tasks/query',
    tag: 'query',
    summary: 'Search task runs',
    scope: 'read',
    embed: true,
    body: { kind: 'json', schema: TasksQuery },
    response: { description: 'A page of task runs.', schema: TasksResult },
    handle: (call) =>
      timed(call, 'tasks', () =>
        call.parts.queries.tasks(call.principal, call.body as ResolvedTasksQuery, call.signal),
      ),
  },
  {
    method: 'GET',
    path: '/api/v1/tasks/:id',
    tag: 'query',
    summary: 'One task run with its steps',
    scope: 'read',
    embed: true,
    response: { description: 'The run.', schema: TaskRun },
    handle: (call) => timed(call, 'tasks', () => call.parts.queries.task(call.principal, call.params.id)),
  },
  {
    method: 'POST',
    path: '/api/v1/events/query',
    tag: 'query',
    summary: 'Query events',
    scope: 'read',
    embed: true,
    body: { kind: 'json', schema: EventsQuery },
    response: { description: 'Buckets of the trend.', schema: eventsTrend },
    handle: (call) =>
      timed(call, 'events', () =>
        call.parts.queries.events(call.principal, call.body as ResolvedEventsQuery, call.signal),
      ),
  },
]
