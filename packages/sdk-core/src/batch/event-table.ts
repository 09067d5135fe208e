/** Events of one batch, written straight into their columns. */
import type { Events } from '@telltale/protocol'
import { maxValueBytes, truncate } from '../text.js'
import { AttributeColumns } from './attribute-columns.js'
import type { Dictionary } from './dictionary.js'
import type { PropertyReader } from './property-reader.js'

/** Attributes that have columns of their own; a value that is no string becomes one. */
const idColumns = { 'user.id': 'user', 'org.id': 'org', 'session.id': 'session' } as const

export class EventTable {
  readonly #dictionary: Dictionary
  readonly #attributes: AttributeColumns
  readonly #names: number[] = []
  readonly #timesMs: number[] = []
  readonly #ids = { user: [] as number[], org: [] as number[], session: [] as number[] }
  /** Attribute values so far: what the table takes beyond its rows. */
  cells = 0

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary
    this.#attributes = new AttributeColumns(dictionary)
  }

  get columns(): number {
    return this.#attributes.count
  }

  get count(): number {
    return this.#names.length
  }

  append(name: string, timeMs: number, properties: PropertyReader): void {
    const dictionary = this.#dictionary
    const row = this.#names.length
    this.#names.push(dictionary.ref(name))
    this.#timesMs.push(timeMs)
    const { keys, values, count } = properties
    this.cells += count
    for (let i = 0; i < count; i++) {
      const key = keys[i]
      const value = values[i]
      // Keys of this kind end in `.id`; the cheap test spares the look-up for all others.
      if (key.charCodeAt(key.length - 1) === 0x64 && key in idColumns) {
        const column = this.#ids[idColumns[key as keyof typeof idColumns]]
        while (column.length < row) column.push(0)
        column.push(dictionary.ref(truncate(String(value), maxValueBytes)))
      } else {
        this.#attributes.put(row, key, value, false)
      }
    }
  }

  finish(toUnixMs: (monotonicMs: number) => number): Events | undefined {
    const count = this.count
    if (count === 0) return undefined
    return {
      count,
      name: this.#names,
      timeMs: this.#timesMs.map(toUnixMs),
      user: padded(this.#ids.user, count),
      org: padded(this.#ids.org, count),
      session: padded(this.#ids.session, count),
      attributes: this.#attributes.finish(count),
    }
  }
}

/** Columns are whole or absent. */
export function padded(column: number[], count: number, empty = 0): number[] | undefined {
  if (column.length === 0) return undefined
  while (column.length < count) column.push(empty)
  return column
}
