/** Which rows of a table are shown, and in what order: a list of row numbers, so that 100,000 rows are sorted without a copy. */
import type { ExportColumn } from '../../export/table.js'
import { rowsOf, type TableData } from './table-data.js'

export interface TableSort {
  column: number
  order: 'asc' | 'desc'
}

export class TableView {
  readonly data: TableData
  /** Row numbers in the order in which they are shown. */
  order: Uint32Array
  #haystack: string[] | undefined
  #matching: Uint32Array
  #search = ''
  #sort: TableSort | undefined

  constructor(data: TableData) {
    this.data = data
    this.#matching = Uint32Array.from({ length: rowsOf(data) }, (_, row) => row)
    this.order = this.#matching
  }

  /** Rows whose texts contain every word of `search`, sorted; what has no value comes last either way. */
  show(search: string, sort: TableSort | undefined, locale: string | undefined): void {
    const isSearched = search !== this.#search
    const isSorted = sort?.column !== this.#sort?.column || sort?.order !== this.#sort?.order
    if (!isSearched && !isSorted) return
    if (isSearched) this.#matching = this.#find(search)
    this.#search = search
    this.#sort = sort
    this.order = sort ? sortRows(this.#matching, this.data.columns[sort.column], sort.order, locale) : this.#matching
  }

  #find(search: string): Uint32Array {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    const count = rowsOf(this.data)
    if (words.length === 0) return Uint32Array.from({ length: count }, (_, row) => row)
    const texts = this.data.columns.filter(({ kind }) => kind === 'text')
    this.#haystack ??= Array.from({ length: count }, (_, row) =>
      texts
        .map(({ values }) => String(values[row] ?? ''))
        .join('\n')
        .toLowerCase(),
    )
    const haystack = this.#haystack
    const found: number[] = []
    for (let row = 0; row < count; row++) if (words.every((word) => haystack[row].includes(word))) found.push(row)
    return Uint32Array.from(found)
  }
}

function sortRows(
  rows: Uint32Array,
  { kind, values }: ExportColumn,
  order: 'asc' | 'desc',
  locale: string | undefined,
): Uint32Array {
  const sign = order === 'asc' ? 1 : -1
  const isMissing = (row: number) => {
    const value = values[row]
    return value === null || value === undefined || value === '' || (typeof value === 'number' && Number.isNaN(value))
  }
  const present = rows.filter((row) => !isMissing(row))
  const missing = rows.filter(isMissing)
  if (kind === 'text') {
    const { compare } = new Intl.Collator(locale, { numeric: true })
    present.sort((a, b) => sign * compare(values[a] as string, values[b] as string) || a - b)
  } else {
    present.sort((a, b) => sign * ((values[a] as number) - (values[b] as number)) || a - b)
  }
  const sorted = new Uint32Array(rows.length)
  sorted.set(present)
  sorted.set(missing, present.length)
  return sorted
}

export interface RowWindow {
  from: number
  to: number
}

/** The rows that are on the screen, and some more on both sides; even numbers, so that stripes and keys stay. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number): RowWindow {
  const spare = 8
  const from = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - spare)
  const to = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare)
  return { from: from - (from % 2), to: Math.max(to, from) }
}
