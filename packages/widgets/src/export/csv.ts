/**
 * A table as CSV (RFC 4180): CRLF, quotes doubled, a header with units and the time zone. Text that a spreadsheet would run
 * as a formula gets an apostrophe before it; numbers are written in full.
 */
import { type ExportColumn, type ExportTable, isoLocal, rowCount, timeZone } from './table.js'

const formulaStart = /^[=+\-@\t\r]/
const needsQuotes = /[",\r\n]/
/** Spreadsheets take a file for their own 8-bit set without it; programs do better without, so only where it matters. */
const byteOrderMark = '\ufeff'

export function toCsv(table: ExportTable): string {
  const lines = [table.columns.map(heading).join(',')]
  for (let row = 0; row < rowCount(table); row++) {
    lines.push(table.columns.map((column) => cell(column, row)).join(','))
  }
  const text = `${lines.join('\r\n')}\r\n`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the ASCII range is meant.
  return /^[\x00-\x7f]*$/.test(text) ? text : byteOrderMark + text
}

function heading({ name, kind, unit }: ExportColumn): string {
  if (kind === 'time') return quoted(`${name} (${timeZone()})`)
  return quoted(guarded(unit && unit !== '1' ? `${name} (${unit})` : name))
}

function cell({ kind, values }: ExportColumn, row: number): string {
  const value = values[row]
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return quoted(guarded(value))
  if (!Number.isFinite(value)) return ''
  return kind === 'time' ? isoLocal(value) : String(value)
}

function guarded(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
