import { describe, expect, test } from 'vitest'
import {
  AuthFrame,
  ClientFrame,
  Duration,
  EventsIngest,
  EventsQuery,
  Filters,
  IngestResult,
  MetricsQuery,
  StreamQuery,
  SubscribeFrame,
  TasksQuery,
} from './index.js'

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('durations', () => {
  test.each(['500ms', '5s', '15m', '24h', '30d', '1w', '1.5h'])('%s is one', (text) => {
    expect(accepts(Duration, text)).toBe(true)
  })
  test.each(['', '5', 's', '5 s', '-5s', '5M', '5y', '1e3s', 5, null])('%s is none', (text) => {
    expect(accepts(Duration, text)).toBe(false)
  })
})

describe('a metrics query', () => {
  const least = { metric_name: 'task.execution.duration', time_range: { start: 'now-1h' } }

  test('has defaults', () => {
    expect(MetricsQuery.parse(least)).toEqual({
      metric_name: 'task.execution.duration',
      time_range: { start: 'now-1h', end: 'now' },
      aggregation: 'avg',
      group_by: [],
      filters: {},
      time_zone: 'UTC',
      fill: 'none',
      format: 'rows',
    })
  })

  test('does not share its defaults between requests', () => {
    MetricsQuery.parse(least).group_by.push('changed')
    expect(MetricsQuery.parse(least).group_by).toEqual([])
  })

  test.each([
    ['no metric', { time_range: least.time_range }],
    ['an empty metric name', { ...least, metric_name: '' }],
    ['a name of 257 characters', { ...least, metric_name: 'x'.repeat(257) }],
    ['no time range', { metric_name: 'm' }],
    ['a time range without a start', { ...least, time_range: { end: 'now' } }],
    ['a field that there is not', { ...least, groupBy: ['a'] }],
    ['a field that there is not, further in', { ...least, time_range: { start: 'now-1h', until: 'now' } }],
    ['an aggregation that there is not', { ...least, aggregation: 'median' }],
    ['a quantile above 1', { ...least, aggregation: { quantile: 95 } }],
    ['two aggregations', { ...least, aggregation: { quantile: 0.5, name: 'p50' } }],
    ['a step that is no duration', { ...least, step: 60 }],
    ['a limit of 0', { ...least, limit: 0 }],
    ['seventeen groups', { ...least, group_by: Array(17).fill('a') }],
    ['a condition that there is not', { ...least, filters: { status: { like: 'o%' } } }],
    ['null', null],
    ['a list', [least]],
  ])('is refused with %s', (_, value) => {
    expect(accepts(MetricsQuery, value)).toBe(false)
  })

  test('takes every kind of filter', () => {
    const filters = {
      'task.type': 'email',
      status: { in: ['ok', 'error'], not: 'timeout' },
      route: { prefix: '/api', not: ['/api/health', '/api/ready'] },
      attempt: 2,
      paid: true,
      user: { exists: false },
    }
    expect(Filters.parse(filters)).toEqual(filters)
  })

  test('takes calendar months, any quantile, and times as numbers', () => {
    const query = { ...least, step: '1M', aggregation: { quantile: 0.97 }, time_range: { start: 0, end: 1 } }
    expect(accepts(MetricsQuery, query)).toBe(true)
  })
})

describe('a stream query', () => {
  test('is a metrics query with a range in place of a time range', () => {
    expect(StreamQuery.parse({ metric_name: 'm' })).toMatchObject({ range: '15m', aggregation: 'avg', fill: 'none' })
    expect(accepts(StreamQuery, { metric_name: 'm', time_range: { start: 'now-1h' } })).toBe(false)
    expect(accepts(MetricsQuery, { metric_name: 'm', range: '15m' })).toBe(false)
  })
})

describe('frames', () => {
  test('have defaults', () => {
    expect(AuthFrame.parse({ type: 'auth', token: 't' }).encoding).toBe('rows')
    expect(SubscribeFrame.parse({ type: 'subscribe', id: 'w1', query: { metric_name: 'm' } }).interval).toBe('1s')
  })

  test.each([
    { type: 'auth', token: 't', encoding: 'columns' },
    { type: 'subscribe', id: 'w1', query: { metric_name: 'm' }, interval: 'live', resume: 7 },
    { type: 'subscribe', id: 'al', channel: 'tasks' },
    { type: 'unsubscribe', id: 'w1' },
    { type: 'ping' },
  ])('%j is one', (frame) => {
    expect(accepts(ClientFrame, frame)).toBe(true)
  })

  test.each([
    {},
    { type: 'login' },
    { type: 'auth' },
    { type: 'auth', token: '' },
    { type: 'auth', token: 'x'.repeat(8193) },
    { type: 'subscribe', id: 'w1' },
    { type: 'subscribe', id: '', channel: 'tasks' },
    { type: 'subscribe', id: 'w1', channel: 'tasks', query: { metric_name: 'm' } },
    { type: 'subscribe', id: 'w1', channel: 'secrets' },
    { type: 'subscribe', id: 'w1', query: { metric_name: 'm' }, interval: '2s' },
    { type: 'subscribe', id: 'w1', query: { metric_name: 'm' }, resume: -1 },
    { type: 'ping', extra: 1 },
  ])('%j is none', (frame) => {
    expect(accepts(ClientFrame, frame)).toBe(false)
  })
})

describe('tasks and events', () => {
  test('a tasks query has defaults and refuses what it does not know', () => {
    expect(TasksQuery.parse({})).toMatchObject({ time_range: { start: 'now-1h', end: 'now' }, filters: {} })
    expect(accepts(TasksQuery, { taskType: 'email' })).toBe(false)
    expect(accepts(TasksQuery, { status: 'failed' })).toBe(false)
    expect(accepts(TasksQuery, { status: ['ok', 'error'] })).toBe(true)
  })

  test('events to ingest are one at least and 10,000 at most', () => {
    const event = { name: 'page_view' }
    expect(EventsIngest.parse({ events: [event] }).events[0]).toEqual({ name: 'page_view', attributes: {} })
    expect(accepts(EventsIngest, { events: [] })).toBe(false)
    expect(accepts(EventsIngest, { events: Array(10_000).fill(event) })).toBe(true)
    expect(accepts(EventsIngest, { events: Array(10_001).fill(event) })).toBe(false)
    expect(accepts(EventsIngest, event)).toBe(false)
  })

  test.each([
    ['no name', {}],
    ['a field that there is not', { name: 'e', userId: 'u1' }],
    ['a nested attribute', { name: 'e', attributes: { a: { b: 1 } } }],
    ['a list as attribute', { name: 'e', attributes: { a: [1] } }],
    ['an attribute without a name', { name: 'e', attributes: { '': 1 } }],
    ['an attribute that is not finite', { name: 'e', attributes: { a: Number.POSITIVE_INFINITY } }],
    ['a text of 4,097 characters', { name: 'e', attributes: { a: 'x'.repeat(4097) } }],
  ])('an event is refused with %s', (_, event) => {
    expect(accepts(EventsIngest, { events: [event] })).toBe(false)
  })

  test('an events query names its kind', () => {
    const trend = { kind: 'trend', time_range: { start: 'now-7d' } }
    expect(EventsQuery.parse(trend)).toMatchObject({ measure: 'count', group_by: [], time_zone: 'UTC', limit: 100 })
    expect(accepts(EventsQuery, { ...trend, kind: 'trends' })).toBe(false)
    expect(accepts(EventsQuery, { time_range: trend.time_range })).toBe(false)
  })

  test('the result of an ingest is what it says and nothing else', () => {
    const result = { accepted: 1, rejected: [{ reason: 'too_late', count: 1, rows: [3] }], duplicate: false }
    expect(IngestResult.parse(result)).toEqual(result)
    expect(accepts(IngestResult, { ...result, accepted: 0.5 })).toBe(false)
  })
})
