/** A table as JSON: columns with their units, and rows by name. */
import { type ExportTable, isoLocal, rowCount, timeZone } from './table.js'

export function toJson(table: ExportTable, nowMs = Date.now()): string {
  const { title, columns } = table
  const rows = Array.from({ length: rowCount(table) }, (_, row) =>
    Object.fromEntries(columns.map(({ name, kind, values }) => [name, jsonValue(kind, values[row])])),
  )
  return JSON.stringify(
    {
      title,
      exported_at: isoLocal(nowMs),
      time_zone: timeZone(),
      columns: columns.map(({ name, kind, unit }) => ({ name, kind, unit: unit ?? null })),
      rows,
    },
    null,
    1,
  )
}

function jsonValue(kind: string, value: number | string | null | undefined): number | string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (!Number.isFinite(value)) return null
  return kind === 'time' ? isoLocal(value) : value
}
