/** Attributes as hosts give them, and as series carry them: sorted, flat, strings only. */
import { isName, maxValueBytes, truncate } from './text.js'

/** A value that is neither string, number nor boolean is left out. */
export type AttributeValue = string | number | boolean | null | undefined
export type AnyAttributes = Readonly<Record<string, AttributeValue>>

/** Events and task runs keep the types of their attributes; dates become ISO 8601 text. */
export type Properties = Readonly<Record<string, AttributeValue | Date>>

/** Key, value, key, value, … in the order of the keys. */
export type AttributeList = readonly string[]

export const noAttributes: AttributeList = []

/** The wire's bound for one series or row, resource attributes included. */
export const maxAttributesOnWire = 32

export interface CanonicalAttributes {
  list: AttributeList
  /** Names the series within its metric, whatever the order of the keys and the type of the values. */
  key: string
  /** False where a value was cut or left out: caching by the raw values would keep them alive. */
  cacheable: boolean
}

/**
 * Reads `attributes` once, through whatever getters it has, so this may throw. `declared` limits the keys; without it
 * all own keys count.
 */
export function canonicalise(attributes: AnyAttributes, declared?: readonly string[]): CanonicalAttributes {
  const keys = declared === undefined ? Object.keys(attributes) : declared.slice()
  keys.sort()
  const list: string[] = []
  let cacheable = true
  for (const name of keys) {
    const raw = attributes[name]
    if (raw === undefined || raw === null) continue
    const value = toText(raw)
    if (value === undefined || !isName(name)) {
      cacheable = false
      continue
    }
    const bounded = truncate(value, maxValueBytes)
    if (bounded !== value) cacheable = false
    // An empty value is no value: the wire cannot tell it from absence.
    if (bounded !== '') list.push(name, bounded)
  }
  return { list, key: seriesKey(list), cacheable }
}

/** Lengths in front make the key unambiguous, whatever characters the values hold. */
export function seriesKey(list: AttributeList): string {
  let key = ''
  for (const text of list) key += `${text.length}:${text}`
  return key
}

export function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return undefined
}
