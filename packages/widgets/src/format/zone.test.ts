import { expect, test } from 'vitest'
import { formatTick } from './time.js'
import { isTimeZone, zoneOffsetMs } from './zone.js'

const hour = 3_600_000

test('offsets follow the clocks of a zone', () => {
  expect(zoneOffsetMs(Date.parse('2026-01-15T12:00:00Z'), 'Europe/Berlin')).toBe(hour)
  expect(zoneOffsetMs(Date.parse('2026-07-15T12:00:00Z'), 'Europe/Berlin')).toBe(2 * hour)
  const change = Date.parse('2026-03-29T01:00:00Z')
  expect([change - 1, change].map((t) => zoneOffsetMs(t, 'Europe/Berlin'))).toEqual([hour, 2 * hour])
  expect(zoneOffsetMs(change, 'Asia/Kathmandu')).toBe(5.75 * hour)
  expect(zoneOffsetMs(change, 'UTC')).toBe(0)
})

test('a zone that nobody knows is said to be none, and counts as the own', () => {
  expect(isTimeZone('Mars/Olympus')).toBe(false)
  expect(isTimeZone('Asia/Tokyo')).toBe(true)
  expect(zoneOffsetMs(0, 'Mars/Olympus')).toBe(-new Date(0).getTimezoneOffset() * 60_000)
})

test('midnight is the zone’s own', () => {
  const midnight = Date.parse('2026-05-04T22:00:00Z')
  expect(formatTick(midnight, hour, 'Europe/Berlin')).toMatch(/May 5|5 May|5\. Mai/)
  expect(formatTick(midnight, hour, 'UTC')).toMatch(/10:00|22:00/)
})
