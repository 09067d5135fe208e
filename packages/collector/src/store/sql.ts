/** Small pieces of SQL: values are bound, whole numbers are checked and written out so that scans can be pruned by them. */
import { DOUBLE, type DuckDBType, VARCHAR } from '@duckdb/node-api'
import type { TextCondition } from './store.js'

/** A whole number as a literal; anything else is a bug of ours. */
export function int(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`)
  return String(value)
}

/** Collects the values of a statement and gives each its placeholder. */
export class Bindings {
  readonly values: (string | number)[] = []
  readonly types: DuckDBType[] = []

  text(value: string): string {
    this.values.push(value)
    this.types.push(VARCHAR)
    return `$${this.values.length}`
  }

  number(value: number): string {
    this.values.push(value)
    this.types.push(DOUBLE)
    return `$${this.values.length}`
  }
}

/** An attribute of a JSON column as text; NULL where it is missing. The key is a JSON pointer, so that dots are no path. */
export function attributeSql(bindings: Bindings, column: string, key: string): string {
  const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return `json_extract_string(${column}, ${bindings.text(pointer)})`
}

/** The condition as SQL on a nullable text; a missing text equals ''. Empty where nothing is asked. */
export function conditionSql(bindings: Bindings, text: string, condition: TextCondition): string[] {
  const value = `coalesce(${text}, '')`
  const parts: string[] = []
  if (condition.in !== undefined) parts.push(inSql(bindings, value, condition.in))
  if (condition.notIn !== undefined) parts.push(`NOT ${inSql(bindings, value, condition.notIn)}`)
  if (condition.prefix !== undefined) parts.push(`starts_with(${value}, ${bindings.text(condition.prefix)})`)
  if (condition.exists !== undefined) parts.push(`${value} ${condition.exists ? '<>' : '='} ''`)
  return parts
}

function inSql(bindings: Bindings, value: string, texts: readonly string[]): string {
  // Never true, and still names the value: its own bindings may not go unused.
  if (texts.length === 0) return `(${value} IS NULL)`
  return `(${value} IN (${texts.map((text) => bindings.text(text)).join(', ')}))`
}
