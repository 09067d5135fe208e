/** One metric query, from the question to its answer: plan, rank, execute, fill, present. */
import type { MetricsColumns, MetricsResult, ResolvedMetricsQuery } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { ProjectId, SeriesIndex } from '../model.js'
import type { AnswerMeta, MetricsContent } from './answer.js'
import { type Axis, axisOf, describeStep, type Step, shiftAxis } from './buckets.js'
import { type Execution, type ExecutionContext, execute, needsSampling } from './execute.js'
import { foldSamples, type Matrix } from './finalise.js'
import type { QueryLimits } from './limits.js'
import { type Plan, planSelection, sourceOf, unknownMetric } from './plan.js'
import { fillTable, shownBuckets, type Table, toColumns, toRows } from './present.js'
import type { Question } from './question.js'
import { rankRows } from './rank.js'
import { formatDuration, maxRangeMs, parseDurationMs } from './time.js'
import { type Zone, zoneOf } from './zone.js'

/** An answer, and what is needed to tell how long it stands. */
export interface Outcome {
  content: MetricsContent
  meta: AnswerMeta
  /** Every batch up to this one is in the answer. */
  asOf: number
  /** Name of the stored metric, its series that matched, and how many it has in all. */
  source: string
  series: Uint32Array
  seriesKnown: number
}

export async function queryMetrics(
  index: SeriesIndex,
  project: ProjectId,
  { query, step, zone, axis }: Question,
  context: ExecutionContext,
): Promise<Outcome> {
  const { limits } = context
  const maxGroups = query.limit === undefined ? limits.maxGroups : limits.maxRankedGroups
  const source = sourceOf(index, project, query.metric_name)
  const seriesKnown = index.metric(project, source)?.series.length ?? 0
  const plan = planSelection(index, project, query, maxGroups)
  if (plan === undefined) throw unknownMetric(index, project, query.metric_name)

  const ranked = await rankGroups(plan, query, axis, context)
  const order = ranked.order
  checkCells(order.length, axis, query, limits)
  const shown = ranked.execution ?? (await execute(plan, order, axis, context))
  const compareAxis = compareAxisOf(query, axis, step, zone)
  const compared = compareAxis && (await execute(plan, order, compareAxis, context))
  const tags = order.map((group) => plan.groups.tags(group))
  const isGrouped = plan.groups.keys.length > 0
  const tableOf = ({ matrix }: Execution): Table => ({
    matrix,
    tags,
    timesMs: axis.edges,
    rows: fillTable(matrix, axis.edges, query.fill, isGrouped),
  })
  const table = tableOf(shown)
  const compare = compared && tableOf(compared)
  return {
    content: query.format === 'columns' ? columnsOf(table, compare, query) : rowsOf(table, compare, query),
    meta: { resolution: shown.resolution, step: describeStep(step), kind: plan.kindName, unit: plan.unit },
    asOf: Math.min(ranked.asOf, shown.asOf, compared?.asOf ?? shown.asOf),
    source,
    series: Uint32Array.from(plan.series),
    seriesKnown,
  }
}

function rowsOf(table: Table, compare: Table | undefined, { fill }: ResolvedMetricsQuery): Omit<MetricsResult, 'meta'> {
  const data = toRows(table, fill)
  return compare === undefined ? { data } : { data, compare: toRows(compare, fill) }
}

function columnsOf(
  table: Table,
  compare: Table | undefined,
  { fill }: ResolvedMetricsQuery,
): Omit<MetricsColumns, 'meta'> {
  const buckets = shownBuckets(compare === undefined ? [table] : [table, compare], fill)
  const columns = {
    timestamps: buckets.map((bucket) => table.timesMs[bucket]!),
    series: toColumns(table, buckets),
  }
  return compare === undefined ? columns : { ...columns, compare: toColumns(compare, buckets) }
}

interface Ranking {
  order: number[]
  /** Every batch up to this one had its say. */
  asOf: number
  /** The answer, where ranking has found it already. */
  execution?: Execution
}

/** Groups by their value over the whole range where the query ranks them, else by their tags. */
async function rankGroups(
  plan: Plan,
  query: ResolvedMetricsQuery,
  axis: Axis,
  context: ExecutionContext,
): Promise<Ranking> {
  const byTags = plan.groups.sorted()
  if (query.limit === undefined && query.order === undefined) return { order: byTags, asOf: Number.POSITIVE_INFINITY }
  // A sequence of moments is ranked by the moments that are shown; everything else by one bucket over the range.
  const isSequence = !axis.isWhole && needsSampling(plan.measure)
  if (isSequence) checkCells(byTags.length, axis, query, context.limits)
  const { startMs, endMs } = axis
  const rankAxis = isSequence ? axis : axisOf({ startMs, endMs }, { type: 'none' }, zoneOf('UTC'))
  const { matrix, resolution, asOf } = await execute(plan, byTags, rankAxis, context)
  const whole = isSequence ? foldSamples(matrix, plan.measure.over) : matrix
  const rows = rankRows(whole.values, query.order ?? 'desc', query.limit)
  const order = rows.map((row) => byTags[row]!)
  if (!axis.isWhole && !isSequence) return { order, asOf }
  return { order, asOf, execution: { matrix: pickRows(matrix, rows), resolution, asOf } }
}

function pickRows({ buckets, values }: Matrix, rows: readonly number[]): Matrix {
  const picked = new Float64Array(rows.length * buckets)
  for (let i = 0; i < rows.length; i++) {
    picked.set(values.subarray(rows[i]! * buckets, (rows[i]! + 1) * buckets), i * buckets)
  }
  return { rows: rows.length, buckets, values: picked }
}

function checkCells(groups: number, axis: Axis, query: ResolvedMetricsQuery, limits: QueryLimits): void {
  const buckets = axis.edges.length - 1
  if (groups > limits.maxGroups) {
    throw new TelltaleError(
      'too_many_groups',
      `The answer would have ${groups} groups; at most ${limits.maxGroups} are answered. Use a smaller limit.`,
    )
  }
  if (groups * buckets <= limits.maxCells) return
  throw new TelltaleError(
    'too_many_groups',
    `${groups} groups of ${buckets} buckets are more than ${limits.maxCells} values. ` +
      `Use a longer step${query.limit === undefined ? ', or keep the largest groups with limit' : ' or a smaller limit'}.`,
  )
}

function compareAxisOf(query: ResolvedMetricsQuery, axis: Axis, step: Step, zone: Zone): Axis | undefined {
  if (query.compare_to === undefined) return undefined
  const shiftMs = parseDurationMs(query.compare_to)
  if (!(shiftMs >= 1) || !Number.isInteger(shiftMs) || shiftMs > maxRangeMs) {
    throw new TelltaleError(
      'invalid_time_range',
      `compare_to: ${JSON.stringify(query.compare_to)} must be between 1ms and ${formatDuration(maxRangeMs)}.`,
    )
  }
  if (shiftMs > axis.startMs) {
    throw new TelltaleError('invalid_time_range', `compare_to: "${query.compare_to}" reaches back before 1970.`)
  }
  return shiftAxis(axis, step, shiftMs, zone)
}
