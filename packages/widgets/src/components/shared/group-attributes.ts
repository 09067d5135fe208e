/** A tag's own attributes with what its group says in their place: range and interval replace, filters are added. */
import type { GroupView } from '../../client/group.js'
import { parseFilters, type QueryAttributes } from './query-attributes.js'

/** Throws a `ClientError` where the tag's own filters make no sense. `interval="off"` of a group is left to the tag. */
export function withGroup(own: QueryAttributes, view: Readonly<GroupView> | undefined): QueryAttributes {
  const { metric, aggregation, groupBy, step, limit, fill } = own
  if (!view) return own
  const shared = Object.keys(view.filters).length > 0
  return {
    metric,
    aggregation,
    groupBy,
    step,
    limit,
    fill,
    range: view.range ?? own.range,
    interval: view.interval === undefined || view.interval === 'off' ? own.interval : view.interval,
    filters: shared ? { ...parseFilters(own.filters), ...view.filters } : own.filters,
  }
}
