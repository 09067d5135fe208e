/** Metrics that are computed from others: their definition's expression, made the formula that answers a query for them. */

import { Kind } from '@telltale/protocol'
import type { ExpressionLeaf, ResolvedFormulaQuery, ResolvedMetricsQuery } from '@telltale/protocol/api'
import { formulaOver, maxFormulaQueries } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { MetricDefinition, ProjectId, SeriesIndex } from '../model.js'
import { invalidFormula, readExpression } from './formula.js'
import { narrowFilters } from './view.js'

type Operand = ResolvedFormulaQuery['queries'][number]

/** Nothing is nothing for these: a counter that did not count has counted 0. */
const additive: ReadonlySet<unknown> = new Set(['sum', 'count', 'increase', 'rate'])

export function computedQuery(
  index: SeriesIndex,
  project: ProjectId,
  { metric_name, aggregation, filters, other, ...rest }: ResolvedMetricsQuery,
  { expression, unit }: Pick<MetricDefinition, 'expression' | 'unit'>,
): ResolvedFormulaQuery {
  if (aggregation !== 'avg' && aggregation !== 'last') {
    throw new TelltaleError(
      'aggregation_not_supported',
      `${metric_name} is computed (${expression}), and its expression says how. Leave aggregation out.`,
    )
  }
  if (other !== undefined) throw invalidFormula(`other: ${metric_name} is computed, and groups of it do not add up.`)
  const { node, groupBy } = readExpression(expression!, `the expression of ${metric_name}`)
  if (groupBy.length > 0) throw invalidFormula(`${metric_name}: leave by (…) out of its expression; queries say it.`)
  const { formula, queries } = formulaOver(node, (leaf, id) => operandOf(index, project, leaf, id, filters))
  if (queries.length > maxFormulaQueries) throw invalidFormula(`${metric_name} is computed from too many metrics.`)
  return { ...rest, unit, queries, formula }
}

function operandOf(
  index: SeriesIndex,
  project: ProjectId,
  node: ExpressionLeaf,
  id: string,
  filters: Operand['filters'],
): Operand {
  const metricName = node.type === 'name' ? node.name : node.metricName
  const kind = index.metric(project, metricName)?.kind
  const usual = kind === Kind.counter ? 'sum' : kind === Kind.upDownCounter ? 'last' : 'avg'
  const aggregation = node.type === 'name' ? usual : node.aggregation
  const isCounted = additive.has(aggregation) && (kind === Kind.counter || kind === Kind.histogram)
  return {
    ...{ id, metric_name: metricName, aggregation },
    filters: node.type === 'name' ? filters : narrowFilters(filters, node.filters),
    fill: isCounted ? 'zero' : 'none',
  }
}
