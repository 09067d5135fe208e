/**
 * The expression of `telltale query`, read into the request of the API: one metric, or a formula over several.
 *
 *   p95(task.execution.duration{status="ok", queue^="mail"}) by (task.type)
 *   sum(jobs.failed) / sum(jobs.done) * 100 by (queue)
 */
import {
  ExpressionError,
  type ExpressionLeaf,
  type FormulaOperand,
  type FormulaQuery,
  formulaOver,
  type MetricsQuery,
  type ParsedExpression,
  parseExpression,
} from '@telltale/protocol/api'
import { CommandFailure } from './failure.js'

type Filters = NonNullable<MetricsQuery['filters']>

export type Expression =
  | (Pick<MetricsQuery, 'metric_name' | 'aggregation'> & { filters: Filters; group_by: string[] })
  | (Pick<FormulaQuery, 'formula' | 'queries'> & { group_by: string[] })

export function readExpression(text: string): Expression {
  const { node, groupBy } = parse(text)
  if (node.type === 'name') return { metric_name: node.name, group_by: groupBy, filters: {} }
  if (node.type === 'selector') {
    const { metricName, aggregation, filters } = node
    return { metric_name: metricName, aggregation, group_by: groupBy, filters }
  }
  return { ...formulaOver(node, operandOf), group_by: groupBy }
}

/** The same for each of its metrics; a tag may have one condition. */
export function withFilters(expression: Expression, filters: readonly string[]): Expression {
  if (!('formula' in expression)) return { ...expression, filters: added(expression.filters, filters) }
  const queries = expression.queries.map((one) => ({ ...one, filters: added(one.filters ?? {}, filters) }))
  return { ...expression, queries }
}

function added(own: Filters, filters: readonly string[]): Filters {
  const all = { ...own }
  for (const filter of filters) {
    const at = filter.indexOf('=')
    if (at < 1) throw new CommandFailure(`--filter "${filter}" is not of the form tag=value`, 2)
    const tag = filter.slice(0, at)
    if (Object.hasOwn(all, tag)) throw new CommandFailure(`--filter "${filter}": "${tag}" has a condition already`, 2)
    all[tag] = filter.slice(at + 1)
  }
  return all
}

function operandOf(leaf: ExpressionLeaf, id: string): FormulaOperand {
  if (leaf.type === 'name') {
    throw new CommandFailure(`say how ${leaf.name} is aggregated, such as sum(${leaf.name}) or p95(${leaf.name})`, 2)
  }
  const { metricName, aggregation, filters } = leaf
  return { id, metric_name: metricName, aggregation, filters }
}

/** Shows the place under the text itself. */
function parse(text: string): ParsedExpression {
  try {
    return parseExpression(text)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const place = `${text}\n${' '.repeat(error.at)}^`
    throw new CommandFailure(`expected ${error.expected} here\n\n${place}`, 2)
  }
}
