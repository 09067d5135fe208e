/** Times through `Intl`: of day for tooltips, as short as the step allows for an axis, and relative for lists. */
import { pageLocale } from './number.js'

const formatters = new Map<string, Intl.DateTimeFormat>()
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = pageLocale()
  const key = `${locale}${JSON.stringify(options)}`
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, options)
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
export function formatDateTime(timeMs: number): string {
  return dateFormat({ ...date, year: 'numeric', ...clockSeconds }).format(timeMs)
}

/** A bucket's time, as exact as its step: seconds in short steps, the date from an hour on, no time of day from a day on. */
export function formatBucketTime(timeMs: number, stepMs: number): string {
  if (stepMs >= day) return dateFormat({ weekday: 'short', ...date }).format(timeMs)
  if (stepMs >= hour) return dateFormat({ ...date, ...clock }).format(timeMs)
  const isToday = new Date(timeMs).toDateString() === new Date().toDateString()
  return dateFormat({ ...(isToday ? {} : date), ...(stepMs < minute ? clockSeconds : clock) }).format(timeMs)
}

/** A tick of a time axis whose ticks stand `incrementMs` apart; midnights carry the date. */
export function formatTick(timeMs: number, incrementMs: number): string {
  if (incrementMs >= 28 * day) return dateFormat({ month: 'short', year: '2-digit' }).format(timeMs)
  const at = new Date(timeMs)
  const isMidnight = at.getHours() + at.getMinutes() + at.getSeconds() === 0
  if (incrementMs >= day || isMidnight) return dateFormat(date).format(timeMs)
  return dateFormat(incrementMs < minute ? clockSeconds : clock).format(timeMs)
}

/** "now", "12s ago", "5m ago": narrow, for lists. */
export function formatAgo(timeMs: number, nowMs: number): string {
  const ageMs = Math.max(0, nowMs - timeMs)
  const relative = new Intl.RelativeTimeFormat(pageLocale(), { numeric: 'auto', style: 'narrow' })
  if (ageMs < 2 * second) return relative.format(0, 'second')
  if (ageMs < minute) return relative.format(-Math.floor(ageMs / second), 'second')
  if (ageMs < hour) return relative.format(-Math.floor(ageMs / minute), 'minute')
  if (ageMs < day) return relative.format(-Math.floor(ageMs / hour), 'hour')
  return relative.format(-Math.floor(ageMs / day), 'day')
}
