/** What is explored, and the tag that shows it: the same attributes in the page and in the text to paste. */
import type { Filters, MetricInfo } from '@telltale/protocol/api'

export const views = [
  'line',
  'area',
  'bar',
  'stacked',
  'scatter',
  'ranking',
  'pie',
  'heatmap',
  'table',
  'gauge',
  'card',
] as const
export type View = (typeof views)[number]

export interface Choice {
  metric: string
  aggregation: string
  groupBy: readonly string[]
  filters: Filters
  range: string
  view: View
}

/** What makes sense for a kind, the usual one first. */
const aggregations: Record<MetricInfo['kind'], readonly string[]> = {
  counter: ['rate', 'sum', 'increase', 'count'],
  upDownCounter: ['last', 'avg', 'min', 'max'],
  gauge: ['avg', 'last', 'min', 'max', 'p50', 'p90', 'p95', 'p99'],
  histogram: ['p95', 'p50', 'p75', 'p90', 'p99', 'avg', 'min', 'max', 'count', 'rate'],
}

export function aggregationsOf({ kind, name }: Pick<MetricInfo, 'kind' | 'name'>): readonly string[] {
  // Derived from two counters: it has no distribution.
  return name === 'task.success.rate' ? ['avg', 'last'] : aggregations[kind]
}

const tagNames: Partial<Record<View, string>> = {
  ranking: 'metric-bar',
  pie: 'metric-pie',
  heatmap: 'metric-heatmap',
  table: 'metric-table',
  gauge: 'metric-gauge',
  card: 'metric-card',
}

export function tagName(view: View): string {
  return tagNames[view] ?? 'metric-chart'
}

/** Names and values, in the order in which people write them; defaults are left out. */
export function attributesOf(choice: Choice): [name: string, value: string][] {
  const { metric, aggregation, groupBy, filters, range, view } = choice
  const attributes: [string, string][] = [['metric', metric]]
  const isSpread = view === 'heatmap' && groupBy.length < 2
  if (!isSpread) attributes.push([view === 'table' ? 'aggregations' : 'aggregation', aggregation])
  const splits = view !== 'gauge' && view !== 'card' && !isSpread
  if (splits && groupBy.length > 0) attributes.push(['group-by', groupBy.join(',')])
  const written = writeFilters(filters)
  if (written) attributes.push(['filters', written])
  attributes.push(['range', range])
  if (tagName(view) === 'metric-chart' && view !== 'line') attributes.push(['type', view])
  return attributes
}

export function tagText(choice: Choice): string {
  const name = tagName(choice.view)
  const attributes = attributesOf(choice).map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`)
  return `<${name}${attributes.join('')}></${name}>`
}

export function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

/** Pairs where they are plain, else JSON. */
function writeFilters(filters: Filters): string {
  const entries = Object.entries(filters)
  if (entries.length === 0) return ''
  const isPlain = entries.every(([key, value]) => typeof value === 'string' && !/[,={]/.test(key + value))
  return isPlain ? entries.map(([key, value]) => `${key}=${String(value)}`).join(',') : JSON.stringify(filters)
}
