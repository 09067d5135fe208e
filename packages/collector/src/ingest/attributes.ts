/** Attribute columns of events, tasks and sessions → one record a row. */
import type { AttributeColumn } from '@telltale/protocol'
import type { Context } from '../model.js'
import { isName } from './numbering.js'

/** The text of a cell as a tag. */
function tagText(column: AttributeColumn, entry: number, strings: readonly string[]): string {
  const value = column.value[entry]
  if (column.type === 'string') return strings[value]
  if (column.type === 'bool') return value === 0 ? 'false' : 'true'
  return String(value)
}

function cell(column: AttributeColumn, entry: number, strings: readonly string[]): string | number | boolean {
  const value = column.value[entry]
  if (column.type === 'string') return strings[value]
  return column.type === 'bool' ? value !== 0 : value
}

export interface AttributeRows {
  /** By row. */
  contexts: Context[]
  /** Rows with an attribute that cannot be stored. */
  badNames: ReadonlySet<number>
  notFinite: ReadonlySet<number>
}

/** Each row's attributes, over those of the resource. */
export function attributeRows(
  columns: readonly AttributeColumn[],
  count: number,
  strings: readonly string[],
  resource: Readonly<Record<string, string>>,
): AttributeRows {
  const contexts: Context[] = new Array(count)
  for (let row = 0; row < count; row++) contexts[row] = { ...resource }
  const badNames = new Set<number>()
  const notFinite = new Set<number>()
  for (const column of columns) {
    const key = strings[column.key]
    const named = isName(key)
    const entries = column.value.length
    for (let entry = 0; entry < entries; entry++) {
      const row = column.row ? column.row[entry] : entry
      const value = cell(column, entry, strings)
      if (!named) badNames.add(row)
      else if (typeof value === 'number' && !Number.isFinite(value)) notFinite.add(row)
      else if (value !== '') contexts[row][key] = value
    }
  }
  return { contexts, badNames, notFinite }
}

/** Attributes that the sender marked as dimensions, as tags by row; undefined where none is marked. */
export function dimensionRows(
  columns: readonly AttributeColumn[],
  count: number,
  strings: readonly string[],
): [key: string, value: string][][] | undefined {
  if (!columns.some((column) => column.dimension)) return undefined
  const rows: [string, string][][] = Array.from({ length: count }, () => [])
  for (const column of columns) {
    if (!column.dimension) continue
    const key = strings[column.key]
    for (let entry = 0; entry < column.value.length; entry++) {
      const row = column.row ? column.row[entry] : entry
      rows[row].push([key, tagText(column, entry, strings)])
    }
  }
  return rows
}
