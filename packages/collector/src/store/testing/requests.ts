/** Requests with everything wanted, for tests to narrow. */
import { Kind, type KindCode } from '@telltale/protocol'
import fc from 'fast-check'
import type { AggregateRequest, EventsTrendRequest, TasksRequest } from '../store.js'
import { T0 } from './batches.js'

/** All series that tests use, in two groups. */
export const SERIES = Uint32Array.from({ length: 8 }, (_, i) => i + 1)

/** The kind of each of them, for tests with both. */
export function mixedKind(series: number): KindCode {
  return series > 5 ? Kind.histogram : Kind.gauge
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Any range, grid and grouping of the series of either kind in `mixedKind`. */
export function anyAggregate(): fc.Arbitrary<AggregateRequest> {
  const time = fc.integer({ min: -3 * DAY_MS, max: 3 * DAY_MS })
  const edge = fc
    .tuple(time, fc.constantFrom(1, MINUTE_MS, HOUR_MS, DAY_MS))
    .map(([ms, unit]) => T0 + Math.floor(ms / unit) * unit)
  return fc
    .record({
      kind: fc.constantFrom(Kind.gauge, Kind.histogram),
      project: fc.integer({ min: 1, max: 2 }),
      edges: fc.tuple(edge, edge),
      stepMs: fc.constantFrom(
        0,
        ...[1, 1.5, 5, 15].map((n) => n * MINUTE_MS),
        HOUR_MS,
        3 * HOUR_MS,
        DAY_MS,
        7 * DAY_MS,
      ),
      originMs: fc.constantFrom(0, T0, T0 + 1234, 5 * MINUTE_MS, 30 * MINUTE_MS, T0 + 4 * DAY_MS),
      some: fc.boolean(),
    })
    .map(({ edges, kind, some, ...request }) => {
      const series = SERIES.filter((id) => mixedKind(id) === kind && (!some || id % 3 !== 0))
      return aggregateRequest({
        ...{ ...request, kind, series },
        startMs: Math.min(...edges),
        endMs: Math.max(...edges),
      })
    })
}

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
