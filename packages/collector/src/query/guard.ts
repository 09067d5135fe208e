/**
 * Stands before the query service for credentials that see a part of their project: each question is narrowed before
 * anything is planned, cached or read, and what the view does not cover is refused. A method that is not here cannot be
 * asked by anybody.
 */
import type { ResolvedAnyQuery } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Principal } from '../model.js'
import type { QueryService } from './service.js'
import {
  eventSeer,
  narrowRanged,
  narrowStream,
  type RangedQuery,
  requireEvent,
  requireMetric,
  requireTasks,
  taskSeer,
} from './view.js'

export function guarded(service: Omit<QueryService, 'rowFilter'>, now: () => number): QueryService {
  const metricQuery = <Query extends RangedQuery & { metric_name: string }>({ view }: Principal, query: Query) => {
    if (view === undefined) return query
    requireMetric(view, query.metric_name)
    return narrowRanged(view, query, now())
  }

  /** Each query of a formula is narrowed as if it were asked alone. */
  const anyQuery = (principal: Principal, query: ResolvedAnyQuery): ResolvedAnyQuery => {
    if ('metric_name' in query) return metricQuery(principal, query)
    const { time_range } = query
    return {
      ...query,
      queries: query.queries.map((one) => withoutRange(metricQuery(principal, { ...one, time_range }))),
    }
  }

  return {
    metrics: (principal, query, signal) =>
      withoutNames(principal, async () => service.metrics(principal, anyQuery(principal, query), signal)),
    metricsJson: (principal, query, signal) =>
      withoutNames(principal, async () => service.metricsJson(principal, anyQuery(principal, query), signal)),
    histogram: (principal, query, signal) =>
      withoutNames(principal, () => service.histogram(principal, metricQuery(principal, query), signal)),
    // The catalogue knows views itself: it counts only what they see.
    listMetrics: (principal, search) => service.listMetrics(principal, search),
    metric: (principal, name) => service.metric(principal, covered(principal, name)),
    metricTags: (principal, name) => service.metricTags(principal, covered(principal, name)),
    tagValues: (principal, name, key, search) => service.tagValues(principal, covered(principal, name), key, search),

    async tasks(principal, query, signal) {
      const { view } = principal
      if (view === undefined) return service.tasks(principal, query, signal)
      requireTasks(view)
      return service.tasks(principal, narrowRanged(view, query, now()), signal)
    },

    async task(principal, id) {
      const { view } = principal
      if (view === undefined) return service.task(principal, id)
      requireTasks(view)
      const run = await service.task(principal, id)
      if (taskSeer(view)(run)) return run
      throw new TelltaleError('unknown_task', `No task run with id ${JSON.stringify(id)}.`)
    },

    async events(principal, query, signal) {
      const { view } = principal
      if (view === undefined) return service.events(principal, query, signal)
      requireEvent(view, query.event)
      return service.events(principal, narrowRanged(view, query, now()), signal)
    },

    planStream(principal, query) {
      const { view } = principal
      return service.planStream(principal, view === undefined ? query : narrowStream(view, query))
    },

    rowFilter({ view }, channel) {
      if (view === undefined) return undefined
      if (channel === 'events') return eventSeer(view) as (row: object) => boolean
      requireTasks(view)
      return taskSeer(view) as (row: object) => boolean
    },

    fixedRange: service.fixedRange,
    noteBatch: service.noteBatch,
    cacheStats: service.cacheStats,
    metricOf: service.metricOf,
    taskRun: service.taskRun,
    eventRecord: service.eventRecord,
  }
}

function withoutRange<Query extends { time_range: unknown }>({ time_range: _, ...query }: Query) {
  return query
}

function covered({ view }: Principal, name: string): string {
  if (view !== undefined) requireMetric(view, name)
  return name
}

/** Advice such as "did you mean …" would name metrics that the view does not see. */
async function withoutNames<T>({ view }: Principal, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (view === undefined || !(error instanceof TelltaleError) || error.code !== 'unknown_metric') throw error
    throw new TelltaleError('unknown_metric', 'No such metric has been received')
  }
}
