/** A widget of a dashboard → the stream that feeds it; nothing for widgets without a metric. */
import type { Dashboard, DashboardWidget, Filters, Interval, StreamQuery } from '@telltale/protocol/api'

const intervalSeconds: readonly [Interval, number][] = [
  ['1m', 60],
  ['30s', 30],
  ['5s', 5],
  ['1s', 0],
]
const timelines = new Set<string>(['chart'])

export function streamOf(
  { type, config }: DashboardWidget,
  {
    refreshInterval,
    time_range: time,
    time_zone,
    filters,
  }: Pick<Dashboard, 'refreshInterval' | 'time_range' | 'time_zone' | 'filters'>,
): { query: StreamQuery; interval: Interval } | undefined {
  if (!config.metric) return undefined
  const { group_by: by } = config
  const groups =
    typeof by === 'string'
      ? by
          .split(',')
          .map((tag) => tag.trim())
          .filter(Boolean)
      : by
  const own = /^now-(.+)$/.exec(String(time?.start ?? ''))?.[1]
  const query: StreamQuery = {
    metric_name: config.metric,
    aggregation: config.aggregation ?? 'avg',
    range: config.range ?? own ?? '1h',
    filters: { ...config.filters, ...fixedFilters(filters) },
  }
  if (groups && groups.length > 0) query.group_by = groups
  if (timelines.has(type)) query.step = config.step ?? 'auto'
  if (time_zone) query.time_zone = time_zone
  return { query, interval: intervalOf(refreshInterval) }
}

/** Conditions by tag, or controls with the values that are picked at first. */
function fixedFilters(filters: Dashboard['filters']): Filters {
  if (!Array.isArray(filters)) return filters
  const picked = filters.filter(({ values }) => values.length > 0)
  return Object.fromEntries(picked.map(({ tag, values }) => [tag, { in: values }]))
}

/** The longest interval that is not longer than what the dashboard asks for. */
function intervalOf(refresh: Dashboard['refreshInterval']): Interval {
  if (refresh === undefined) return '5s'
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(String(refresh))
  const unit: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  const seconds = match ? Number(match[1]) * unit[match[2]] : Number(refresh)
  return intervalSeconds.find(([, atLeast]) => seconds >= atLeast)?.[0] ?? '5s'
}
