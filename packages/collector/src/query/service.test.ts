import { Kind, TaskStatus } from '@telltale/protocol'
import { EventsQuery, TasksQuery } from '@telltale/protocol/api'
import { describe, expect, it } from 'vitest'
import type { TaskRow } from '../model.js'
import { bench, reader, samples } from './testing/fixtures.js'

const hour = 3_600_000
const noon = Date.UTC(2026, 0, 15, 12)

describe('metrics: what is refused', () => {
  it('names near metrics where the name is unknown', async () => {
    const { ask, index } = bench()
    index.define(1, 'http.latency', Kind.gauge)
    const query = ask({ metric_name: 'http.latencey', time_range: { start: 'now-1h' } })
    await expect(query).rejects.toMatchObject({ code: 'unknown_metric', details: { near: ['http.latency'] } })
  })

  it('knows nothing of other projects', async () => {
    const { ask, index } = bench()
    index.define(2, 'secret.metric', Kind.gauge)
    const query = ask({ metric_name: 'secret.metrix', time_range: { start: 'now-1h' } })
    await expect(query).rejects.toMatchObject({ code: 'unknown_metric', details: { near: [] } })
  })

  it.each([
    ['gauge', 'rate'],
    ['gauge', 'increase'],
    ['histogram', 'last'],
    ['upDownCounter', 'p95'],
  ] as const)('a %s has no %s', async (kind, aggregation) => {
    const { ask, index } = bench()
    index.define(1, 'm', Kind[kind])
    const query = ask({ metric_name: 'm', aggregation, time_range: { start: 'now-1h' } })
    await expect(query).rejects.toMatchObject({ code: 'aggregation_not_supported', status: 400 })
  })

  it.each([
    [{ time_range: { start: 'yesterday' } }, 'invalid_time_range', '"yesterday"'],
    [{ time_range: { start: 'now', end: 'now-1h' } }, 'invalid_time_range', 'before'],
    [{ time_range: { start: 'now-5000d' } }, 'invalid_time_range', '10 years'],
    [{ time_range: { start: -1 } }, 'invalid_time_range', '1970'],
    [{ time_range: { start: 'now-1h' }, time_zone: 'Mars/Olympus' }, 'invalid_time_zone', 'Mars'],
    [{ time_range: { start: 'now-1h' }, step: '0s' }, 'invalid_step', '0s'],
    [{ time_range: { start: 'now-30d' }, step: '1s' }, 'too_many_buckets', 'Use a step of 5m'],
    [{ time_range: { start: 'now-1h' }, compare_to: '0d' }, 'invalid_time_range', 'compare_to'],
  ] as const)('%j answers %s', async (part, code, message) => {
    const { ask, index } = bench()
    index.define(1, 'm', Kind.gauge)
    const error = await ask({ metric_name: 'm', ...part }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('bounds groups, and groups times buckets', async () => {
    const { ask, index, store } = bench(noon, { maxGroups: 3, maxCells: 100 })
    for (const host of ['a', 'b', 'c', 'd']) {
      store.append(1, samples([[index.define(1, 'm', Kind.gauge, { host }), noon - hour / 2, 1]]))
    }
    const all = { metric_name: 'm', group_by: ['host'], time_range: { start: 'now-1h' } }
    await expect(ask(all)).rejects.toMatchObject({ code: 'too_many_groups' })
    await expect(ask({ ...all, limit: 3, step: '1m' })).rejects.toMatchObject({ code: 'too_many_groups' })
    expect((await ask({ ...all, limit: 3 })).data).toHaveLength(3)
  })
})

describe('metrics: rows, columns, ranks and comparisons', () => {
  const start = noon - hour

  function hosts() {
    const setting = bench()
    const { index, store } = setting
    for (const [host, value] of [
      ['a', 1],
      ['b', 30],
      ['c', 20],
    ] as const) {
      const series = index.define(1, 'load', Kind.gauge, { host, zone: host === 'a' ? 'x' : 'y' })
      store.append(
        1,
        samples([
          [series, start, value],
          [series, start + hour / 2, value + 1],
          [series, start - 24 * hour, value * 100],
        ]),
      )
    }
    return setting
  }

  const byHost = { metric_name: 'load', group_by: ['host'], time_range: { start: 'now-1h' } }

  it('answers one row a group without a step', async () => {
    const { data, meta } = await hosts().ask(byHost)
    expect(data.map(({ tags, value }) => [tags.host, value])).toEqual([
      ['a', 1.5],
      ['b', 30.5],
      ['c', 20.5],
    ])
    expect(data[0]!.timestamp).toBe(new Date(start).toISOString())
    expect(meta).toMatchObject({ resolution: 'raw', step: null, kind: 'gauge', unit: 'ms', cached: false })
  })

  it('ranks rows, best first, and keeps as many as asked for', async () => {
    const { ask } = hosts()
    const names = async (part: object) => (await ask({ ...byHost, ...part })).data.map(({ tags }) => tags.host)
    expect(await names({ limit: 2 })).toEqual(['b', 'c'])
    expect(await names({ limit: 2, order: 'asc' })).toEqual(['a', 'c'])
    expect(await names({ order: 'desc' })).toEqual(['b', 'c', 'a'])
  })

  it('keeps the top groups of a timeline by their value over the whole range', async () => {
    const { data } = await hosts().ask({ ...byHost, step: '30m', limit: 2 })
    expect(data.map(({ timestamp, tags, value }) => [timestamp.slice(11, 16), tags.host, value])).toEqual([
      ['11:00', 'b', 30],
      ['11:00', 'c', 20],
      ['11:30', 'b', 31],
      ['11:30', 'c', 21],
    ])
  })

  it('answers columns on one axis', async () => {
    const { timestamps, series } = await hosts().askColumns({ ...byHost, step: '15m', filters: { zone: 'y' } })
    expect(timestamps).toEqual([start, start + hour / 2])
    expect(series).toEqual([
      { tags: { host: 'b' }, values: [30, 31] },
      { tags: { host: 'c' }, values: [20, 21] },
    ])
  })

  it('compares with the same range earlier, on the asked axis', async () => {
    const { data, compare } = await hosts().ask({ ...byHost, step: '30m', compare_to: '1d', filters: { host: 'a' } })
    expect(data.map(({ value }) => value)).toEqual([1, 2])
    expect(compare).toEqual([{ timestamp: new Date(start).toISOString(), value: 100, tags: { host: 'a' } }])
  })

  it('matches filters, and takes a missing tag for an empty one', async () => {
    const { ask, index, store } = hosts()
    store.append(1, samples([[index.define(1, 'load', Kind.gauge), noon - 1, 7]]))
    const hostsOf = async (filters: object) =>
      (await ask({ ...byHost, filters: filters as never })).data.map(({ tags }) => tags.host)
    expect(await hostsOf({ host: { in: ['a', 'c'], not: 'c' } })).toEqual(['a'])
    expect(await hostsOf({ host: { prefix: 'b' } })).toEqual(['b'])
    expect(await hostsOf({ host: { exists: false } })).toEqual([null])
    expect(await hostsOf({ host: '' })).toEqual([null])
    expect(await hostsOf({ host: { not: ['a', 'b'] } })).toEqual([null, 'c'])
    expect(await hostsOf({ host: 'nobody' })).toEqual([])
  })

  it('shows an empty range as zeros where that was asked for', async () => {
    const { data } = await hosts().ask({
      metric_name: 'load',
      time_range: { start: 'now-2h', end: 'now-1h' },
      step: '30m',
      fill: 'zero',
    })
    expect(data.map(({ value }) => value)).toEqual([0, 0])
  })
})

describe('task.success.rate', () => {
  function runs() {
    const setting = bench()
    const { index, store } = setting
    const run = (type: string, status: string, timeMs: number, count: number) =>
      store.append(
        1,
        samples([
          [index.define(1, 'task.execution.count', Kind.counter, { 'task.type': type, status }), timeMs, count],
        ]),
      )
    run('email', 'ok', noon - 100, 9)
    run('email', 'error', noon - 90, 1)
    run('report', 'timeout', noon - 80, 4)
    return setting
  }

  const rate = { metric_name: 'task.success.rate', time_range: { start: 'now-1h' } }

  it('is the part of runs that ended well, by group', async () => {
    const { data, meta } = await runs().ask({ ...rate, group_by: ['task.type'] })
    expect(data.map(({ tags, value }) => [tags['task.type'], value])).toEqual([
      ['email', 0.9],
      ['report', 0],
    ])
    expect(meta).toMatchObject({ kind: 'gauge', unit: '1' })
    expect((await runs().ask(rate)).data[0]!.value).toBeCloseTo(9 / 14)
    expect((await runs().ask({ ...rate, aggregation: 'last' })).data[0]!.value).toBeCloseTo(9 / 14)
  })

  it('is neither grouped nor filtered by status', async () => {
    const { ask } = runs()
    await expect(ask({ ...rate, group_by: ['status'] })).rejects.toMatchObject({ code: 'aggregation_not_supported' })
    await expect(ask({ ...rate, filters: { status: 'ok' } })).rejects.toMatchObject({
      code: 'aggregation_not_supported',
    })
    await expect(ask({ ...rate, aggregation: 'sum' })).rejects.toMatchObject({ code: 'aggregation_not_supported' })
  })

  it('stands in the catalogue beside what it is made of', () => {
    const { service } = runs()
    expect(service.listMetrics(reader).data.map(({ name }) => name)).toEqual([
      'task.execution.count',
      'task.success.rate',
    ])
    expect(service.metric(reader, 'task.success.rate')).toMatchObject({ kind: 'gauge', attributes: ['task.type'] })
    expect(service.metricTags(reader, 'task.success.rate').data).toEqual([{ key: 'task.type', cardinality: 2 }])
  })
})

describe('the catalogue', () => {
  it('lists, searches and describes', () => {
    const { index, service } = bench()
    index.define(1, 'a.one', Kind.counter, { host: 'h1' })
    index.define(1, 'a.one', Kind.counter, { host: 'h2', zone: 'z' })
    index.define(1, 'b.two', Kind.gauge)
    index.define(2, 'c.other', Kind.gauge)
    expect(service.listMetrics(reader).data.map(({ name }) => name)).toEqual(['a.one', 'b.two'])
    expect(service.listMetrics(reader, 'TWO').data.map(({ name }) => name)).toEqual(['b.two'])
    expect(service.metric(reader, 'a.one')).toEqual({
      name: 'a.one',
      kind: 'counter',
      unit: 'ms',
      description: 'about a.one',
      attributes: ['host', 'zone'],
      cardinality: 2,
      last_seen: null,
    })
    expect(service.tagValues(reader, 'a.one', 'host', 'H2')).toEqual({ data: ['h2'], truncated: false })
    expect(service.tagValues(reader, 'a.one', 'nothing')).toEqual({ data: [], truncated: false })
    expect(() => service.metric(reader, 'c.other')).toThrow(expect.objectContaining({ code: 'unknown_metric' }))
    index.define(1, 'a.one', Kind.counter, { host: 'h3' })
    expect(service.metricTags(reader, 'a.one').data).toContainEqual({ key: 'host', cardinality: 3 })
  })

  it('cuts long lists of values and says so', () => {
    const { index, service } = bench()
    for (let i = 0; i < 1001; i++) index.define(1, 'm', Kind.gauge, { user: `u${i}` })
    expect(service.tagValues(reader, 'm', 'user')).toMatchObject({ data: { length: 1000 }, truncated: true })
  })
})

describe('tasks and events', () => {
  const row: TaskRow = {
    id: 't1',
    type: 'email.send',
    startMs: noon,
    durationMs: 12.5,
    status: TaskStatus.timeout,
    attempt: 2,
    parentId: null,
    traceId: null,
    errorType: 'TimeoutError',
    errorMessage: 'too long',
    queueWaitMs: 3,
    cpuTimeMs: null,
    cpuUsagePercent: null,
    cpuMethod: 3,
    memoryUsageMb: null,
    context: { queue: 'mail' },
    steps: [{ name: 'rendered', offsetMs: 4 }],
  }

  it('shows a run as the API names its fields', async () => {
    const { service, store } = bench()
    store.append(1, { tasks: [row] })
    expect(await service.task(reader, 't1')).toMatchObject({
      task_id: 't1',
      status: 'timeout',
      start_time: '2026-01-15T12:00:00.000Z',
      end_time: '2026-01-15T12:00:00.012Z',
      cpu_method: 'slices',
      steps: [{ name: 'rendered', offset_ms: 4 }],
    })
    await expect(service.task({ ...reader, project: 2 }, 't1')).rejects.toMatchObject({ code: 'unknown_task' })
  })

  it('hands searches to the store', async () => {
    const { service, store } = bench()
    store.append(1, { tasks: [row] })
    const query = TasksQuery.parse({ status: ['error', 'timeout'], task_type: 'email.send', filters: { attempt: 2 } })
    const { data, meta } = await service.tasks(reader, query)
    expect([data.length, meta.total]).toEqual([1, 1])
    expect(store.taskRequests[0]).toMatchObject({
      startMs: noon - hour,
      endMs: noon,
      types: ['email.send'],
      statuses: [TaskStatus.error, TaskStatus.timeout],
      filters: { attempt: { in: ['2'] } },
      sort: 'start_time',
      descending: true,
    })
  })

  it('cuts trends into exact buckets of the time zone', async () => {
    const { service, store } = bench()
    const event = { id: 'e', name: 'paid', userId: null, orgId: null, sessionId: null, attributes: {} }
    store.append(1, {
      events: [
        { ...event, timeMs: noon - 13 * hour },
        { ...event, timeMs: noon - hour },
      ],
    })
    const time_range = { start: 'now-1d' }
    const query = EventsQuery.parse({ kind: 'trend', time_range, step: '1d', time_zone: 'Europe/Berlin' })
    const { data, meta } = await service.events(reader, query)
    expect(meta.step).toBe('1d')
    expect(data).toEqual([{ timestamp: '2026-01-14T23:00:00.000Z', value: 2, tags: {} }])
    expect([...store.trendRequests[0]!.edgesMs].map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-01-13T23:00:00.000Z',
      '2026-01-14T23:00:00.000Z',
      '2026-01-15T23:00:00.000Z',
    ])
  })
})
