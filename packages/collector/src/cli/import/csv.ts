/** Reads CSV (RFC 4180): a header that names `timestamp`, `value`, perhaps `metric`; every other column is a tag. */
import type { KindCode } from '@telltale/protocol'
import { CommandFailure } from '../failure.js'
import { type BadLine, type Chunk, type ImportRow, linesOf, parseTime, problemOf } from './rows.js'

export interface TableOptions {
  /** Of every row, where no column says it. */
  metric?: string
  kind: KindCode
}

/** Where a table's columns are. */
export interface Layout {
  timestamp: number
  value: number
  metric: number
  tags: { name: string; column: number }[]
}

/** Records may go on over lines inside quotes; more than this is a quote that is never closed. */
const maxLinesOfRecord = 1000

export async function* readCsv(path: string, options: TableOptions): AsyncGenerator<Chunk> {
  let layout: Layout | undefined
  let columns = 0
  let open = { text: '', line: 0, lines: 0 }
  for await (const { first, lines } of linesOf(path)) {
    const chunk: Chunk = { rows: [], bad: [] }
    for (const [i, text] of lines.entries()) {
      const line = open.lines > 0 ? open.line : first + i
      const record = open.lines > 0 ? `${open.text}\n${text}` : text
      if (hasOpenQuote(record)) {
        open = { text: record, line, lines: open.lines + 1 }
        if (open.lines > maxLinesOfRecord)
          throw new CommandFailure(`${path}: the quote of line ${line} is never closed`)
        continue
      }
      open = { text: '', line: 0, lines: 0 }
      if (record === '') continue
      const cells = splitRecord(layout === undefined ? record.replace(/^\uFEFF/, '') : record)
      if (layout === undefined) {
        layout = layoutOf(path, cells, options)
        columns = cells.length
        continue
      }
      if (cells.length === 0) chunk.bad.push({ line, reason: 'there is text beside the quotes of a cell' })
      else if (cells.length !== columns) chunk.bad.push({ line, reason: `${cells.length} cells, not ${columns}` })
      else addRow(chunk, line, cells, layout, options)
    }
    yield chunk
  }
  if (open.lines > 0) throw new CommandFailure(`${path}: the quote of line ${open.line} is never closed`)
  if (layout === undefined) throw new CommandFailure(`${path} is empty: the first line names the columns`)
}

/** Throws where a column is missing, doubled, or contradicts the options. */
export function layoutOf(path: string, names: readonly string[], { metric }: TableOptions): Layout {
  const trimmed = names.map((name) => name.trim())
  const layout: Layout = { timestamp: -1, value: -1, metric: -1, tags: [] }
  for (const [column, name] of trimmed.entries()) {
    if (name === '') throw new CommandFailure(`${path}: column ${column + 1} has no name`)
    if (trimmed.indexOf(name) !== column) throw new CommandFailure(`${path}: two columns are called "${name}"`)
    if (name === 'timestamp' || name === 'value' || name === 'metric') layout[name] = column
    else layout.tags.push({ name, column })
  }
  for (const name of ['timestamp', 'value'] as const) {
    if (layout[name] < 0) throw new CommandFailure(`${path} has no column "${name}"; it has: ${trimmed.join(', ')}`)
  }
  if (layout.metric < 0 && metric === undefined) {
    throw new CommandFailure(`${path} has no column "metric". Name the metric of all rows with --metric`, 2)
  }
  if (layout.metric >= 0 && metric !== undefined) {
    throw new CommandFailure(`${path} has a column "metric", so that --metric would contradict it`, 2)
  }
  return layout
}

function addRow(
  chunk: Chunk,
  line: number,
  cells: readonly string[],
  layout: Layout,
  { metric, kind }: TableOptions,
): void {
  const tags: string[] = []
  for (const { name, column } of layout.tags) if (cells[column] !== '') tags.push(name, cells[column]!)
  const valueText = cells[layout.value]!.trim()
  const row: ImportRow = {
    line,
    metric: metric ?? cells[layout.metric]!,
    kind,
    unit: '',
    timeMs: parseTime(cells[layout.timestamp]!),
    value: valueText === '' ? Number.NaN : Number(valueText),
    tags,
  }
  pushRow(chunk, row)
}

export function pushRow(chunk: { rows: ImportRow[]; bad: BadLine[] }, row: ImportRow): void {
  const reason = problemOf(row)
  if (reason === undefined) chunk.rows.push(row)
  else chunk.bad.push({ line: row.line, reason })
}

function hasOpenQuote(text: string): boolean {
  let quotes = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++
  return quotes % 2 === 1
}

/** Nothing where a quote stands in the middle of a cell. */
function splitRecord(record: string): string[] {
  if (!record.includes('"')) return record.split(',')
  const cells: string[] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/gy
  for (;;) {
    const match = pattern.exec(record)
    if (match === null) return []
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (pattern.lastIndex >= record.length) {
      if (record.endsWith(',')) cells.push('')
      return cells
    }
  }
}
