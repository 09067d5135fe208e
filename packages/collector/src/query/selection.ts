/** Filters and groups: which series a query matches, and the group that each belongs to. */
import type { Filters, Tags } from '@telltale/protocol/api'
import type { Attributes } from '../model.js'
import type { TextCondition } from '../store/store.js'

type Filter = Filters[string]
type Scalar = string | number | boolean

/** Conditions of the API as conditions on texts: numbers and booleans compare as they are written. */
export function textConditions(filters: Filters): Record<string, TextCondition> {
  const conditions: [string, TextCondition][] = []
  for (const [key, filter] of Object.entries(filters)) conditions.push([key, textCondition(filter)])
  // From entries, so that a tag named __proto__ stays an ordinary key.
  return Object.fromEntries(conditions)
}

function textCondition(filter: Filter): TextCondition {
  if (typeof filter !== 'object') return { in: [String(filter)] }
  const condition: TextCondition = {}
  if (filter.in !== undefined) condition.in = texts(filter.in)
  if (filter.eq !== undefined) {
    const text = String(filter.eq)
    condition.in = condition.in === undefined || condition.in.includes(text) ? [text] : []
  }
  if (filter.not !== undefined) condition.notIn = texts(Array.isArray(filter.not) ? filter.not : [filter.not])
  if (filter.prefix !== undefined) condition.prefix = filter.prefix
  if (filter.exists !== undefined) condition.exists = filter.exists
  return condition
}

function texts(values: readonly Scalar[]): string[] {
  return [...new Set(values.map(String))]
}

/** Spells filters in one way, whatever their order and that of their values: a part of keys. */
export function filtersKey(filters: Filters): unknown[] {
  return Object.entries(textConditions(filters))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { in: wanted, notIn, prefix, exists }]) => [
      key,
      wanted && [...wanted].sort(),
      notIn && [...notIn].sort(),
      prefix,
      exists,
    ])
}

export type Matcher = (attributes: Attributes) => boolean

/** Sets are built once, for a metric may have a hundred thousand series. */
export function matcherOf(conditions: Record<string, TextCondition>): Matcher {
  const checks = Object.entries(conditions).map(([key, condition]) => ({
    key,
    in: condition.in === undefined ? undefined : new Set(condition.in),
    notIn: condition.notIn === undefined ? undefined : new Set(condition.notIn),
    prefix: condition.prefix,
    exists: condition.exists,
  }))
  return (attributes) => {
    for (const check of checks) {
      const value = attributeValue(attributes, check.key)
      const text = value ?? ''
      if (check.in !== undefined && !check.in.has(text)) return false
      if (check.notIn?.has(text)) return false
      if (check.prefix !== undefined && !text.startsWith(check.prefix)) return false
      // An empty tag is a missing one, here as everywhere.
      if (check.exists !== undefined && check.exists !== (text !== '')) return false
    }
    return true
  }
}

export function attributeValue(attributes: Attributes, key: string): string | undefined {
  for (const attribute of attributes) if (attribute[0] === key) return attribute[1]
  return undefined
}

/** Numbers groups from 0 in the order in which they turn up. */
export class Groups {
  readonly keys: readonly string[]
  /** Values of `keys`, by group; null where a series has no such tag. */
  readonly values: (string | null)[][] = []
  readonly #numbers = new Map<string | null, number>()

  constructor(keys: readonly string[]) {
    this.keys = [...new Set(keys)]
  }

  get size(): number {
    return this.values.length
  }

  /** Called for each series of a metric, of which there may be a hundred thousand: nothing is made for a known group. */
  numberOf(attributes: Attributes): number {
    const { keys } = this
    let name: string | null = null
    if (keys.length === 1) name = attributeValue(attributes, keys[0]!) || null
    else {
      for (let i = 0; i < keys.length; i++) {
        const value = attributeValue(attributes, keys[i]!) || ''
        name = `${name ?? ''}${value.length}:${value}`
      }
    }
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, this.values.length)
    return this.values.push(keys.map((key) => attributeValue(attributes, key) || null)) - 1
  }

  tags(group: number): Tags {
    const values = this.values[group]!
    return Object.fromEntries(this.keys.map((key, i) => [key, values[i]!]))
  }

  /** Group numbers in the order of their tags; missing tags come first. */
  sorted(): number[] {
    return this.values.map((_, group) => group).sort((a, b) => this.#compare(a, b))
  }

  #compare(a: number, b: number): number {
    const left = this.values[a]!
    const right = this.values[b]!
    for (let i = 0; i < left.length; i++) {
      const x = left[i]!
      const y = right[i]!
      if (x === y) continue
      if (x === null) return -1
      if (y === null) return 1
      return x < y ? -1 : 1
    }
    return 0
  }
}
