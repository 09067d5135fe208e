/**
 * Reads expressions over metrics into a tree: formulas of queries, definitions of computed metrics, and what is typed at a
 * terminal.
 *
 *   a / b * 100                                            names of queries
 *   orders.paid / orders.total * 100                       metrics as they are
 *   p95(http.latency{route^="/api"}) by (status)           aggregations, with conditions and groups
 */
import type { Filters } from './common.js'
import { type Aggregation, NamedAggregation } from './metrics.js'

export type ExpressionNode =
  | { type: 'number'; value: number }
  /** A query of a formula, or a metric. */
  | { type: 'name'; name: string }
  | { type: 'selector'; metricName: string; aggregation: Aggregation; filters: Filters }
  | { type: 'negate'; of: ExpressionNode }
  | { type: 'binary'; operator: BinaryOperator; left: ExpressionNode; right: ExpressionNode }
  | { type: 'call'; name: FunctionName; arguments: ExpressionNode[] }

export type BinaryOperator = '+' | '-' | '*' | '/' | '%'

/** Functions, with the number of arguments that each takes at least and at most. */
export const expressionFunctions = {
  abs: [1, 1],
  ceil: [1, 1],
  floor: [1, 1],
  round: [1, 1],
  sqrt: [1, 1],
  least: [2, 8],
  greatest: [2, 8],
} as const
export type FunctionName = keyof typeof expressionFunctions

export interface ParsedExpression {
  node: ExpressionNode
  groupBy: string[]
}

/** What stands in the text at `at` is not what could stand there. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly at: number
  readonly expected: string

  constructor(at: number, expected: string) {
    super(`expected ${expected} at character ${at + 1}`)
    this.at = at
    this.expected = expected
  }
}

const maxDepth = 50
/** Where operators may follow, names hold none; anything else is a name in quotes. */
const plainName = /[\p{L}_][\p{L}\p{N}_.:]*/uy
/** Inside of aggregation(…) and by (…) nothing is calculated. */
const wideName = /[\p{L}_][\p{L}\p{N}_.:/-]*/uy
const numberText = /\d+(\.\d+)?(e[+-]?\d+)?/iy
const space = /\s*/y
const conditions = ['!=', '^=', '='] as const

/** Throws `ExpressionError`. */
export function parseExpression(text: string): ParsedExpression {
  return new Parser(text).parse()
}

export type ExpressionLeaf = Extract<ExpressionNode, { type: 'name' | 'selector' }>

/** The expression as a formula over queries q1, q2, …: one for each different leaf, as `queryOf` makes it. */
export function formulaOver<Query>(
  node: ExpressionNode,
  queryOf: (leaf: ExpressionLeaf, id: string) => Query,
): { formula: string; queries: Query[] } {
  const queries = new Map<string, { id: string; query: Query }>()
  const write = (one: ExpressionNode): string => {
    switch (one.type) {
      case 'number':
        return String(one.value)
      case 'negate':
        return `(-${write(one.of)})`
      case 'binary':
        return `(${write(one.left)} ${one.operator} ${write(one.right)})`
      case 'call':
        return `${one.name}(${one.arguments.map(write).join(', ')})`
      default: {
        const text = JSON.stringify(one)
        const id = queries.get(text)?.id ?? `q${queries.size + 1}`
        if (!queries.has(text)) queries.set(text, { id, query: queryOf(one, id) })
        return id
      }
    }
  }
  const formula = write(node)
  return { formula, queries: [...queries.values()].map(({ query }) => query) }
}

class Parser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): ParsedExpression {
    const node = this.#sum()
    const groupBy = this.#groupBy()
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#fail(groupBy.length > 0 ? 'the end' : 'an operator, by (…) or the end')
    return { node, groupBy }
  }

  #sum(): ExpressionNode {
    let left = this.#product()
    for (;;) {
      const operator = this.#take('+') ? '+' : this.#take('-') ? '-' : undefined
      if (operator === undefined) return left
      left = { type: 'binary', operator, left, right: this.#product() }
    }
  }

  #product(): ExpressionNode {
    let left = this.#unary()
    for (;;) {
      const operator = (['*', '/', '%'] as const).find((one) => this.#take(one))
      if (operator === undefined) return left
      left = { type: 'binary', operator, left, right: this.#unary() }
    }
  }

  #unary(): ExpressionNode {
    if (++this.#depth > maxDepth) this.#fail('less nesting')
    const node: ExpressionNode = this.#take('-') ? { type: 'negate', of: this.#unary() } : this.#primary()
    this.#depth--
    return node
  }

  #primary(): ExpressionNode {
    if (this.#take('(')) {
      const node = this.#sum()
      this.#expect(')')
      return node
    }
    const startsAt = this.#skipSpace()
    const number = this.#match(numberText)
    if (number !== undefined) return { type: 'number', value: Number(number) }
    const quoted = this.#quoted()
    if (quoted !== undefined) return { type: 'name', name: quoted }
    const name = this.#match(plainName) ?? this.#fail('a number, a name or (')
    if (!this.#take('(')) return { type: 'name', name }
    if (Object.hasOwn(expressionFunctions, name)) return this.#call(name as FunctionName)
    return this.#selector(name, startsAt)
  }

  #call(name: FunctionName): ExpressionNode {
    const [least, most] = expressionFunctions[name]
    const parts: ExpressionNode[] = []
    do parts.push(this.#sum())
    while (parts.length < most && this.#take(','))
    if (parts.length < least) this.#expect(',')
    this.#expect(')')
    return { type: 'call', name, arguments: parts }
  }

  /** After `aggregation(`. */
  #selector(name: string, startsAt: number): ExpressionNode {
    const known = NamedAggregation.safeParse(name)
    let aggregation: Aggregation
    if (known.success) aggregation = known.data
    else if (name === 'quantile') aggregation = { quantile: this.#quantile() }
    else {
      this.#at = startsAt
      const functions = Object.keys(expressionFunctions).join(', ')
      const aggregations = NamedAggregation.options.join(', ')
      this.#fail(`an aggregation (${aggregations}, or quantile(0.97, …)) or a function (${functions})`)
    }
    const metricName = this.#name('the name of a metric')
    const filters = this.#filters()
    this.#expect(')')
    return { type: 'selector', metricName, aggregation, filters }
  }

  #quantile(): number {
    const startsAt = this.#skipSpace()
    const quantile = Number(this.#match(numberText) ?? Number.NaN)
    if (!(quantile >= 0 && quantile <= 1)) {
      this.#at = startsAt
      this.#fail('a number from 0 to 1')
    }
    this.#expect(',')
    return quantile
  }

  #filters(): Filters {
    const filters = new Map<string, Filters[string]>()
    if (!this.#take('{') || this.#take('}')) return {}
    do {
      const startsAt = this.#skipSpace()
      const tag = this.#name('the name of a tag')
      if (filters.has(tag)) {
        this.#at = startsAt
        this.#fail('another tag: this one has a condition already')
      }
      const condition = conditions.find((one) => this.#take(one)) ?? this.#fail('=, != or ^=')
      const value = this.#quoted() ?? this.#fail('a value in quotes')
      filters.set(tag, condition === '=' ? value : condition === '!=' ? { not: value } : { prefix: value })
    } while (this.#take(','))
    this.#expect('}')
    return Object.fromEntries(filters)
  }

  #groupBy(): string[] {
    const startsAt = this.#skipSpace()
    const word = this.#match(plainName)
    if (word === undefined) return []
    if (word !== 'by') {
      this.#at = startsAt
      this.#fail('an operator, by (…) or the end')
    }
    this.#expect('(')
    const tags: string[] = []
    do tags.push(this.#name('the name of a tag'))
    while (this.#take(','))
    this.#expect(')')
    return tags
  }

  #name(what: string): string {
    this.#skipSpace()
    return this.#quoted() ?? this.#match(wideName) ?? this.#fail(what)
  }

  #quoted(): string | undefined {
    const startsAt = this.#skipSpace()
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") return undefined
    let value = ''
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === quote) {
        this.#at++
        return value
      }
      if (character === '\\') this.#at++
      value += this.#text[this.#at] ?? ''
    }
    this.#at = startsAt
    return this.#fail('the closing quote of this text')
  }

  #expect(token: string): void {
    if (!this.#take(token)) this.#fail(token)
  }

  #take(token: string): boolean {
    this.#skipSpace()
    if (!this.#text.startsWith(token, this.#at)) return false
    this.#at += token.length
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    if (found !== undefined) this.#at += found.length
    return found
  }

  #skipSpace(): number {
    this.#match(space)
    return this.#at
  }

  #fail(expected: string): never {
    throw new ExpressionError(this.#at, expected)
  }
}
