/** What a range picker holds, as text: `1h` for a window that moves, `START/END` (ISO 8601) for one that does not. */
import { parseDurationMs } from '../../client/clock.js'
import type { Span } from '../../client/group.js'
import { zoneOffsetMs } from '../../format/zone.js'

export type RangeValue = { range: string; fixed: null } | { range: undefined; fixed: Span }

/** Undefined for what is neither. */
export function parseRange(text: string): RangeValue | undefined {
  const trimmed = text.trim()
  if (parseDurationMs(trimmed) > 0) return { range: trimmed, fixed: null }
  const [start, end] = trimmed.split('/').map((part) => Date.parse(part))
  return end > start ? { range: undefined, fixed: { startMs: start, endMs: end } } : undefined
}

export function rangeText({ range, fixed }: RangeValue): string {
  const iso = (timeMs: number) => new Date(timeMs).toISOString()
  return fixed ? `${iso(fixed.startMs)}/${iso(fixed.endMs)}` : range
}

/** A moment as `<input type="datetime-local">` writes it, in a time zone. */
export function toLocalInput(timeMs: number, timeZone: string | undefined): string {
  return new Date(timeMs + zoneOffsetMs(timeMs, timeZone)).toISOString().slice(0, 16)
}

/** NaN for what is no time. */
export function fromLocalInput(text: string, timeZone: string | undefined): number {
  const localMs = Date.parse(`${text}Z`)
  if (Number.isNaN(localMs)) return Number.NaN
  // The offset of a moment near by, then that of the moment itself.
  const guess = localMs - zoneOffsetMs(localMs, timeZone)
  return localMs - zoneOffsetMs(guess, timeZone)
}
