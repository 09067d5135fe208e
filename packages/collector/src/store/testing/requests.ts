/** Requests with everything wanted, for tests to narrow. */
import { Kind } from '@telltale/protocol'
import type { AggregateRequest, EventsTrendRequest, TasksRequest } from '../store.js'
import { T0 } from './batches.js'

/** All series that tests use, in two groups. */
export const SERIES = Uint32Array.from({ length: 8 }, (_, i) => i + 1)

export function aggregateRequest(request: Partial<AggregateRequest> = {}): AggregateRequest {
  const series = request.series ?? SERIES
  return {
    project: 1,
    kind: Kind.gauge,
    series,
    group: series.map((id) => id % 2),
    startMs: T0 - 3 * 86_400_000,
    endMs: T0 + 3 * 86_400_000,
    originMs: 0,
    stepMs: 60_000,
    want: { sum: true, minMax: true, last: true, sketch: true },
    timeoutMs: 30_000,
    ...request,
  }
}

export function tasksRequest(request: Partial<TasksRequest> = {}): TasksRequest {
  return {
    project: 1,
    startMs: T0,
    endMs: T0 + 86_400_000,
    filters: {},
    sort: 'start_time',
    descending: true,
    limit: 100,
    offset: 0,
    timeoutMs: 30_000,
    ...request,
  }
}

export function trendRequest(request: Partial<EventsTrendRequest> = {}): EventsTrendRequest {
  return {
    project: 1,
    measure: 'count',
    groupBy: [],
    filters: {},
    startMs: T0,
    endMs: T0 + 3000,
    edgesMs: new Float64Array([T0, T0 + 1000, T0 + 3000]),
    limit: 100,
    timeoutMs: 30_000,
    ...request,
  }
}
