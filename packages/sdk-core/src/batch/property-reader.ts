/**
 * Reads the attributes of one event or task run into scratch arrays, each once, before any of them reaches a column:
 * a getter that throws half-way then leaves nothing behind.
 */
import { toText } from '../attributes.js'
import type { DropReason } from '../stats.js'
import { isName } from '../text.js'

/** Far more than a row may have; what comes after is not even looked at. */
const maxRead = 256

export class PropertyReader {
  readonly keys: string[] = []
  readonly values: (string | number | boolean)[] = []
  count = 0
  /** Values or keys that the wire cannot carry were left out. */
  skipped = 0

  clear(): void {
    this.count = 0
    this.skipped = 0
  }

  /** Appends what `attributes` has; the reason where it cannot be read. */
  read(attributes: object | undefined | null): DropReason | undefined {
    if (attributes === undefined || attributes === null) return undefined
    if (typeof attributes !== 'object') return 'invalid_attributes'
    try {
      const bag = attributes as Record<string, unknown>
      for (const key in bag) {
        if (this.count + this.skipped >= maxRead) break
        this.put(key, bag[key])
      }
      return undefined
    } catch {
      return 'invalid_attributes'
    }
  }

  /** Appends one attribute; the caller sees to it that a key comes once. */
  put(key: string, value: unknown): void {
    const kept = toWire(value)
    if (kept === undefined || !isName(key)) {
      if (value !== undefined && value !== null && value !== '') this.skipped++
      return
    }
    this.keys[this.count] = key
    this.values[this.count] = kept
    this.count++
  }

  /** Replaces the attribute where the key is there already. */
  set(key: string, value: unknown): void {
    const kept = toWire(value)
    for (let i = 0; i < this.count; i++) {
      if (this.keys[i] === key) {
        if (kept !== undefined) this.values[i] = kept
        return
      }
    }
    this.put(key, value)
  }
}

/** Dates become ISO 8601; other objects, symbols, functions and numbers that are not finite are not carried. */
function toWire(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'boolean') return value
  if (value instanceof Date) return Number.isFinite(value.getTime()) ? value.toISOString() : undefined
  return toText(value)
}
