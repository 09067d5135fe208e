/** What one chart asks: its own attributes and each `<metric-series>` inside it, as queries with the way they are drawn. */
import type { MetricsQuery, StreamQuery } from '@telltale/protocol/api'
import type { Axis, ChartType } from '../../chart/model.js'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import type { GroupView, Span } from '../../client/group.js'
import type { LiveRequest } from '../../controllers/live-query-controller.js'
import { withGroup } from '../shared/group-attributes.js'
import { parseStreamRequest, type QueryAttributes } from '../shared/query-attributes.js'

/** Attributes of a chart or of one of its series. */
export interface SeriesAttributes {
  metric: string
  aggregation: string
  groupBy: string
  filters: QueryAttributes['filters']
  label: string
  unit: string | undefined
  axis: Axis
  type: ChartType
}

export interface SeriesSpec extends SeriesAttributes {
  request: LiveRequest
}

/** At more buckets than this a fixed step is left to the collector: nobody could tell them apart. */
const maxBuckets = 2_000

/** Throws a `ClientError` where an attribute makes no sense. */
export function toSpecs(
  series: readonly SeriesAttributes[],
  chart: QueryAttributes,
  view: Readonly<GroupView> | undefined,
): SeriesSpec[] {
  return series.flatMap((each) => {
    const { metric, aggregation, groupBy, filters } = each
    const request = parseStreamRequest(withGroup({ ...pick(chart), metric, aggregation, groupBy, filters }, view))
    if (request instanceof ClientError) throw request
    if (!request) return []
    if (view?.timeZone) request.query.time_zone = view.timeZone
    return [{ ...each, request }]
  })
}

function pick({
  range,
  step,
  interval,
  limit,
  fill,
}: QueryAttributes): Omit<QueryAttributes, 'metric' | 'aggregation' | 'groupBy' | 'filters'> {
  return { range, step, interval, limit, fill }
}

/** The same question about a window of the past. `stepMs`: as long as the buckets that it stands beside. */
export function pastQuery({ request }: SeriesSpec, span: Span, stepMs?: number): MetricsQuery {
  const { range: _range, step = 'auto', ...rest } = request.query satisfies StreamQuery
  const wanted = stepMs === undefined ? step : `${stepMs}ms`
  const isTooFine = (span.endMs - span.startMs) / parseDurationMs(wanted) > maxBuckets
  return {
    ...rest,
    step: isTooFine ? 'auto' : wanted,
    time_range: { start: Math.floor(span.startMs), end: Math.ceil(span.endMs) },
  }
}

/** What a series without tags is called, and what stands behind the labels of others. */
export function namesOf(specs: readonly SeriesSpec[], title: string): { name: string; suffix: string }[] {
  if (specs.length === 1) return [{ name: specs[0].label || title || specs[0].metric, suffix: '' }]
  const isOneMetric = specs.every(({ metric }) => metric === specs[0].metric)
  return specs.map(({ label, metric, aggregation }, i) => {
    const plain = isOneMetric ? aggregation : metric
    const isTaken = specs.some((other, j) => j !== i && !other.label && other.metric === metric)
    const name = label || (isTaken && !isOneMetric ? `${metric} ${aggregation}` : plain)
    return { name, suffix: name }
  })
}
