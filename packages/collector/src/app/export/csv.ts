/** A sheet as CSV by RFC 4180: CRLF, quotes where they are needed, and no cell that a spreadsheet would run as a formula. */
import { localTime, type TimeText } from './local-time.js'
import type { Cell, CellType, Sheet } from './sheet.js'

export async function* csvOf({ columns, batches, timeZone }: Sheet): AsyncGenerator<string> {
  const time = localTime(timeZone)
  const line = (cells: readonly string[]) => `${cells.join(',')}\r\n`
  yield line(columns.map(({ name }) => quoted(guarded(name))))
  for await (const rows of batches) {
    yield rows.map((row) => line(row.map((cell, i) => cellText(cell, columns[i].type, time)))).join('')
  }
}

function cellText(cell: Cell, type: CellType, time: TimeText): string {
  if (cell === null) return ''
  if (type === 'time') return time(cell as number)
  if (type === 'number') return String(cell)
  return quoted(guarded(type === 'json' ? JSON.stringify(cell) : String(cell)))
}

/** Spreadsheets run what begins like a formula, whoever wrote it; numbers that begin with a sign stay what they are. */
export function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !isNumber(text) ? `'${text}` : text
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
