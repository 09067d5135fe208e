import { Kind, TaskStatus } from '@telltale/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TelltaleError } from '../errors.js'
import type { Columns, Principal } from '../model.js'
import { type Bench, bench, reader, samples } from '../query/testing/fixtures.js'
import { createHub, type Hub } from './hub.js'
import { FakeSocket } from './testing/fake-socket.js'

const start = Date.UTC(2026, 0, 15, 12, 0, 0, 300)
const principals: Record<string, Principal> = {
  good: reader,
  other: { ...reader, project: 2 },
  short: { ...reader, expiresMs: start + 3_000 },
  writer: { ...reader, scopes: new Set(['ingest']) },
}

let setting: Bench
let hub: Hub

beforeEach(() => {
  vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  setting = bench(start)
  hub = createHub({
    planner: setting.service,
    now: Date.now,
    authenticate: async (token) => {
      const principal = principals[token]
      if (principal === undefined) throw new TelltaleError('unauthorized', 'Unknown key.')
      return principal
    },
  })
})

afterEach(async () => {
  const closed = hub.close()
  await vi.advanceTimersByTimeAsync(2_000)
  await closed
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function publish(columns: Columns, project = 1): void {
  hub.publish(project, setting.store.append(project, columns), columns)
}

async function connect(token = 'good', encoding = 'rows'): Promise<FakeSocket> {
  const socket = new FakeSocket()
  hub.accept(socket.asWebSocket)
  socket.receive({ type: 'auth', token, encoding })
  await pass(0)
  return socket
}

const query = { metric_name: 'load', aggregation: 'sum', step: '5s', range: '1m' }

async function subscribe(socket: FakeSocket, id = 'w1', part: object = {}, interval = '1s'): Promise<void> {
  socket.receive({ type: 'subscribe', id, query: { ...query, ...part }, interval })
  await pass(0)
}

const load = (tags = {}) => setting.index.define(1, 'load', Kind.gauge, tags)

describe('authentication', () => {
  it('closes a socket that sends no credential within five seconds', async () => {
    const socket = new FakeSocket()
    hub.accept(socket.asWebSocket)
    await pass(4_000)
    expect(socket.closedWith).toBeUndefined()
    await pass(2_000)
    expect(socket.closedWith).toBe(4401)
    expect(socket.sent[0]).toMatchObject({ type: 'error', error: { code: 'unauthorized' } })
  })

  it.each([
    ['an unknown key', { type: 'auth', token: 'nonsense' }, 4401, 'unauthorized'],
    ['a key that may not read', { type: 'auth', token: 'writer' }, 4403, 'forbidden'],
    ['another frame first', { type: 'ping' }, 4401, 'unauthorized'],
    ['no JSON', '{', 4401, 'invalid_json'],
  ])('refuses %s', async (_, frame, code, error) => {
    const socket = new FakeSocket()
    hub.accept(socket.asWebSocket)
    socket.receive(frame)
    await pass(0)
    expect(socket.closedWith).toBe(code)
    expect(socket.sent).toMatchObject([{ type: 'error', error: { code: error } }])
  })

  it('answers ready, with the collector time', async () => {
    const socket = await connect()
    expect(socket.sent).toEqual([{ type: 'ready', server_time: new Date(start).toISOString() }])
  })

  it('keeps frames that come while the credential is checked', async () => {
    const socket = new FakeSocket()
    hub.accept(socket.asWebSocket)
    socket.receive({ type: 'auth', token: 'good' })
    socket.receive({ type: 'ping' })
    await pass(0)
    expect(socket.sent.map(({ type }) => type)).toEqual(['ready', 'pong'])
  })

  it('closes at the expiry of the token, unless it was renewed', async () => {
    const [expiring, renewed] = [await connect('short'), await connect('short')]
    renewed.receive({ type: 'auth', token: 'good' })
    await pass(4_000)
    expect(expiring.closedWith).toBe(4401)
    expect(expiring.sent.at(-1)).toMatchObject({ error: { code: 'token_expired' } })
    expect(renewed.closedWith).toBeUndefined()
  })

  it('does not change the project of an open socket', async () => {
    const socket = await connect()
    socket.receive({ type: 'auth', token: 'other' })
    await pass(0)
    expect(socket.closedWith).toBe(4403)
  })
})

describe('frames', () => {
  it.each([
    ['not JSON', '{', { error: { code: 'invalid_json' } }],
    ['an unknown type', { type: 'dance' }, { error: { code: 'invalid_request' } }],
    ['no object', '17', { error: { code: 'invalid_request' } }],
    [
      'an unknown field',
      { type: 'subscribe', id: 'w1', query, speed: 1 },
      { id: 'w1', error: { code: 'invalid_request' } },
    ],
    [
      'a bad zone',
      { type: 'subscribe', id: 'w1', query: { ...query, time_zone: 'X/Y' } },
      { id: 'w1', error: { code: 'invalid_time_zone' } },
    ],
    [
      'a bad range',
      { type: 'subscribe', id: 'w1', query: { ...query, range: '0s' } },
      { id: 'w1', error: { code: 'invalid_time_range' } },
    ],
    [
      'too many buckets',
      { type: 'subscribe', id: 'w1', query: { ...query, range: '30d', step: '1s' } },
      { id: 'w1', error: { code: 'too_many_buckets' } },
    ],
    ['alerts', { type: 'subscribe', id: 'al', channel: 'alerts' }, { id: 'al', error: { code: 'not_found' } }],
  ])('answers %s with an error, and stays open', async (_, frame, expected) => {
    const socket = await connect()
    socket.receive(frame)
    await pass(0)
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', ...expected })
    socket.receive({ type: 'ping' })
    expect(socket.sent.at(-1)).toEqual({ type: 'pong' })
    expect(socket.closedWith).toBeUndefined()
  })

  it('says which aggregation a metric has not', async () => {
    load()
    const socket = await connect()
    await subscribe(socket, 'w1', { aggregation: 'rate' })
    expect(socket.last('w1')).toMatchObject({ type: 'error', error: { code: 'aggregation_not_supported' } })
    expect(hub.stats()).toMatchObject({ subscriptions: 0, aggregates: 0 })
  })

  it('takes 200 subscriptions and no more', async () => {
    const socket = await connect()
    for (let i = 0; i <= 200; i++) socket.receive({ type: 'subscribe', id: `w${i}`, query })
    await pass(0)
    expect(hub.stats().subscriptions).toBe(200)
    expect(socket.last('w200')).toMatchObject({ type: 'error', error: { code: 'rate_limited' } })
    socket.receive({ type: 'subscribe', id: 'w7', query: { ...query, step: '10s' } })
    expect(hub.stats().subscriptions).toBe(200)
  })

  it('pings a silent peer and drops a dead one', async () => {
    const socket = await connect()
    await pass(21_000)
    expect([socket.pings, socket.isTerminated]).toEqual([1, false])
    socket.answersPings = false
    await pass(21_000)
    expect([socket.pings, socket.isTerminated]).toEqual([2, false])
    await pass(21_000)
    expect(socket.isTerminated).toBe(true)
    expect(hub.stats().clients).toBe(0)
  })
})

describe('streams', () => {
  it('sends a snapshot of what is stored, then only buckets that changed', async () => {
    const series = load()
    setting.store.append(
      1,
      samples([
        [series, start - 20_000, 1],
        [series, start - 100, 2],
      ]),
    )
    const socket = await connect()
    await subscribe(socket)
    expect(socket.last('w1')).toEqual({
      type: 'metrics_update',
      id: 'w1',
      seq: 1,
      mode: 'snapshot',
      data: [
        { timestamp: '2026-01-15T11:59:40.000Z', value: 1, tags: {} },
        { timestamp: '2026-01-15T12:00:00.000Z', value: 2, tags: {} },
      ],
      meta: { step_ms: 5000, range_ms: 60_000, kind: 'gauge', unit: 'ms' },
    })
    publish(samples([[series, start, 3]]))
    await pass(699)
    expect(socket.of('w1')).toHaveLength(1)
    await pass(1)
    expect(socket.last('w1')).toEqual({
      type: 'metrics_update',
      id: 'w1',
      seq: 2,
      mode: 'delta',
      data: [{ timestamp: '2026-01-15T12:00:00.000Z', value: 5, tags: {} }],
    })
    await pass(60_000)
    expect(socket.of('w1')).toHaveLength(2)
  })

  it('lights up when the first sample of an unknown metric arrives', async () => {
    const socket = await connect()
    await subscribe(socket)
    expect(socket.last('w1')).toMatchObject({ mode: 'snapshot', data: [], meta: { kind: 'unknown' } })
    publish(samples([[load(), start, 3]]))
    publish(samples([[load(), start + 1, 4]]))
    await pass(1_000)
    expect(socket.last('w1')).toMatchObject({ seq: 2, mode: 'snapshot', data: [{ value: 7 }], meta: { kind: 'gauge' } })
  })

  it('counts nothing twice and loses nothing while a window is loaded', async () => {
    const series = load({ host: 'a' })
    setting.store.append(1, samples([[series, start, 1]]))
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    setting.store.gate = () => opened
    const socket = await connect()
    // In the store's answer, and published afterwards.
    const late = samples([[series, start, 10]])
    const lateSeq = setting.store.append(1, late)
    await subscribe(socket, 'w1', { group_by: ['host'] })
    hub.publish(1, lateSeq, late)
    publish(
      samples([
        [series, start, 100],
        [load({ host: 'b' }), start, 7],
      ]),
    )
    open()
    await pass(0)
    expect(socket.last('w1')).toMatchObject({
      seq: 1,
      data: [
        { value: 111, tags: { host: 'a' } },
        { value: 7, tags: { host: 'b' } },
      ],
    })
  })

  it('keeps levels right where what is older was read later', async () => {
    const open = setting.index.define(1, 'open', Kind.upDownCounter)
    publish(samples([[open, start - 600_000, 5]]))
    const reads: (() => void)[] = []
    setting.store.queue = () => new Promise((resolve) => reads.push(resolve))
    const socket = await connect()
    await subscribe(socket, 'w1', { metric_name: 'open', aggregation: 'last' })
    expect(reads).toHaveLength(2)
    reads[0]!()
    await pass(0)
    // Part of it belongs to the window, part to the sum before it; only one of the reads has seen it.
    publish(
      samples([
        [open, start - 500_000, 10],
        [open, start, 100],
      ]),
    )
    reads[1]!()
    await pass(0)
    const values = (socket.last('w1').data as { value: number }[]).map(({ value }) => value)
    expect([values[0], values.at(-1)]).toEqual([15, 115])
  })

  it('shares one aggregate between intervals and spellings, and makes each frame once', async () => {
    const series = load({ host: 'a' })
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connect()))
    for (const [i, socket] of sockets.entries()) {
      const filters = i % 2 === 0 ? { host: { in: ['a', 'b'] } } : { host: { in: ['b', 'a'] } }
      await subscribe(socket, `chart-${i}`, { filters })
    }
    expect(hub.stats()).toMatchObject({ clients: 200, subscriptions: 200, aggregates: 1 })
    expect(setting.store.requests).toHaveLength(1)
    const before = hub.stats()
    publish(samples([[series, Date.now(), 3]]))
    await pass(1_000)
    const after = hub.stats()
    expect(after.bodiesSerialised - before.bodiesSerialised).toBe(1)
    expect(after.framesSent - before.framesSent).toBe(200)
    expect(sockets[17]!.last('chart-17')).toMatchObject({ id: 'chart-17', seq: 2, data: [{ value: 3 }] })
    await subscribe(sockets[0]!, 'slow', { filters: { host: { in: ['a', 'b'] } } }, '1m')
    expect(hub.stats().aggregates).toBe(1)
  })

  it('keeps projects apart', async () => {
    const series = load()
    const socket = await connect('other')
    await subscribe(socket)
    publish(samples([[series, start, 3]]))
    await pass(2_000)
    expect(socket.of('w1')).toMatchObject([{ mode: 'snapshot', data: [] }])
  })

  it('sends live changes at once and gathers those that follow', async () => {
    const series = load()
    const socket = await connect()
    await subscribe(socket, 'w1', {}, 'live')
    const frames = () => socket.of('w1').length
    expect(frames()).toBe(1)
    publish(samples([[series, start, 1]]))
    await pass(1)
    expect(frames()).toBe(2)
    publish(samples([[series, start, 1]]))
    publish(samples([[series, start, 1]]))
    await pass(23)
    expect(frames()).toBe(2)
    await pass(2)
    expect(frames()).toBe(3)
    expect(socket.last('w1')).toMatchObject({ data: [{ value: 3 }] })
  })

  it.each([
    ['1s', 1_000],
    ['5s', 5_000],
    ['30s', 30_000],
    ['1m', 60_000],
  ])('ticks %s streams on the clock', async (interval, ms) => {
    const series = load()
    const socket = await connect()
    await subscribe(socket, 'w1', {}, interval)
    publish(samples([[series, start, 1]]))
    await pass(ms - 301)
    expect(socket.of('w1')).toHaveLength(1)
    await pass(1)
    expect(socket.of('w1')).toHaveLength(2)
    expect(Date.now() % ms).toBe(0)
  })

  it('replaces a subscription of the same id, and ends one that is unsubscribed', async () => {
    const series = load()
    const socket = await connect()
    await subscribe(socket)
    await subscribe(socket, 'w1', { aggregation: 'max' })
    expect(hub.stats()).toMatchObject({ subscriptions: 1, aggregates: 2 })
    expect(socket.last('w1')).toMatchObject({ seq: 1, mode: 'snapshot' })
    socket.receive({ type: 'unsubscribe', id: 'w1' })
    expect(socket.last('w1')).toEqual({ type: 'unsubscribed', id: 'w1' })
    publish(samples([[series, start, 1]]))
    await pass(3_000)
    expect(socket.last('w1')).toEqual({ type: 'unsubscribed', id: 'w1' })
    expect(hub.stats()).toMatchObject({ subscriptions: 0, aggregates: 2 })
    await pass(3_000)
    expect(hub.stats().aggregates).toBe(0)
  })

  it('keeps the aggregate of a socket that comes back, and answers resume with a snapshot', async () => {
    const series = load()
    const socket = await connect()
    await subscribe(socket)
    socket.close(1001)
    publish(samples([[series, start, 4]]))
    await pass(2_000)
    const again = await connect()
    again.receive({ type: 'subscribe', id: 'w1', query, resume: 7 })
    await pass(0)
    expect(again.last('w1')).toMatchObject({ seq: 8, mode: 'snapshot', data: [{ value: 4 }] })
    expect(setting.store.requests).toHaveLength(1)
  })

  it('sends columns, and tags only of groups that are new', async () => {
    const socket = await connect('good', 'columns')
    publish(samples([[load({ host: 'b' }), start, 1]]))
    await subscribe(socket, 'w1', { group_by: ['host'] })
    const bucket = Date.UTC(2026, 0, 15, 12)
    expect(socket.last('w1')).toMatchObject({
      mode: 'snapshot',
      groups: [{ host: 'b' }],
      group: [0],
      times: [bucket],
      values: [1],
    })
    publish(
      samples([
        [load({ host: 'a' }), start, 5],
        [load({ host: 'b' }), start, 1],
      ]),
    )
    await pass(1_000)
    const delta = socket.last('w1') as unknown as { groups: object[]; group: number[]; values: number[] }
    expect(delta.groups).toEqual([{ host: 'a' }])
    expect(new Map(delta.group.map((group, i) => [group, delta.values[i]]))).toEqual(
      new Map([
        [1, 5],
        [0, 2],
      ]),
    )
  })

  it('gives every socket the same numbers of groups, whenever it came', async () => {
    publish(samples([[load({ host: 'z' }), start, 1]]))
    const first = await connect('good', 'columns')
    await subscribe(first, 'w1', { group_by: ['host'] })
    // The first socket does not know this group yet, when the second one is welcomed.
    publish(samples([[load({ host: 'y' }), start, 2]]))
    const second = await connect('good', 'columns')
    await subscribe(second, 'w1', { group_by: ['host'] })
    await pass(1_000)
    publish(samples([[load({ host: 'x' }), start, 3]]))
    await pass(1_000)
    for (const socket of [first, second]) {
      const groups: unknown[] = []
      const values = new Map<unknown, number>()
      for (const frame of socket.of('w1') as unknown as {
        mode: string
        groups: { host: string }[]
        group: number[]
        values: number[]
      }[]) {
        if (frame.mode === 'snapshot') groups.length = 0
        groups.push(...frame.groups.map(({ host }) => host))
        frame.group.forEach((group, i) => {
          values.set(groups[group], frame.values[i]!)
        })
      }
      expect(values).toEqual(
        new Map([
          ['z', 1],
          ['y', 2],
          ['x', 3],
        ]),
      )
    }
  })

  it('sends a snapshot where another group takes a place among the first', async () => {
    const [a, b] = [load({ host: 'a' }), load({ host: 'b' })]
    publish(
      samples([
        [a, start, 5],
        [b, start, 1],
      ]),
    )
    const socket = await connect()
    await subscribe(socket, 'w1', { group_by: ['host'], limit: 1 })
    publish(samples([[a, start, 1]]))
    await pass(1_000)
    expect(socket.last('w1')).toMatchObject({ mode: 'delta', data: [{ value: 6, tags: { host: 'a' } }] })
    publish(samples([[b, start, 10]]))
    await pass(1_000)
    expect(socket.last('w1')).toMatchObject({ mode: 'snapshot', data: [{ value: 11, tags: { host: 'b' } }] })
  })

  it('tries again when the store is overloaded, and says so only in the log', async () => {
    const series = load()
    publish(samples([[series, start, 1]]))
    setting.store.gate = () => Promise.reject(new TelltaleError('overloaded', 'busy'))
    const socket = await connect()
    await subscribe(socket)
    expect(socket.of('w1')).toHaveLength(0)
    setting.store.gate = async () => {}
    publish(samples([[series, start, 2]]))
    await pass(1_100)
    expect(socket.of('w1')).toMatchObject([{ mode: 'snapshot', data: [{ value: 3 }] }])
  })

  it('ends a stream whose groups grow without bound', async () => {
    const small = bench(start, { maxStreamGroups: 2 })
    const own = createHub({ planner: small.service, now: Date.now, authenticate: async () => reader })
    const socket = new FakeSocket()
    own.accept(socket.asWebSocket)
    socket.receive({ type: 'auth', token: 'good' })
    small.index.define(1, 'load', Kind.gauge, { host: 'a' })
    await pass(0)
    await subscribe(socket, 'w1', { group_by: ['host'] })
    const columns = samples(
      ['b', 'c', 'd'].map((host) => [small.index.define(1, 'load', Kind.gauge, { host }), start, 1]),
    )
    own.publish(1, small.store.append(1, columns), columns)
    expect(socket.last('w1')).toMatchObject({ type: 'error', error: { code: 'too_many_groups' } })
    expect(own.stats()).toMatchObject({ subscriptions: 0, aggregates: 0, clients: 1 })
    await own.close()
  })
})

describe('slow clients', () => {
  it('get no deltas until they have read, then one snapshot', async () => {
    const series = load()
    const socket = await connect()
    await subscribe(socket)
    socket.drain()
    socket.bufferedAmount = 300_000
    for (let i = 0; i < 3; i++) {
      publish(samples([[series, Date.now(), 1]]))
      await pass(1_000)
    }
    expect(socket.of('w1')).toHaveLength(1)
    expect(hub.stats().coalesced).toBe(3)
    socket.emit('message', Buffer.from('{"type":"ping"}'), false)
    socket.drain()
    expect(socket.last('w1')).toMatchObject({ seq: 2, mode: 'snapshot', data: [{ value: 3 }] })
    publish(samples([[series, Date.now(), 1]]))
    await pass(1_000)
    expect(socket.last('w1')).toMatchObject({ seq: 3, mode: 'delta' })
    expect(socket.closedWith).toBeUndefined()
  })

  it('are closed above one mebibyte', async () => {
    const series = load()
    const socket = await connect()
    await subscribe(socket)
    socket.bufferedAmount = 1_100_000
    publish(samples([[series, Date.now(), 1]]))
    await pass(1_000)
    expect(socket.closedWith).toBe(4408)
    expect(socket.sent.at(-1)).toMatchObject({ type: 'error', error: { code: 'too_slow' } })
    expect(hub.stats()).toMatchObject({ closedSlow: 1, clients: 0, subscriptions: 0 })
    await pass(1_000)
    expect(socket.isTerminated).toBe(true)
  })

  it('are closed when they read nothing for ten seconds', async () => {
    const series = load()
    const socket = await connect()
    await subscribe(socket)
    socket.bufferedAmount = 300_000
    for (let i = 0; i < 9; i++) {
      publish(samples([[series, Date.now(), 1]]))
      await pass(1_000)
    }
    expect(socket.closedWith).toBeUndefined()
    await pass(3_000)
    expect(socket.closedWith).toBe(4408)
  })
})

describe('channels', () => {
  const run = {
    id: 'r1',
    type: 'email',
    startMs: start,
    durationMs: 5,
    status: TaskStatus.ok,
    attempt: 1,
    parentId: null,
    traceId: null,
    errorType: null,
    errorMessage: null,
    queueWaitMs: null,
    cpuTimeMs: null,
    cpuUsagePercent: null,
    cpuMethod: 0,
    memoryUsageMb: null,
    context: {},
    steps: [],
  }

  it('bring new runs and events of the project, and of no other', async () => {
    const socket = await connect()
    const other = await connect('other')
    for (const peer of [socket, other]) peer.receive({ type: 'subscribe', id: 'runs', channel: 'tasks' })
    socket.receive({ type: 'subscribe', id: 'clicks', channel: 'events', interval: 'live' })
    expect(socket.last('runs')).toEqual({ type: 'channel_update', id: 'runs', seq: 1, channel: 'tasks', data: [] })
    const event = { id: 'e1', name: 'paid', timeMs: start, userId: 'u', orgId: null, sessionId: null, attributes: {} }
    publish({ tasks: [run], events: [event] })
    await pass(1_000)
    expect(socket.last('runs')).toMatchObject({ seq: 2, data: [{ task_id: 'r1', status: 'ok' }] })
    expect(socket.last('clicks')).toMatchObject({ seq: 2, data: [{ name: 'paid', user_id: 'u' }] })
    expect(other.of('runs')).toHaveLength(1)
  })

  it('keep the newest hundred of a tick and say how many they left out', async () => {
    const socket = await connect()
    socket.receive({ type: 'subscribe', id: 'runs', channel: 'tasks' })
    for (let batch = 0; batch < 3; batch++) {
      publish({ tasks: Array.from({ length: 60 }, (_, i) => ({ ...run, id: `r${batch * 60 + i}` })) })
    }
    await pass(1_000)
    const { data, skipped } = socket.last('runs') as unknown as { data: { task_id: string }[]; skipped: number }
    expect([data.length, skipped, data[0]!.task_id, data[99]!.task_id]).toEqual([100, 80, 'r80', 'r179'])
  })
})

it('says goodbye to every socket on close, and takes no further ones', async () => {
  const socket = await connect()
  await hub.close()
  expect(socket.closedWith).toBe(1001)
  const late = new FakeSocket()
  hub.accept(late.asWebSocket)
  expect(late.closedWith).toBe(1001)
})
