import { describe, expect, it } from 'vitest'
import { formatDuration, parseDurationMs, parseTimePoint, resolveRange } from './time.js'

const now = Date.UTC(2026, 0, 15, 12, 30)

describe('points in time', () => {
  it.each([
    ['now', now],
    ['now-1h', now - 3_600_000],
    ['now-1h30m', now - 5_400_000],
    ['now-1d+2h', now - 86_400_000 + 7_200_000],
    ['now+5m', now + 300_000],
    ['now-1.5h', now - 5_400_000],
    ['2026-01-15', Date.UTC(2026, 0, 15)],
    ['2026-01-15T10:20', Date.UTC(2026, 0, 15, 10, 20)],
    ['2026-01-15 10:20:30', Date.UTC(2026, 0, 15, 10, 20, 30)],
    ['2026-01-15T10:20:30.123456Z', Date.UTC(2026, 0, 15, 10, 20, 30, 123)],
    ['2026-01-15T10:20:30+02:00', Date.UTC(2026, 0, 15, 8, 20, 30)],
    ['2026-01-15T10:20:30-0530', Date.UTC(2026, 0, 15, 15, 50, 30)],
    ['2026-01-15T24:00', Date.UTC(2026, 0, 16)],
    ['1736121600000', 1_736_121_600_000],
    [1_736_121_600_000.7, 1_736_121_600_000],
    [0, 0],
  ])('reads %s', (text, expected) => {
    expect(parseTimePoint(text, now, 'start')).toBe(expected)
  })

  it.each([
    'tomorrow',
    '',
    'now-',
    'now-1',
    'now1h',
    'now-1y',
    '2026-02-30',
    '2026-13-01',
    '2026-01-15T25:00',
    '2026-01-15T10:61',
    '15.01.2026',
    '2026',
    -5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e17,
    '0001-01-01',
  ])('refuses %s and names it', (text) => {
    expect(() => parseTimePoint(text, now, 'time_range.start')).toThrow(
      expect.objectContaining({ code: 'invalid_time_range', message: expect.stringContaining('time_range.start') }),
    )
  })

  it('takes both ends against one now', () => {
    expect(resolveRange({ start: 'now-1h', end: 'now' }, now)).toEqual({ startMs: now - 3_600_000, endMs: now })
    expect(() => resolveRange({ start: 'now', end: 'now' }, now)).toThrow('must be before')
    expect(() => resolveRange({ start: '2010-01-01', end: 'now' }, now)).toThrow('10 years')
  })
})

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['30d', 2_592_000_000],
    ['1w', 604_800_000],
    ['5', Number.NaN],
    ['1M', Number.NaN],
    ['-5s', Number.NaN],
  ])('reads %s', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected)
  })

  it('writes the shortest spelling', () => {
    expect([90_000, 86_400_000, 604_800_000, 1_500, 3_600_000].map(formatDuration)).toEqual([
      '90s',
      '1d',
      '1w',
      '1500ms',
      '1h',
    ])
  })
})
