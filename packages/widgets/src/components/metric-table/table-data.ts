/** What a table shows: columns of the same length, as an answer or the page gives them. */
import type { ExportColumn } from '../../export/table.js'

export interface TableData {
  columns: readonly ExportColumn[]
  /** The course of each row's value, for its sparkline. */
  trends?: readonly (ArrayLike<number | null> | undefined)[] | undefined
}

export function rowsOf({ columns }: TableData): number {
  return columns[0]?.values.length ?? 0
}
