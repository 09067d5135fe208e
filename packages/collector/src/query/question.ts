/** A metric query against the clock: its range, step and axis, and how long an answer to it may be used again. */
import type { ResolvedAnyQuery } from '@telltale/protocol/api'
import type { Principal } from '../model.js'
import { type Axis, axisOf, resolveStep, type Step } from './buckets.js'
import { filtersKey } from './selection.js'
import { type Range, resolveRange } from './time.js'
import { type Zone, zoneOf } from './zone.js'

/** Answers that depend on the clock are used again for so long at most, and for a 200th of their range at most. */
const liveMs = 5_000
const livePart = 1 / 200
/** All others, so that what retention removes does not live on in answers. */
const settledMs = 300_000

export interface Question<Query extends ResolvedAnyQuery = ResolvedAnyQuery> {
  query: Query
  nowMs: number
  range: Range
  zone: Zone
  step: Step
  axis: Axis
}

/** Throws `invalid_time_range`, `invalid_time_zone`, `invalid_step`, `too_many_buckets`. */
export function questionOf<Query extends ResolvedAnyQuery>(query: Query, nowMs: number): Question<Query> {
  const range = resolveRange(query.time_range, nowMs)
  const zone = zoneOf(query.time_zone)
  const step = resolveStep(query.step, range.endMs - range.startMs, zone)
  return { query, nowMs, range, zone, step, axis: axisOf(range, step, zone) }
}

/** How long an answer may be used again where no data has come that would change it. */
export function lifetimeMs({ query, nowMs, range }: Question): number {
  const { start, end } = query.time_range
  const isSettled = range.endMs <= nowMs && !isRelative(start) && !isRelative(end)
  return isSettled ? settledMs : Math.min(liveMs, (range.endMs - range.startMs) * livePart)
}

/**
 * Equal for equal questions of equal views, whatever the order of filters. Relative ends stand in it by their distance
 * from now and by the buckets that they fall into: `now-1h` asked twice within one bucket is one question.
 */
export function questionKey(principal: Principal, { query, nowMs, range, axis }: Question): string {
  const { edges, isWhole } = axis
  return JSON.stringify([
    principal.project,
    principal.viewKey,
    ...subjectKey(query),
    query.group_by,
    isRelative(query.time_range.start) ? range.startMs - nowMs : String(range.startMs),
    isRelative(query.time_range.end) ? range.endMs - nowMs : String(range.endMs),
    isWhole ? null : [edges[0], edges[edges.length - 1], edges.length],
    query.step ?? null,
    query.time_zone,
    query.limit ?? null,
    query.order ?? null,
    query.fill,
    query.compare_to ?? null,
    query.format,
  ])
}

function isRelative(point: string | number): boolean {
  return typeof point === 'string' && point.trimStart().startsWith('now')
}

/** What is asked, apart from when and by what. */
function subjectKey(query: ResolvedAnyQuery): unknown[] {
  if ('metric_name' in query) {
    return [query.metric_name, query.aggregation, filtersKey(query.filters), query.other ?? null]
  }
  const operands = query.queries.map(({ id, metric_name, aggregation, filters, group_by, fill }) => [
    id,
    metric_name,
    aggregation,
    filtersKey(filters),
    group_by ?? null,
    fill,
  ])
  return [query.formula, operands, query.unit]
}
