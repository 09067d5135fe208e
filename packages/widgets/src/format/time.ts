/** Times through `Intl`: of day for tooltips, as short as the step allows for an axis, and relative for lists. */
import { currentLocale } from '../i18n/locale.js'
import { zoneOffsetMs } from './zone.js'

const formatters = new Map<string, Intl.DateTimeFormat>()
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

function dateFormat(options: Intl.DateTimeFormatOptions, timeZone?: string): Intl.DateTimeFormat {
  const locale = currentLocale()
  const key = `${locale}${timeZone ?? ''}${JSON.stringify(options)}`
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone: timeZone || undefined })
    formatters.set(key, formatter)
  }
  return formatter
}

const clock: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' }
const clockSeconds: Intl.DateTimeFormatOptions = { ...clock, second: '2-digit' }
const date: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric' }

export function formatClock(timeMs: number): string {
  return dateFormat(clockSeconds).format(timeMs)
}

/** With the year: for titles and exports. */
export function formatDateTime(timeMs: number, timeZone?: string): string {
  return dateFormat({ ...date, year: 'numeric', ...clockSeconds }, timeZone).format(timeMs)
}

/** A bucket's time, as exact as its step: seconds in short steps, the date from an hour on, no time of day from a day on. */
export function formatBucketTime(timeMs: number, stepMs: number, timeZone?: string): string {
  if (stepMs >= day) return dateFormat({ weekday: 'short', ...date }, timeZone).format(timeMs)
  if (stepMs >= hour) return dateFormat({ ...date, ...clock }, timeZone).format(timeMs)
  const nowMs = Date.now()
  const isToday = localDay(timeMs, timeZone) === localDay(nowMs, timeZone)
  return dateFormat({ ...(isToday ? {} : date), ...(stepMs < minute ? clockSeconds : clock) }, timeZone).format(timeMs)
}

/** A tick of a time axis whose ticks stand `incrementMs` apart; midnights carry the date. */
export function formatTick(timeMs: number, incrementMs: number, timeZone?: string): string {
  if (incrementMs >= 28 * day) return dateFormat({ month: 'short', year: '2-digit' }, timeZone).format(timeMs)
  const isMidnight = (timeMs + zoneOffsetMs(timeMs, timeZone)) % day < second
  if (incrementMs >= day || isMidnight) return dateFormat(date, timeZone).format(timeMs)
  return dateFormat(incrementMs < minute ? clockSeconds : clock, timeZone).format(timeMs)
}

function localDay(timeMs: number, timeZone: string | undefined): number {
  return Math.floor((timeMs + zoneOffsetMs(timeMs, timeZone)) / day)
}

/** "now", "12s ago", "5m ago": narrow, for lists. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const ageMs = Math.max(0, nowMs - timeMs)
  const relative = new Intl.RelativeTimeFormat(currentLocale(), { numeric: 'auto', style: 'narrow' })
  if (ageMs < 2 * second) return relative.format(0, 'second')
  if (ageMs < minute) return relative.format(-Math.floor(ageMs / second), 'second')
  if (ageMs < hour) return relative.format(-Math.floor(ageMs / minute), 'minute')
  if (ageMs < day) return relative.format(-Math.floor(ageMs / hour), 'hour')
  return relative.format(-Math.floor(ageMs / day), 'day')
}
