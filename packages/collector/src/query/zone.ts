/**
 * Wall clocks of IANA time zones: where a zone's offset from UTC changes, and at which instant a wall clock first shows
 * a given time. Bucket edges in a time zone come from here.
 *
 * "Wall milliseconds" are what a wall clock shows, read as if it stood in UTC: instant + offset.
 */
import { TelltaleError } from '../errors.js'
import { dayMs } from './time.js'

/** A stretch of time in which the offset stays the same. */
export interface Regime {
  startMs: number
  endMs: number
  offsetMs: number
}

const maxCachedZones = 128
const maxCachedYears = 64
const zones = new Map<string, Zone>()

/** The zone of that name; building one costs about 50 µs, so they are kept. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = new Zone(name)
  if (zones.size >= maxCachedZones) zones.delete(zones.keys().next().value!)
  zones.set(name, zone)
  return zone
}

export class Zone {
  readonly name: string
  readonly isUtc: boolean
  readonly #format: Intl.DateTimeFormat
  /** Instants at which the offset changes, by UTC year. */
  readonly #changesByYear = new Map<number, number[]>()

  constructor(name: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
    } catch {
      throw new TelltaleError(
        'invalid_time_zone',
        `time_zone: ${JSON.stringify(name)} is not a known zone. Use an IANA name such as Europe/Berlin, or UTC.`,
      )
    }
    this.name = name
    this.isUtc = this.#format.resolvedOptions().timeZone === 'UTC'
  }

  offsetMs(instantMs: number): number {
    if (this.isUtc) return 0
    // "12/31/2025, 23:59:58": six numbers, whatever stands between them.
    const [month, day, year, hour, minute, second] = this.#format.format(instantMs).match(/\d+/g)!.map(Number)
    const wallMs = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!)
    return wallMs - Math.floor(instantMs / 1000) * 1000
  }

  /** The regimes that cover startMs ≤ t < endMs, in order and without gaps; the outer ones are clipped. */
  regimes(startMs: number, endMs: number): Regime[] {
    const result: Regime[] = []
    let from = startMs
    for (const changeMs of this.#changes(startMs, endMs)) {
      result.push({ startMs: from, endMs: changeMs, offsetMs: this.offsetMs(from) })
      from = changeMs
    }
    result.push({ startMs: from, endMs, offsetMs: this.offsetMs(from) })
    return result
  }

  #changes(startMs: number, endMs: number): number[] {
    if (this.isUtc) return []
    const result: number[] = []
    const lastYear = new Date(endMs).getUTCFullYear()
    for (let year = new Date(startMs).getUTCFullYear(); year <= lastYear; year++) {
      for (const changeMs of this.#changesOf(year)) if (changeMs > startMs && changeMs < endMs) result.push(changeMs)
    }
    return result
  }

  /** Looks at each day's start, and halves the days over which the offset changed. */
  #changesOf(year: number): number[] {
    const known = this.#changesByYear.get(year)
    if (known !== undefined) return known
    const changes: number[] = []
    const endMs = Date.UTC(year + 1, 0, 1)
    let before = this.offsetMs(Date.UTC(year, 0, 1))
    for (let fromMs = Date.UTC(year, 0, 1); fromMs < endMs; fromMs += dayMs) {
      const after = this.offsetMs(fromMs + dayMs)
      if (after !== before) changes.push(this.#bisect(fromMs, fromMs + dayMs, before))
      before = after
    }
    if (this.#changesByYear.size >= maxCachedYears) this.#changesByYear.clear()
    this.#changesByYear.set(year, changes)
    return changes
  }

  /** The first whole second in (fromMs, toMs] whose offset is not `before`. */
  #bisect(fromMs: number, toMs: number, before: number): number {
    let low = fromMs / 1000
    let high = toMs / 1000
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.offsetMs(middle * 1000) === before) low = middle
      else high = middle
    }
    return high * 1000
  }
}
