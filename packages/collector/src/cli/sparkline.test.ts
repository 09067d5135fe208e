import { expect, it } from 'vitest'
import { formatNumber, sparkline } from './sparkline.js'

it('draws gaps, flat lines and long series', () => {
  expect(sparkline([], 10)).toBe('')
  expect(sparkline([null, null], 10)).toBe('  ')
  expect(sparkline([5, 5], 10)).toBe('▅▅')
  expect(sparkline([0, null, 7, 3.5], 10)).toBe('▁ █▅')
  expect(sparkline([0, 2, null, null, 10, 10], 3)).toBe('▁ █')
})

it('shortens numbers', () => {
  expect([null, 0, -3, 1234567, 12.3456, 0.000_012_3, 1.5e20].map(formatNumber)).toEqual([
    ...['–', '0', '-3', '1,234,567', '12.35', '1.230e-5', '1.500e+20'],
  ])
})
