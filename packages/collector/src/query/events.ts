/** Events: trend queries as requests to the store, and stored rows as streams show them. */
import type { DataRow, ResolvedEventsQuery } from '@telltale/protocol/api'
import type { EventRow, ProjectId } from '../model.js'
import type { EventsTrend, EventsTrendRequest } from '../store/store.js'
import { axisOf, describeStep, resolveStep } from './buckets.js'
import { textConditions } from './selection.js'
import { resolveRange } from './time.js'
import { zoneOf } from './zone.js'

/** The answer to `POST /api/v1/events/query` of kind `trend`. */
export interface EventsTrendResult {
  data: DataRow[]
  meta: { step: string | null; took_ms: number }
}

/** One event as streams show it; field names as events are sent. */
export interface EventRecord {
  name: string
  timestamp: string
  id: string
  user_id: string | null
  org_id: string | null
  session_id: string | null
  attributes: EventRow['attributes']
}

export interface TrendPlan {
  request: EventsTrendRequest
  step: string | null
}

export function trendPlan(project: ProjectId, query: ResolvedEventsQuery, nowMs: number, timeoutMs: number): TrendPlan {
  const range = resolveRange(query.time_range, nowMs)
  const zone = zoneOf(query.time_zone)
  const step = resolveStep(query.step, range.endMs - range.startMs, zone)
  const request: EventsTrendRequest = {
    project,
    event: query.event,
    measure: query.measure,
    groupBy: [...new Set(query.group_by)],
    filters: textConditions(query.filters),
    ...range,
    edgesMs: axisOf(range, step, zone).edges,
    limit: query.limit,
    timeoutMs,
  }
  return { request, step: describeStep(step) }
}

/** Rows by time, then by group in the store's order (largest first). */
export function trendRows({ groups, rows }: EventsTrend, { groupBy }: EventsTrendRequest): DataRow[] {
  const tags = groups.map((values) => Object.fromEntries(groupBy.map((key, i) => [key, values[i] ?? null])))
  return [...rows]
    .sort((a, b) => a.bucketMs - b.bucketMs || a.group - b.group)
    .map((row) => ({
      timestamp: new Date(row.bucketMs).toISOString(),
      value: row.value,
      tags: tags[row.group]!,
    }))
}

export function eventRecord(row: EventRow): EventRecord {
  return {
    name: row.name,
    timestamp: new Date(row.timeMs).toISOString(),
    id: row.id,
    user_id: row.userId,
    org_id: row.orgId,
    session_id: row.sessionId,
    attributes: row.attributes,
  }
}
