/** One formula, from its queries to its answer: plan and execute each, align their groups, calculate, rank, fill, present. */
import type { ExpressionNode, ResolvedFormulaQuery } from '@telltale/protocol/api'
import { ExpressionError, parseExpression } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { ProjectId, SeriesIndex } from '../model.js'
import { type Axis, axisOf, describeStep } from './buckets.js'
import { eachNode, evaluate, namesIn } from './evaluate.js'
import { type ExecutionContext, execute } from './execute.js'
import { hasValue } from './fill.js'
import type { Matrix } from './finalise.js'
import { checkCells, compareAxisOf, type Outcome } from './metrics.js'
import { coarsest } from './partials.js'
import { type Plan, planSelection, sourceOf, unknownMetric } from './plan.js'
import { contentOf, fillTable } from './present.js'
import type { Question } from './question.js'
import { rankRows } from './rank.js'
import { Groups } from './selection.js'
import { zoneOf } from './zone.js'

type Operand = ResolvedFormulaQuery['queries'][number]

/** A query of the formula. Without a plan its metric has not been seen, and counts as 0. */
interface PlannedOperand {
  operand: Operand
  plan: Plan | undefined
  /** Row of the operand by group of the formula; −1: it has no such group. */
  rowOf: Int32Array
}

interface Evaluation {
  matrix: Matrix
  resolution: string
  asOf: number
}

export async function queryFormula(
  index: SeriesIndex,
  project: ProjectId,
  { query, step, zone, axis }: Question<ResolvedFormulaQuery>,
  context: ExecutionContext,
): Promise<Outcome> {
  const node = parseFormula(query.formula, query.queries)
  const used = new Set(namesIn(node))
  const operands = query.queries.filter(({ id }) => used.has(id))
  const maxGroups = query.limit === undefined ? context.limits.maxGroups : context.limits.maxRankedGroups
  const plans = operands.map((operand) => planOperand(index, project, operand, query, maxGroups))
  const groups = groupsOf(query, operands, plans)
  const planned = operands.map((operand, i) => ({ operand, plan: plans[i], rowOf: rowsOf(groups, plans[i]) }))
  const run = (order: readonly number[], over: Axis) => evaluateOver(node, planned, order, over, context)

  const isRanked = query.limit !== undefined || query.order !== undefined
  const byTags = groups.sorted()
  const whole = axisOf({ startMs: axis.startMs, endMs: axis.endMs }, { type: 'none' }, zoneOf('UTC'))
  const ranked = isRanked ? await run(byTags, whole) : undefined
  const order =
    ranked === undefined
      ? byTags
      : rankRows(ranked.matrix.values, query.order ?? 'desc', query.limit).map((row) => byTags[row]!)
  checkCells(order.length, axis, query, context.limits)
  const shown = await run(order, axis)
  const compareAxis = compareAxisOf(query, axis, step, zone)
  const compared = compareAxis && (await run(order, compareAxis))
  const tags = order.map((group) => groups.tags(group))
  const tableOf = ({ matrix }: Evaluation) => ({
    matrix,
    tags,
    timesMs: axis.edges,
    rows: fillTable(matrix, axis.edges, query.fill, groups.keys.length > 0),
  })
  return {
    content: contentOf(tableOf(shown), compared && tableOf(compared), query),
    meta: { resolution: shown.resolution, step: describeStep(step), kind: 'gauge', unit: query.unit },
    asOf: Math.min(shown.asOf, ranked?.asOf ?? shown.asOf, compared?.asOf ?? shown.asOf),
    sources: operands.map((operand, i) => ({
      name: operand.metric_name,
      source: sourceOf(index, project, operand.metric_name),
      series: Uint32Array.from(plans[i]?.series ?? []),
      seriesKnown: plans[i]?.seriesKnown ?? 0,
    })),
  }
}

/** The formula as a tree; throws `invalid_formula` where it cannot be read or names what there is not. */
export function parseFormula(formula: string, operands: readonly { id: string }[]): ExpressionNode {
  const { node, groupBy } = readExpression(formula, 'formula')
  if (groupBy.length > 0) throw invalidFormula('formula: put the tags into group_by, not into the formula')
  if (eachNode(node).some(({ type }) => type === 'selector')) {
    throw invalidFormula('formula: put aggregations into queries, and name them here by their ids')
  }
  const ids = operands.map(({ id }) => id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw invalidFormula(`queries: the id "${twice}" is there twice`)
  const names = namesIn(node)
  const unknown = names.find((name) => !ids.includes(name))
  if (unknown !== undefined) {
    throw invalidFormula(`formula: no query has the id "${unknown}"; there are ${ids.join(', ')}`)
  }
  if (names.length === 0) throw invalidFormula('formula: name at least one query by its id')
  return node
}

/** Throws `invalid_formula`. */
export function readExpression(text: string, field: string): ReturnType<typeof parseExpression> {
  try {
    return parseExpression(text)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw invalidFormula(`${field}: ${error.message}: "${text.slice(error.at, error.at + 40)}"`)
  }
}

export function invalidFormula(message: string): TelltaleError {
  return new TelltaleError('invalid_formula', message)
}

function planOperand(
  index: SeriesIndex,
  project: ProjectId,
  operand: Operand,
  query: ResolvedFormulaQuery,
  maxGroups: number,
): Plan | undefined {
  const own = operand.group_by
  const stray = own?.find((key) => !query.group_by.includes(key))
  if (stray !== undefined) {
    throw invalidFormula(`queries: "${operand.id}" groups by "${stray}", which is not in the formula's group_by`)
  }
  const plan = planSelection(index, project, { ...operand, group_by: own ?? query.group_by }, maxGroups)
  // What has never happened has happened no times: a rate of errors is 0 before the first one.
  if (plan === undefined && operand.fill !== 'zero') throw unknownMetric(index, project, operand.metric_name)
  return plan
}

/** Groups of the result: those of every query that has all of its tags. */
function groupsOf(
  query: ResolvedFormulaQuery,
  operands: readonly Operand[],
  plans: readonly (Plan | undefined)[],
): Groups {
  const groups = new Groups(query.group_by)
  const size = groups.keys.length
  const isFull = ({ group_by: own }: Operand) => own === undefined || new Set(own).size === size
  if (!operands.some(isFull)) {
    throw invalidFormula('queries: at least one must be grouped by all tags of group_by')
  }
  for (const [i, plan] of plans.entries()) {
    if (plan === undefined || !isFull(operands[i]!)) continue
    for (const values of plan.groups.values) {
      groups.numberOf(groups.keys.map((key) => [key, values[plan.groups.keys.indexOf(key)] ?? ''] as const))
    }
  }
  return groups
}

function rowsOf(groups: Groups, plan: Plan | undefined): Int32Array {
  const rowOf = new Int32Array(groups.size).fill(-1)
  if (plan === undefined) return rowOf
  const name = (values: readonly (string | null)[]) => JSON.stringify(values)
  const rows = new Map(plan.groups.values.map((values, row) => [name(values), row]))
  const places = plan.groups.keys.map((key) => groups.keys.indexOf(key))
  for (let group = 0; group < rowOf.length; group++) {
    rowOf[group] = rows.get(name(places.map((place) => groups.values[group]![place]!))) ?? -1
  }
  return rowOf
}

async function evaluateOver(
  node: ExpressionNode,
  operands: readonly PlannedOperand[],
  order: readonly number[],
  axis: Axis,
  context: ExecutionContext,
): Promise<Evaluation> {
  const buckets = axis.edges.length - 1
  const size = order.length * buckets
  const executions = await Promise.all(
    operands.map(
      ({ plan }) =>
        plan &&
        execute(
          plan,
          plan.groups.values.map((_, group) => group),
          axis,
          context,
        ),
    ),
  )
  const values = new Map<string, Float64Array>()
  for (const [i, { operand, rowOf }] of operands.entries()) {
    const aligned = new Float64Array(size).fill(Number.NaN)
    const source = executions[i]?.matrix.values
    for (let row = 0; row < order.length; row++) {
      const from = rowOf[order[row]!]!
      if (from >= 0 && source) aligned.set(source.subarray(from * buckets, (from + 1) * buckets), row * buckets)
    }
    if (operand.fill === 'zero') for (let j = 0; j < size; j++) if (Number.isNaN(aligned[j]!)) aligned[j] = 0
    values.set(operand.id, aligned)
  }
  const result = evaluate(node, (name) => values.get(name)!, size)
  // Where all operands count as 0 there was nothing, and a group without any data has no values.
  for (let row = 0; row < order.length; row++) {
    const isSeen = operands.some(({ rowOf }, i) => {
      const from = rowOf[order[row]!]!
      const source = executions[i]?.matrix.values
      return from >= 0 && source !== undefined && hasValue(source, from * buckets, (from + 1) * buckets)
    })
    if (!isSeen) result.fill(Number.NaN, row * buckets, (row + 1) * buckets)
  }
  const done = executions.filter((execution) => execution !== undefined)
  return {
    matrix: { rows: order.length, buckets, values: result },
    resolution: coarsest(done.map(({ resolution }) => resolution)),
    asOf: Math.min(...done.map(({ asOf }) => asOf)),
  }
}
