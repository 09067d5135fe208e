/**
 * The query stage's front: everything that HTTP routes and streams ask of stored data, in the shapes of the API.
 *
 *   request ──cached? ──plan──► series, groups, partials wanted ──execute──► store ──finalise──► fill ──► present
 */
import type {
  HistogramResult,
  MetricInfo,
  MetricList,
  MetricsColumns,
  MetricsResult,
  ResolvedAnyQuery,
  ResolvedEventsQuery,
  ResolvedHistogramQuery,
  ResolvedStreamQuery,
  ResolvedTasksQuery,
  TagList,
  TagValueList,
  TaskRun,
  TasksResult,
  TimeRange,
} from '@telltale/protocol/api'
import type { z } from 'zod'
import { TelltaleError } from '../errors.js'
import type {
  Columns,
  EventRow,
  MetricDefinitions,
  Principal,
  ProjectId,
  SeriesId,
  SeriesIndex,
  TaskRow,
} from '../model.js'
import type { Store } from '../store/store.js'
import type { MetricsJson } from './answer.js'
import { Answers, type CacheStats } from './answers.js'
import { Catalogue } from './catalogue.js'
import { Changes } from './changes.js'
import { computedQuery } from './computed.js'
import { type EventRecord, type EventsTrendResult, eventRecord, trendPlan, trendRows } from './events.js'
import { guarded } from './guard.js'
import { queryHistogram } from './histogram.js'
import { defaultQueryLimits, type QueryLimits } from './limits.js'
import { planStream, type StreamPlan } from './stream-plan.js'
import { taskRun, tasksRequest } from './tasks.js'
import { resolveRange } from './time.js'

export interface QueryService {
  /**
   * One metric, or a formula over several. Throws `unknown_metric`, `aggregation_not_supported`, `invalid_*`, `too_many_*`
   * and what the store throws.
   */
  metrics(principal: Principal, query: ResolvedAnyQuery, signal?: AbortSignal): Promise<MetricsResult | MetricsColumns>
  /** The same as JSON, which is how answers are kept: the quickest way to a client. */
  metricsJson(principal: Principal, query: ResolvedAnyQuery, signal?: AbortSignal): Promise<MetricsJson>
  /** Throws as `metrics` does. */
  histogram(principal: Principal, query: ResolvedHistogramQuery, signal?: AbortSignal): Promise<HistogramResult>
  /** Metrics whose name or description contains `search`, by name. */
  listMetrics(principal: Principal, search?: string): z.infer<typeof MetricList>
  metric(principal: Principal, name: string): MetricInfo
  metricTags(principal: Principal, name: string): z.infer<typeof TagList>
  tagValues(principal: Principal, name: string, key: string, search?: string): z.infer<typeof TagValueList>
  tasks(principal: Principal, query: ResolvedTasksQuery, signal?: AbortSignal): Promise<TasksResult>
  /** Throws `unknown_task`. */
  task(principal: Principal, id: string): Promise<TaskRun>
  events(principal: Principal, query: ResolvedEventsQuery, signal?: AbortSignal): Promise<EventsTrendResult>

  /** To be called with each batch once it is durable, before its sender hears of it: answers that it changes are dropped. */
  noteBatch(project: ProjectId, seq: number, columns: Columns): void
  cacheStats(): CacheStats

  /** The range as it is now, in Unix ms; throws `invalid_time_range`. For those who ask several times about one range. */
  fixedRange(range: TimeRange): { start: number; end: number }

  /** For streams: a plan that stands before its metric has been seen. Throws where the query can't be answered. */
  planStream(principal: Principal, query: ResolvedStreamQuery): StreamPlan
  /** Name of the metric that a series belongs to. */
  metricOf(series: SeriesId): string | undefined
  /** Which rows of a channel this credential sees; undefined: all of them. Throws `forbidden` where it sees none. */
  rowFilter(principal: Principal, channel: 'tasks' | 'events'): ((row: object) => boolean) | undefined
  /** Stored rows as the API shows them. */
  taskRun(row: TaskRow): TaskRun
  eventRecord(row: EventRow): EventRecord
}

export interface QueryServiceOptions {
  store: Pick<Store, 'aggregate' | 'tasks' | 'task' | 'eventsTrend'>
  series: SeriesIndex
  /** What teams say about their metrics. Default: nothing. */
  definitions?: MetricDefinitions
  /** Unix ms; default `Date.now`. */
  now?: () => number
  limits?: Partial<QueryLimits>
  /** Memory for answers that are kept; 0: none are. Default 64 MiB. */
  cacheBytes?: number
}

const defaultCacheBytes = 64 * 1024 * 1024

export function createQueryService(options: QueryServiceOptions): QueryService {
  const { store, series: index, now = Date.now } = options
  const limits: QueryLimits = Object.freeze({ ...defaultQueryLimits, ...options.limits })
  const catalogue = new Catalogue(index, options.definitions && ((project) => options.definitions!.at(project, now())))
  const changes = new Changes()
  const answers = new Answers({ index, store, changes, limits, now, maxBytes: options.cacheBytes ?? defaultCacheBytes })

  /** A query for a metric that is computed from others is a formula over these. */
  const computed = ({ project }: Principal, query: ResolvedAnyQuery): ResolvedAnyQuery => {
    if (!('metric_name' in query)) return query
    const definition = options.definitions?.at(project, now()).get(query.metric_name)
    return definition?.expression ? computedQuery(index, project, query, definition) : query
  }

  const whole: Omit<QueryService, 'rowFilter'> = {
    metrics: async (principal, query, signal) => answers.result(principal, computed(principal, query), signal),
    metricsJson: async (principal, query, signal) => answers.json(principal, computed(principal, query), signal),
    histogram: (principal, query, signal) =>
      queryHistogram(index, principal, query, { store: answers.store, limits, nowMs: now(), signal }),
    listMetrics: (principal, search) => ({ data: catalogue.list(principal, search) }),
    metric: (principal, name) => catalogue.metric(principal, name),
    metricTags: (principal, name) => catalogue.tags(principal, name),
    tagValues: (principal, name, key, search) => catalogue.tagValues(principal, name, key, search),

    async tasks({ project }, query, signal) {
      const startedMs = performance.now()
      const page = await store.tasks(tasksRequest(project, query, now(), limits.timeoutMs), signal)
      return { data: page.rows.map(taskRun), meta: { total: page.total, took_ms: elapsedMs(startedMs) } }
    },

    async task({ project }, id) {
      const row = await store.task(project, id)
      if (row === null) {
        throw new TelltaleError(
          'unknown_task',
          `No task run with id ${JSON.stringify(id)}. POST /api/v1/tasks/query finds runs by type, status and time.`,
        )
      }
      return taskRun(row)
    },

    async events({ project }, query, signal) {
      const startedMs = performance.now()
      const { request, step } = trendPlan(project, query, now(), limits.timeoutMs)
      const data = trendRows(await store.eventsTrend(request, signal), request)
      return { data, meta: { step, took_ms: elapsedMs(startedMs) } }
    },

    noteBatch: (project, seq, columns) => changes.note(project, seq, columns),
    cacheStats: () => answers.stats(),

    fixedRange(range) {
      const { startMs, endMs } = resolveRange({ end: 'now', ...range }, now())
      return { start: startMs, end: endMs }
    },

    planStream(principal, query) {
      const { expression } = options.definitions?.at(principal.project, now()).get(query.metric_name) ?? {}
      if (!expression) return planStream(principal, query, { index, store, limits })
      throw new TelltaleError(
        'invalid_request',
        `${query.metric_name} is computed (${expression}); streams take stored metrics. Query it, or subscribe to its parts.`,
      )
    },
    metricOf: (series) => index.get(series)?.metric,
    taskRun,
    eventRecord,
  }
  return guarded(whole, now)
}

function elapsedMs(startedMs: number): number {
  return Math.round((performance.now() - startedMs) * 100) / 100
}
