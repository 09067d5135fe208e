import { expect, test } from 'vitest'
import { parseAggregation, parseFilters, parseStreamRequest } from './query-attributes.js'

const attributes = {
  metric: 'm',
  aggregation: 'p95',
  groupBy: 'task.type, region',
  filters: 'status=ok',
  range: '1h',
  step: 'auto',
  interval: '5s',
  limit: 5,
  fill: '',
}

test('attributes become a query', () => {
  expect(parseStreamRequest(attributes)).toMatchObject({
    query: {
      metric_name: 'm',
      aggregation: 'p95',
      group_by: ['task.type', 'region'],
      filters: { status: 'ok' },
      range: '1h',
      step: 'auto',
      limit: 5,
    },
    interval: '5s',
  })
  expect(parseStreamRequest({ ...attributes, metric: '' })).toBeUndefined()
})

test.each([
  [{ range: 'long' }, /range="long"/],
  [{ range: '0s' }, /range="0s"/],
  [{ step: '5' }, /step="5"/],
  [{ interval: '2s' }, /interval="2s"/],
  [{ aggregation: 'median' }, /aggregation="median"/],
  [{ filters: '{' }, /filters/],
  [{ filters: 'status' }, /filters/],
])('%o is refused by name', (wrong, message) => {
  expect(parseStreamRequest({ ...attributes, ...wrong })).toMatchObject({
    code: 'invalid_option',
    message: expect.stringMatching(message),
  })
})

test('any percentile, as a name or a fraction', () => {
  expect(parseAggregation('p97.5')).toEqual({ quantile: 0.975 })
  expect(parseAggregation('0.5')).toEqual({ quantile: 0.5 })
  expect(parseAggregation('p999')).toBe('p999')
})

test('filters as JSON, as pairs, as an object', () => {
  expect(parseFilters('{"status":{"not":"ok"}}')).toEqual({ status: { not: 'ok' } })
  expect(parseFilters('a=1, b = x=y ')).toEqual({ a: '1', b: 'x=y' })
  expect(parseFilters({ a: true })).toEqual({ a: true })
})
