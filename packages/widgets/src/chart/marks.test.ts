import { expect, test } from 'vitest'
import { toAnnotations } from './annotations.js'
import { parseThresholds } from './marks.js'

test('thresholds by pairs or by JSON', () => {
  expect(parseThresholds('200:warning, 500:critical:SLO')).toEqual([
    { value: 200, severity: 'warning', label: '', axis: 'left' },
    { value: 500, severity: 'critical', label: 'SLO', axis: 'left' },
  ])
  expect(parseThresholds('0.5')).toMatchObject([{ value: 0.5, severity: 'warning' }])
  expect(parseThresholds('[{"value":9,"severity":"good","axis":"right"}]')).toMatchObject([{ axis: 'right' }])
  expect(parseThresholds('')).toEqual([])
})

test.each(['high', '5:purple', ':warning', '[{"value":"5"}]', '[5', '{"value":5}', '[{"value":1,"axis":"top"}]'])(
  'thresholds="%s" make no sense',
  (text) => expect(parseThresholds(text)).toBeUndefined(),
)

test('annotations need a time; what else is wrong with them is left out', () => {
  const at = '2026-01-15T12:00:00.000Z'
  expect(
    toAnnotations([
      { time: at, end: '2026-01-15T12:05:00Z', title: 'Deploy', text: '<b>1.4</b>', severity: 'good' },
      { time: 5, text: 'restart', end: 3, severity: 'odd' },
      { time: 'soon' },
      null,
    ]),
  ).toEqual([
    { startMs: Date.parse(at), endMs: Date.parse(at) + 300_000, title: 'Deploy', text: '<b>1.4</b>', severity: 'good' },
    { startMs: 5, title: 'restart', text: '', severity: 'info' },
  ])
})
