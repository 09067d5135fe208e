/** Reads durations, points in time and ranges as requests give them: the first step of every query. */
import { TelltaleError } from '../errors.js'

export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
export const weekMs = 7 * dayMs

const unitMs: Record<string, number> = {
  ms: 1,
  s: secondMs,
  m: minuteMs,
  h: hourMs,
  d: dayMs,
  w: weekMs,
}

/** The longest range that one query may span. */
export const maxRangeMs = 3653 * dayMs

/** The last moment that can be asked for: the end of the year 9999. */
const maxTimeMs = Date.UTC(10_000, 0, 1) - 1

export interface Range {
  /** Half-open: startMs ≤ t < endMs, whole milliseconds. */
  startMs: number
  endMs: number
}

/** Milliseconds of `500ms`, `5s`, `1.5h`, `30d`; NaN for any other text. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text)
  if (match === null) return Number.NaN
  return Number(match[1]) * unitMs[match[2]!]!
}

/** The shortest spelling of a length: 90000 → `90s`, 86400000 → `1d`. */
export function formatDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's']) {
    if (ms >= unitMs[unit]! && ms % unitMs[unit]! === 0) return `${ms / unitMs[unit]!}${unit}`
  }
  return `${ms}ms`
}

/** Resolves both ends against one `now`, so that `now-1h` to `now` is exactly an hour. */
export function resolveRange(
  range: { start: string | number; end: string | number },
  nowMs: number,
  field = 'time_range',
): Range {
  const startMs = parseTimePoint(range.start, nowMs, `${field}.start`)
  const endMs = parseTimePoint(range.end, nowMs, `${field}.end`)
  if (startMs >= endMs) {
    throw new TelltaleError(
      'invalid_time_range',
      `${field}: start (${show(range.start)}) must be before end (${show(range.end)}).`,
    )
  }
  if (endMs - startMs > maxRangeMs) {
    throw new TelltaleError(
      'invalid_time_range',
      `${field}: from ${show(range.start)} to ${show(range.end)} is more than 10 years; ask for a shorter range.`,
    )
  }
  return { startMs, endMs }
}

/** Unix milliseconds of ISO 8601 (without a zone: UTC), `now`, `now-1h30m`, or Unix milliseconds. */
export function parseTimePoint(value: string | number, nowMs: number, field: string): number {
  const ms = typeof value === 'number' ? value : parseTimeText(value.trim(), nowMs)
  if (!Number.isFinite(ms)) {
    throw new TelltaleError(
      'invalid_time_range',
      `${field}: ${show(value)} is not a time. Use ISO 8601 (2026-01-31T12:00:00Z), now, now-1h, or Unix milliseconds.`,
    )
  }
  if (ms < 0 || ms > maxTimeMs) {
    throw new TelltaleError('invalid_time_range', `${field}: ${show(value)} lies outside the years 1970 to 9999.`)
  }
  return Math.floor(ms)
}

function parseTimeText(text: string, nowMs: number): number {
  if (text.startsWith('now')) return parseRelative(text.slice(3), nowMs)
  if (/^-?\d+(\.\d+)?$/.test(text) && text.length > 4) return Number(text)
  return parseIso(text)
}

/** `''`, `-1h`, `-1h30m`, `+5m`, `-1d+2h`. */
function parseRelative(text: string, nowMs: number): number {
  if (text === '') return nowMs
  if (!/^([+-](\d+(\.\d+)?(ms|s|m|h|d|w))+)+$/.test(text)) return Number.NaN
  let result = nowMs
  for (const [, sign, lengths] of text.matchAll(/([+-])([^+-]+)/g)) {
    for (const [length] of lengths!.matchAll(/\d+(?:\.\d+)?(?:ms|s|m|h|d|w)/g)) {
      result += (sign === '-' ? -1 : 1) * parseDurationMs(length)
    }
  }
  return result
}

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d)?)?)?$/

/** `Date.parse` reads a text without a zone as local time, and takes many other formats: so a reader of our own. */
function parseIso(text: string): number {
  const match = isoPattern.exec(text)
  if (match === null) return Number.NaN
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as number[]
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000)
  if (month! < 1 || month! > 12 || day! < 1 || hour! > 24 || minute! > 59 || second! > 59) return Number.NaN
  if (day! > new Date(Date.UTC(year!, month!, 0)).getUTCDate()) return Number.NaN
  if (hour === 24 && (minute !== 0 || second !== 0 || milliseconds !== 0)) return Number.NaN
  if (year! < 100) return -1
  const zoneMinutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)
  const utc = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, milliseconds)
  return utc - (match[8] === '-' ? -1 : 1) * zoneMinutes * minuteMs
}

function show(value: string | number): string {
  return JSON.stringify(value)
}
