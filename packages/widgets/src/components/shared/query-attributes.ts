/** Attributes of a tag → the query that they mean; a value that makes no sense gives an error that names it. */
import type { Aggregation, Filters, Interval, StreamQuery } from '@telltale/protocol/api'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'

const named = new Set('avg sum count min max last rate increase p50 p75 p90 p95 p99 p999'.split(' '))
const intervals = new Set<string>(['live', '1s', '5s', '30s', '1m'])

export interface QueryAttributes {
  metric: string
  aggregation: string
  groupBy: string
  filters: Filters | string
  range: string
  step: string
  interval: string
  limit: number | undefined
  fill: string
}

/** Nothing while there is no metric. */
export function parseStreamRequest(
  attributes: QueryAttributes,
): { query: StreamQuery; interval: Interval } | ClientError | undefined {
  const { metric, groupBy, range, step, limit, fill } = attributes
  if (!metric) return undefined
  try {
    const query: StreamQuery = {
      metric_name: metric,
      aggregation: parseAggregation(attributes.aggregation),
      range: duration('range', range),
      time_zone: ownZone(),
    }
    // No step: one value a group over the whole range.
    if (step) query.step = step === 'auto' || step === '1M' ? step : duration('step', step)
    const tags = list(groupBy)
    const filters = parseFilters(attributes.filters)
    if (tags.length > 0) query.group_by = tags
    if (Object.keys(filters).length > 0) query.filters = filters
    if (limit) query.limit = limit
    if (fill) query.fill = fill as NonNullable<StreamQuery['fill']>
    return { query, interval: parseInterval(attributes.interval) }
  } catch (error) {
    if (error instanceof ClientError) return error
    throw error
  }
}

/** A name such as `p95`, or any other quantile: `p97.5`, `0.975`. */
export function parseAggregation(text: string): Aggregation {
  if (named.has(text)) return text as Aggregation
  const percent = /^p(\d{1,2}(?:\.\d+)?)$/.exec(text)
  const quantile = percent ? Number(percent[1]) / 100 : /^(0?\.\d+|0|1)$/.test(text) ? Number(text) : Number.NaN
  if (quantile >= 0) return { quantile }
  throw invalid('aggregation', text, 'avg, sum, count, min, max, last, rate, increase, or a percentile such as p95')
}

/** `{"task.type":"email"}`, or `task.type=email,status=ok`. */
export function parseFilters(filters: Filters | string): Filters {
  if (typeof filters !== 'string') return filters
  const text = filters.trim()
  if (text === '') return {}
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as Filters
    } catch {
      throw invalid('filters', text, 'JSON, or key=value,key=value')
    }
  }
  const pairs = list(text).map((pair) => {
    const at = pair.indexOf('=')
    if (at < 1) throw invalid('filters', text, 'JSON, or key=value,key=value')
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const
  })
  return Object.fromEntries(pairs)
}

export function parseInterval(text: string): Interval {
  if (intervals.has(text)) return text as Interval
  throw invalid('interval', text, 'live, 1s, 5s, 30s or 1m')
}

/** How often something that is asked for, not streamed, is asked: never faster than once a second. */
export function intervalMs(text: string): number {
  return text === 'live' ? 1000 : parseDurationMs(parseInterval(text))
}

export function duration(name: string, text: string): string {
  if (parseDurationMs(text) > 0) return text.trim()
  throw invalid(name, text, 'a duration such as 15m, 1h or 7d')
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function invalid(name: string, value: string, wanted: string): ClientError {
  return new ClientError('invalid_option', `${name}="${value}" is not understood: it takes ${wanted}.`)
}

let zone: string | undefined

/** The reader's own time zone. Asked once: the answer takes longer than all the rest of a request. */
function ownZone(): string {
  zone ??= Intl.DateTimeFormat().resolvedOptions().timeZone
  return zone
}
