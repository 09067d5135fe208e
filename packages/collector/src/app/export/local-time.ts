/** Writes instants as a wall clock shows them, with its offset: `2026-01-15T13:00:00.000+01:00`. */
import { TelltaleError } from '../../errors.js'

export type TimeText = (timeMs: number) => string

/** Rows of one export share their times mostly: the last one is remembered. */
export function localTime(timeZone: string): TimeText {
  const format = formatOf(timeZone)
  if (format.resolvedOptions().timeZone === 'UTC') return (timeMs) => new Date(timeMs).toISOString()
  let lastMs = Number.NaN
  let lastText = ''
  return (timeMs) => {
    if (timeMs === lastMs) return lastText
    const parts = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, value]))
    // "GMT+05:30", or "GMT" alone for none; old zones may have seconds, which ISO 8601 leaves out.
    const offset = parts.timeZoneName.slice(3, 9) || '+00:00'
    const milliseconds = String(((timeMs % 1000) + 1000) % 1000).padStart(3, '0')
    const clock = `${parts.hour}:${parts.minute}:${parts.second}.${milliseconds}`
    lastMs = timeMs
    lastText = `${parts.year.padStart(4, '0')}-${parts.month}-${parts.day}T${clock}${offset}`
    return lastText
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    })
  } catch {
    throw new TelltaleError(
      'invalid_time_zone',
      `time_zone: ${JSON.stringify(timeZone)} is not a known zone. Use an IANA name such as Europe/Berlin, or UTC.`,
    )
  }
}
