/** What a tag gives away when it is exported: its data as columns, in the units in which they came. */

export interface ExportColumn {
  name: string
  /** `time`: Unix ms. */
  kind: 'time' | 'number' | 'text'
  unit?: string
  values: ArrayLike<number | string | null | undefined>
}

export interface ExportTable {
  title: string
  columns: readonly ExportColumn[]
}

export function rowCount({ columns }: ExportTable): number {
  return columns[0]?.values.length ?? 0
}

/** The time zone in which exports write times: the reader's. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** ISO 8601 with the reader's offset at that time: `2026-03-29T03:00:00.000+02:00`. */
export function isoLocal(timeMs: number): string {
  const at = new Date(timeMs)
  const offset = -at.getTimezoneOffset()
  if (offset === 0) return at.toISOString()
  const local = new Date(timeMs + offset * 60_000).toISOString().slice(0, -1)
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0')
  return `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`
}
