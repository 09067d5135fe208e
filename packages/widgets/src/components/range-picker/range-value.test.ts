import { expect, test } from 'vitest'
import { fromLocalInput, parseRange, rangeText, toLocalInput } from './range-value.js'

test('a width, or a start and an end', () => {
  expect(parseRange(' 15m ')).toEqual({ range: '15m', fixed: null })
  const text = '2026-01-15T12:00:00.000Z/2026-01-16T12:00:00.000Z'
  const parsed = parseRange(text)!
  expect(parsed.fixed!.endMs - parsed.fixed!.startMs).toBe(86_400_000)
  expect(rangeText(parsed)).toBe(text)
  for (const wrong of ['', 'soon', '0m', '2026-01-16/2026-01-15', 'a/b']) expect(parseRange(wrong)).toBeUndefined()
})

test('local times are those of the zone, over a change of its clocks too', () => {
  for (const iso of ['2026-01-15T12:00:00Z', '2026-03-29T00:30:00Z', '2026-03-29T01:30:00Z', '2026-10-25T02:30:00Z']) {
    for (const zone of ['Europe/Berlin', 'Asia/Kathmandu', 'UTC', undefined]) {
      const timeMs = Date.parse(iso)
      expect(fromLocalInput(toLocalInput(timeMs, zone), zone)).toBe(timeMs)
    }
  }
  expect(toLocalInput(Date.parse('2026-07-01T10:00:00Z'), 'Europe/Berlin')).toBe('2026-07-01T12:00')
  expect(fromLocalInput('', 'UTC')).toBeNaN()
})
