/** How far a time zone is from UTC at a moment: the reader's own by `Date`, any other through `Intl`. */

const hour = 3_600_000
const formatters = new Map<string, Intl.DateTimeFormat | undefined>()
const offsets = new Map<string, number>()
const maxOffsets = 2_000

/** Whether `Intl` knows the zone; the empty string and undefined are the reader's own. */
export function isTimeZone(zone: string): boolean {
  return partsFormat(zone) !== undefined
}

/** Local time minus UTC, in ms. A zone that is not known counts as the reader's own. */
export function zoneOffsetMs(timeMs: number, zone?: string): number {
  const format = zone ? partsFormat(zone) : undefined
  if (!format) return -new Date(timeMs).getTimezoneOffset() * 60_000
  // No zone changes its clocks within a quarter of an hour of UTC's: one look-up serves all times in it.
  const quarter = Math.floor(timeMs / (hour / 4)) * (hour / 4)
  const key = `${zone}${quarter}`
  let offset = offsets.get(key)
  if (offset === undefined) {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(quarter)) part[type] = Number(value)
    offset = Date.UTC(part.year, part.month - 1, part.day, part.hour % 24, part.minute, part.second) - quarter
    if (offsets.size >= maxOffsets) offsets.clear()
    offsets.set(key, offset)
  }
  return offset
}

function partsFormat(zone: string): Intl.DateTimeFormat | undefined {
  if (!formatters.has(zone)) formatters.set(zone, makeFormat(zone))
  return formatters.get(zone)
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = 'numeric'
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    })
  } catch {
    return undefined
  }
}
