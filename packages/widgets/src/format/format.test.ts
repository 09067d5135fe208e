import { expect, test } from 'vitest'
import { formatAgo, formatTick } from './time.js'
import { aggregateUnit, axisFormatter, formatValue } from './unit.js'

const plain = (text: string) => text.replaceAll('\u202f', ' ')

test.each([
  [null, 'ms', '–'],
  [Number.NaN, 'ms', '–'],
  [Number.POSITIVE_INFINITY, '', '–'],
  [0, 'ms', '0 ms'],
  [0.0042, 'ms', '4.2 µs'],
  [412.34, 'ms', '412 ms'],
  [999.9, 'ms', '1 s'],
  [1240, 'ms', '1.24 s'],
  [59_999, 'ms', '1 min'],
  [90, 's', '1.5 min'],
  [-1500, 'ms', '-1.5 s'],
  [3.4e8, 'By', '340 MB'],
  [12.4, 'MB', '12.4 MB'],
  [1500, 'bytes/s', '1.5 kB/s'],
  [0.9931, 'ratio', '99.3%'],
  [42, 'percent', '42%'],
  [19_400, 'EUR', '€19.4K'],
  [12_345, '1', '12.3K'],
  [1_234, '', '1,234'],
  [3, '{request}/s', '3 request/s'],
  [7, 'constructor', '7 constructor'],
])('%s %s reads %s', (value, unit, expected) => {
  expect(plain(formatValue(value, unit))).toBe(expected)
})

test('an axis keeps one unit over all its labels', () => {
  const { format, scale } = axisFormatter('ms', 2400)
  expect([0.5, 1, 2.5].map((tick) => plain(format(tick * scale)))).toEqual(['0.5 s', '1 s', '2.5 s'])
})

test('a count has no unit, a rate is per second', () => {
  expect([
    aggregateUnit('ms', 'count'),
    aggregateUnit('1', 'rate'),
    aggregateUnit('By', 'rate'),
    aggregateUnit('ms', 'p95'),
  ]).toEqual(['', '/s', 'By/s', 'ms'])
})

test('midnights carry the date', () => {
  expect(formatTick(new Date(2026, 0, 5, 0, 0, 0).getTime(), 3_600_000)).toBe('Jan 5')
})

test('ages', () => {
  expect([0, 12_000, 150_000, 7_200_000].map((age) => formatAgo(0, age))).toEqual([
    'now',
    '12s ago',
    '2m ago',
    '2h ago',
  ])
  expect(formatAgo(5000, 0)).toBe('now')
})
