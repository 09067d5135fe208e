/** One metric query, from the question to its answer: plan, rank, execute, fill, present. */
import type { ResolvedFormulaQuery, ResolvedMetricsQuery } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { ProjectId, SeriesIndex } from '../model.js'
import type { AnswerMeta } from './answer.js'
import { type Axis, axisOf, describeStep, type Step, shiftAxis } from './buckets.js'
import { type Execution, type ExecutionContext, execute, needsSampling } from './execute.js'
import { foldSamples, type Matrix } from './finalise.js'
import type { QueryLimits } from './limits.js'
import { type Plan, planSelection, sourceOf, unknownMetric } from './plan.js'
import { contentOf, fillTable, type Table } from './present.js'
import type { Question } from './question.js'
import { rankRows } from './rank.js'
import { formatDuration, maxRangeMs, parseDurationMs } from './time.js'
import { type Zone, zoneOf } from './zone.js'

/** An answer, and what is needed to tell how long it stands. */
export interface Outcome {
  /** JSON without its closing brace, so that `meta` can follow. */
  content: string
  meta: AnswerMeta
  /** Every batch up to this one is in the answer. */
  asOf: number
  sources: AnswerSource[]
}

/** What an answer was made of. */
export interface AnswerSource {
  /** The metric that was asked for, and the stored one behind it. */
  name: string
  source: string
  /** The series that matched, and how many the stored metric had in all. */
  series: Uint32Array
  seriesKnown: number
}

export async function queryMetrics(
  index: SeriesIndex,
  project: ProjectId,
  { query, step, zone, axis }: Question<ResolvedMetricsQuery>,
  context: ExecutionContext,
): Promise<Outcome> {
  const { limits } = context
  const maxGroups = query.limit === undefined ? limits.maxGroups : limits.maxRankedGroups
  const source = sourceOf(index, project, query.metric_name)
  const plan = planSelection(index, project, query, maxGroups)
  if (plan === undefined) throw unknownMetric(index, project, query.metric_name)

  const ranked = await rankGroups(plan, query, axis, context)
  const { order, hasOthers } = ranked
  checkCells(order.length, axis, query, limits)
  const shown = ranked.execution ?? (await execute(plan, order, axis, context, hasOthers))
  const compareAxis = compareAxisOf(query, axis, step, zone)
  const compared = compareAxis && (await execute(plan, order, compareAxis, context, hasOthers))
  const tags = order.map((group) => plan.groups.tags(group))
  if (hasOthers) tags.push(Object.fromEntries(plan.groups.keys.map((key) => [key, query.other!])))
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
    content: contentOf(table, compare, query),
    meta: { resolution: shown.resolution, step: describeStep(step), kind: plan.kindName, unit: plan.unit },
    asOf: Math.min(ranked.asOf, shown.asOf, compared?.asOf ?? shown.asOf),
    sources: [
      { name: query.metric_name, source, series: Uint32Array.from(plan.series), seriesKnown: plan.seriesKnown },
    ],
  }
}

interface Ranking {
  order: number[]
  /** The other groups are asked for as one, after these. */
  hasOthers: boolean
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
  if (query.limit === undefined && query.order === undefined) {
    return { order: byTags, hasOthers: false, asOf: Number.POSITIVE_INFINITY }
  }
  // A sequence of moments is ranked by the moments that are shown; everything else by one bucket over the range.
  const isSequence = !axis.isWhole && needsSampling(plan.measure)
  if (isSequence) checkCells(byTags.length, axis, query, context.limits)
  const { startMs, endMs } = axis
  const rankAxis = isSequence ? axis : axisOf({ startMs, endMs }, { type: 'none' }, zoneOf('UTC'))
  const { matrix, resolution, asOf } = await execute(plan, byTags, rankAxis, context)
  const whole = isSequence ? foldSamples(matrix, plan.measure.over) : matrix
  const rows = rankRows(whole.values, query.order ?? 'desc', query.limit)
  const order = rows.map((row) => byTags[row]!)
  const hasOthers = query.other !== undefined && order.length < byTags.length
  if (hasOthers || (!axis.isWhole && !isSequence)) return { order, hasOthers, asOf }
  return { order, hasOthers, asOf, execution: { matrix: pickRows(matrix, rows), resolution, asOf } }
}

function pickRows({ buckets, values }: Matrix, rows: readonly number[]): Matrix {
  const picked = new Float64Array(rows.length * buckets)
  for (let i = 0; i < rows.length; i++) {
    picked.set(values.subarray(rows[i]! * buckets, (rows[i]! + 1) * buckets), i * buckets)
  }
  return { rows: rows.length, buckets, values: picked }
}

export function checkCells(
  groups: number,
  axis: Axis,
  query: { limit?: number | undefined },
  limits: QueryLimits,
): void {
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

export function compareAxisOf(
  query: Pick<ResolvedMetricsQuery | ResolvedFormulaQuery, 'compare_to'>,
  axis: Axis,
  step: Step,
  zone: Zone,
): Axis | undefined {
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
