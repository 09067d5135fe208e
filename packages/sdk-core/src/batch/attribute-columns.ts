/** Attributes of rows as columns: one for each key and type, holding the rows that have it. */
import type { AttributeColumn } from '@telltale/protocol'
import { maxValueBytes, truncate } from '../text.js'
import type { Dictionary } from './dictionary.js'

type ColumnType = AttributeColumn['type']

interface Column {
  readonly type: ColumnType
  readonly dimension: boolean
  readonly rows: number[]
  readonly values: number[]
}

/** What a key has been given so far. Most keys keep one type, so the first column is nearly always the right one. */
interface KeyColumns {
  readonly ref: number
  readonly columns: Column[]
}

export class AttributeColumns {
  readonly #dictionary: Dictionary
  readonly #keys = new Map<string, KeyColumns>()
  /** Columns so far. */
  count = 0

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary
  }

  /** `key` is a name, and `value` was read once and is finite; each key comes at most once a row. */
  put(row: number, key: string, value: string | number | boolean, dimension: boolean): void {
    let entry = this.#keys.get(key)
    if (entry === undefined) {
      entry = { ref: this.#dictionary.ref(key), columns: [] }
      this.#keys.set(key, entry)
    }
    const type = typeof value as ColumnType | 'boolean'
    const column = this.#column(entry.columns, type === 'boolean' ? 'bool' : type, dimension)
    column.rows.push(row)
    if (typeof value === 'string') column.values.push(this.#dictionary.ref(truncate(value, maxValueBytes)))
    else column.values.push(typeof value === 'number' ? value : value ? 1 : 0)
  }

  /** `rowCount`: rows of the table, to tell a column that holds all of them. */
  finish(rowCount: number): AttributeColumn[] {
    const finished: AttributeColumn[] = []
    for (const { ref, columns } of this.#keys.values()) {
      for (const { type, dimension, rows, values } of columns) {
        finished.push({ key: ref, row: rows.length === rowCount ? undefined : rows, type, value: values, dimension })
      }
    }
    return finished
  }

  #column(columns: Column[], type: ColumnType, dimension: boolean): Column {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]
      if (column.type === type && column.dimension === dimension) return column
    }
    const made: Column = { type, dimension, rows: [], values: [] }
    columns.push(made)
    this.count++
    return made
  }
}
