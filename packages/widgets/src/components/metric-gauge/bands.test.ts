import { expect, test } from 'vitest'
import { bandOf, gaugeScale, readThresholds } from './bands.js'

test('thresholds in any order, a value alone warns, and what is not understood is named', () => {
  expect(readThresholds('0.95:critical, 0.8')).toMatchObject([
    { value: 0.8, severity: 'warning' },
    { value: 0.95, severity: 'critical' },
  ])
  expect(() => readThresholds('high:critical')).toThrow(/thresholds="high:critical"/)
  expect(() => readThresholds('1:bad')).toThrow(/1:bad/)
})

test('bands cover the scale from end to end', () => {
  const scale = gaugeScale(0.5, 'ratio', readThresholds('0.8:warning,0.95:critical'), undefined, undefined)
  expect(scale.bands).toEqual([
    { from: 0, to: 0.8, severity: undefined },
    { from: 0.8, to: 0.95, severity: 'warning' },
    { from: 0.95, to: 1, severity: 'critical' },
  ])
  expect(bandOf(0.9, scale).severity).toBe('warning')
  expect(bandOf(7, scale).severity).toBe('critical')
  expect(bandOf(-7, scale).severity).toBeUndefined()
})

test('scales end on round numbers beyond the value, and never nowhere', () => {
  expect(gaugeScale(31, 'ms', [], undefined, undefined).max).toBe(40)
  expect(gaugeScale(31, 'ms', readThresholds('200'), undefined, undefined).max).toBeGreaterThan(200)
  expect(gaugeScale(-5, 'ms', [], undefined, undefined).min).toBe(-5)
  expect(gaugeScale(0, '', [], 3, 3)).toMatchObject({ min: 3, max: 4 })
})
