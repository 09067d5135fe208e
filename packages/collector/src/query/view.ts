/** What a view allows, as pure functions: narrowed filters, covered names, permitted lengths, rows that it sees. */
import type { Annotation, FilterCondition, Filters, TaskRun } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import { isOwnMetric, ownMetricPrefix, type View } from '../model.js'
import type { TextCondition } from '../store/store.js'
import type { EventRecord } from './events.js'
import { matcherOf, textConditions } from './selection.js'
import { formatDuration, parseDurationMs, resolveRange } from './time.js'

/** Stands for task runs where a view says which metrics it sees. */
const taskMetric = 'task.execution.count'

/** Both conditions at once, for each tag. */
export function narrowFilters(asked: Filters, locked: Filters): Filters {
  const tags = new Set([...Object.keys(asked), ...Object.keys(locked)])
  // From entries, so that a tag named __proto__ stays an ordinary key.
  return Object.fromEntries(
    [...tags].map((tag) => {
      const filter = Object.hasOwn(asked, tag) ? asked[tag] : undefined
      const lock = Object.hasOwn(locked, tag) ? locked[tag] : undefined
      if (lock === undefined) return [tag, filter!]
      if (filter === undefined) return [tag, lock]
      return [tag, both(conditionOf(tag, filter), conditionOf(tag, lock))]
    }),
  )
}

const nothing: FilterCondition = { in: [] }

function both(a: TextCondition, b: TextCondition): FilterCondition {
  if (a.exists !== undefined && b.exists !== undefined && a.exists !== b.exists) return nothing
  const prefix = longerPrefix(a.prefix, b.prefix)
  if (prefix === null) return nothing
  const wanted = a.in && b.in ? a.in.filter((text) => b.in!.includes(text)) : (a.in ?? b.in)
  const unwanted = [...(a.notIn ?? []), ...(b.notIn ?? [])]
  const exists = a.exists ?? b.exists
  return {
    ...(wanted === undefined ? {} : { in: wanted }),
    ...(unwanted.length === 0 ? {} : { not: unwanted }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(exists === undefined ? {} : { exists }),
  }
}

/** null: no text begins with both. */
function longerPrefix(a: string | undefined, b: string | undefined): string | undefined | null {
  if (a === undefined || b === undefined) return a ?? b
  if (a.startsWith(b)) return a
  return b.startsWith(a) ? b : null
}

function conditionOf(tag: string, filter: Filters[string]): TextCondition {
  return textConditions({ [tag]: filter })[tag]!
}

/** Metrics of the collector are covered only where their prefix is written out: `*` is for those of the project. */
export function coversMetric(view: View, name: string): boolean {
  const patterns = isOwnMetric(name)
    ? view.metrics.filter((pattern) => pattern.startsWith(ownMetricPrefix))
    : view.metrics
  return patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
}

/** Throws `forbidden`; says the same whether the metric exists or not. */
export function requireMetric(view: View, name: string): void {
  if (coversMetric(view, name)) return
  throw new TelltaleError('forbidden', `This token does not cover ${JSON.stringify(name.slice(0, 256))}`)
}

function requireLength(view: View, lengthMs: number): void {
  if (view.maxRangeMs === undefined || lengthMs <= view.maxRangeMs) return
  throw new TelltaleError(
    'forbidden',
    `This token may ask for ${formatDuration(view.maxRangeMs)} at a time; ask for a shorter range`,
  )
}

export interface RangedQuery {
  time_range: { start: string | number; end: string | number }
  filters: Filters
}

/** The query as this view may ask it. */
export function narrowRanged<Query extends RangedQuery>(view: View, query: Query, nowMs: number): Query {
  const { startMs, endMs } = resolveRange(query.time_range, nowMs)
  requireLength(view, endMs - startMs)
  return { ...query, filters: narrowFilters(query.filters, view.filters) }
}

export function narrowStream<Query extends { metric_name: string; range: string; filters: Filters }>(
  view: View,
  query: Query,
): Query {
  requireMetric(view, query.metric_name)
  requireLength(view, parseDurationMs(query.range))
  return { ...query, filters: narrowFilters(query.filters, view.filters) }
}

/** Task runs are seen by whoever sees their counts. */
export function requireTasks(view: View): void {
  requireMetric(view, taskMetric)
}

/** Without a name all events are asked for, and that only a view of everything may. */
export function requireEvent(view: View, name: string | undefined): void {
  if (name !== undefined) requireMetric(view, name)
  else if (!view.metrics.includes('*')) {
    throw new TelltaleError('forbidden', 'This token does not cover all events; ask for one by its name')
  }
}

/** Does the view see this run? Tags as the store's filters read them, see `store/tasks.ts`. */
export function taskSeer(view: View): (run: TaskRun) => boolean {
  const matches = tagsMatcher(view)
  return (run) => {
    const columns: Record<string, string | null> = {
      'task.type': run.task_type,
      status: run.status,
      'error.type': run.error_type,
      'parent.id': run.parent_id,
      attempt: String(run.attempt),
    }
    return matches((key) => (Object.hasOwn(columns, key) ? columns[key] : textOf(run.context, key)))
  }
}

/** Does the view see this event? See `store/events-trend.ts` for its tags. */
export function eventSeer(view: View): (event: EventRecord) => boolean {
  const matches = tagsMatcher(view)
  return (event) => {
    const columns: Record<string, string | null> = {
      event: event.name,
      'user.id': event.user_id,
      'org.id': event.org_id,
      'session.id': event.session_id,
    }
    return (
      coversMetric(view, event.name) &&
      matches((key) => (Object.hasOwn(columns, key) ? columns[key] : textOf(event.attributes, key)))
    )
  }
}

/** Does the view see this annotation? One without the tags that are filtered by concerns somebody else. */
export function annotationSeer(view: View): (annotation: Annotation) => boolean {
  if (!view.annotations) return () => false
  const matches = tagsMatcher(view)
  return ({ tags }) => matches((key) => textOf(tags, key))
}

function tagsMatcher(view: View): (tag: (key: string) => string | null | undefined) => boolean {
  const conditions = textConditions(view.filters)
  const keys = Object.keys(conditions)
  const matches = matcherOf(conditions)
  return (tag) => matches(keys.map((key) => [key, tag(key) ?? ''] as const))
}

function textOf(attributes: Readonly<Record<string, string | number | boolean>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? String(attributes[key]) : undefined
}
