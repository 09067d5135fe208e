/** Works an expression out over whole matrices: bucket by bucket and group by group, NaN where an operand is missing. */
import type { BinaryOperator, ExpressionNode, FunctionName } from '@telltale/protocol/api'

/** Values of a name, as many as there are cells. */
export type Operands = (name: string) => Float64Array

export function evaluate(node: ExpressionNode, operands: Operands, size: number): Float64Array {
  const values = valuesOf(node, operands, size)
  // Nothing that is shown is infinite: what cannot be calculated is missing.
  for (let i = 0; i < size; i++) if (!Number.isFinite(values[i])) values[i] = Number.NaN
  return values
}

/** Names that the expression uses, each once. */
export function namesIn(node: ExpressionNode): string[] {
  return [...new Set(eachNode(node).flatMap((one) => (one.type === 'name' ? [one.name] : [])))]
}

export function eachNode(node: ExpressionNode): ExpressionNode[] {
  return [node, ...partsOf(node).flatMap(eachNode)]
}

function partsOf(node: ExpressionNode): ExpressionNode[] {
  if (node.type === 'negate') return [node.of]
  if (node.type === 'binary') return [node.left, node.right]
  return node.type === 'call' ? node.arguments : []
}

/** An array of its own. */
function valuesOf(node: ExpressionNode, operands: Operands, size: number): Float64Array {
  switch (node.type) {
    case 'number':
      return new Float64Array(size).fill(node.value)
    case 'name':
      return operands(node.name).slice()
    case 'negate': {
      const values = valuesOf(node.of, operands, size)
      for (let i = 0; i < size; i++) values[i] = -values[i]!
      return values
    }
    case 'binary': {
      const left = valuesOf(node.left, operands, size)
      const right = valuesOf(node.right, operands, size)
      const calculate = operators[node.operator]
      for (let i = 0; i < size; i++) left[i] = calculate(left[i]!, right[i]!)
      return left
    }
    case 'call': {
      const [first, ...others] = node.arguments.map((part) => valuesOf(part, operands, size))
      const calculate = functions[node.name]
      for (let i = 0; i < size; i++) {
        let value = calculate(first![i]!, first![i]!)
        for (const other of others) value = calculate(value, other[i]!)
        first![i] = value
      }
      return first!
    }
    case 'selector':
      throw new Error('selectors are made names before they are evaluated')
  }
}

const operators: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  // Also 0 / 0: a share of nothing is no number.
  '/': (left, right) => (right === 0 ? Number.NaN : left / right),
  '%': (left, right) => (right === 0 ? Number.NaN : left % right),
}

/** Of one argument, or folded over several. */
const functions: Readonly<Record<FunctionName, (value: number, next: number) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  round: Math.round,
  sqrt: Math.sqrt,
  least: Math.min,
  greatest: Math.max,
}
