/**
 * The expression of `telltale query`, read into the request of the API:
 *
 *   p95(task.execution.duration{status="ok", queue^="mail"}) by (task.type)
 *   quantile(0.97, http.latency)
 */
import { type MetricsQuery, NamedAggregation } from '@telltale/protocol/api'
import { CommandFailure } from './failure.js'

export type Expression = Required<Pick<MetricsQuery, 'metric_name' | 'aggregation' | 'group_by' | 'filters'>>

type Filters = NonNullable<MetricsQuery['filters']>

/** Names of metrics and tags that need no quotes. */
const bareName = /[\p{L}_][\p{L}\p{N}_.:/-]*/uy
const numberText = /\d+(\.\d+)?/y
const space = /\s*/y
const operators = ['!=', '^=', '='] as const

export function parseExpression(text: string): Expression {
  return new Parser(text).parse()
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Expression {
    const aggregation = this.#aggregation()
    const metricName = this.#name('the name of a metric')
    const filters = this.#filters()
    this.#expect(')')
    const groupBy = this.#groupBy()
    if (!this.#isAtEnd()) this.#fail(groupBy.length > 0 ? 'the end' : 'by (…) or the end')
    return { metric_name: metricName, aggregation, group_by: groupBy, filters }
  }

  #aggregation(): Expression['aggregation'] {
    const startsAt = this.#skipSpace()
    const name = this.#match(bareName)
    const known = NamedAggregation.safeParse(name)
    if (!known.success && name !== 'quantile') {
      this.#at = startsAt
      this.#fail(`an aggregation (${NamedAggregation.options.join(', ')}, or quantile(0.97, …))`)
    }
    this.#expect('(')
    if (known.success) return known.data
    const numberAt = this.#skipSpace()
    const quantile = Number(this.#match(numberText) ?? Number.NaN)
    if (!(quantile >= 0 && quantile <= 1)) {
      this.#at = numberAt
      this.#fail('a number from 0 to 1')
    }
    this.#expect(',')
    return { quantile }
  }

  #filters(): Filters {
    const filters: Filters = {}
    if (!this.#take('{')) return filters
    if (this.#take('}')) return filters
    do {
      const startsAt = this.#skipSpace()
      const tag = this.#name('the name of a tag')
      if (Object.hasOwn(filters, tag)) {
        this.#at = startsAt
        this.#fail('another tag: this one has a condition already')
      }
      const operator = operators.find((one) => this.#take(one)) ?? this.#fail('=, != or ^=')
      const value = this.#quoted() ?? this.#fail('a value in quotes')
      filters[tag] = operator === '=' ? value : operator === '!=' ? { not: value } : { prefix: value }
    } while (this.#take(','))
    this.#expect('}')
    return filters
  }

  #groupBy(): string[] {
    const startsAt = this.#skipSpace()
    const word = this.#match(bareName)
    if (word === undefined) return []
    if (word !== 'by') {
      this.#at = startsAt
      this.#fail('by (…) or the end')
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
    return this.#quoted() ?? this.#match(bareName) ?? this.#fail(what)
  }

  #quoted(): string | undefined {
    const startsAt = this.#skipSpace()
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") return undefined
    let value = ''
    for (this.#at++; !this.#isOver(); this.#at++) {
      const character = this.#text[this.#at]!
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

  #isAtEnd(): boolean {
    this.#skipSpace()
    return this.#isOver()
  }

  #isOver(): boolean {
    return this.#at >= this.#text.length
  }

  /** Shows the place under the text itself. */
  #fail(expected: string): never {
    const place = `${this.#text}\n${' '.repeat(this.#at)}^`
    throw new CommandFailure(`expected ${expected} here\n\n${place}`, 2)
  }
}
