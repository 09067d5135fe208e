/** Embed tokens through the public door: every route and stream, two projects, every kind of credential, no leak. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { get, postJson, type Row, sampleBatch, sendBatch, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

const secretWord = 'globex-secret'
let collector: CollectorProcess
let admin: Target
let embed: Target
const credentials: Record<string, string> = {}

interface Token {
  token: string
  id: string
  expires_at: string
}

async function makeToken(target: Target, part: object = {}): Promise<Token> {
  const { status, body } = await postJson(target, '/api/v1/embed-tokens', {
    metrics: ['task.*', 'orders'],
    filters: { 'org.id': 'acme' },
    max_range: '1h',
    ttl: '15m',
    ...part,
  })
  expect(status).toBe(201)
  return body as Token
}

function event(org: string, name: string) {
  return {
    name,
    org_id: org,
    user_id: `${org}-user`,
    attributes: { amount: 1, note: org === 'acme' ? 'fine' : secretWord },
  }
}

async function note(target: Target, org: string, title: string): Promise<string> {
  const { status, body } = await postJson(target, '/api/v1/annotations', { title, tags: { 'org.id': org } })
  expect(status).toBe(201)
  return (body as { id: string }).id
}

beforeAll(async () => {
  collector = await CollectorProcess.start()
  const { url } = collector
  const [key, ingest, read, other] = await Promise.all([
    collector.createKey('admin'),
    collector.createKey('ingest'),
    collector.createKey('read'),
    collector.createKey('admin', 'other'),
  ])
  admin = { url, key }
  const rows = ['acme', 'globex'].flatMap((org): Row[] => [
    {
      metric: 'orders',
      kind: Kind.counter,
      value: org === 'acme' ? 3 : 1000,
      attributes: { 'org.id': org, note: org === 'acme' ? 'fine' : secretWord },
    },
    { metric: 'task.custom', kind: Kind.gauge, value: org === 'acme' ? 1 : 1000, attributes: { 'org.id': org } },
    { metric: `hidden.${secretWord}`, kind: Kind.counter, value: 1000, attributes: { 'org.id': org } },
  ])
  await sendBatch({ url, key: ingest }, sampleBatch(rows))
  await postJson({ url, key: ingest }, '/api/v1/events', {
    events: [event('acme', 'orders'), event('globex', 'orders'), event('globex', secretWord)],
  })
  await sendBatch(
    { url, key: other },
    sampleBatch([
      { metric: 'orders', kind: Kind.counter, value: 5000, attributes: { 'org.id': 'acme', tenant: 'other-tenant' } },
    ]),
  )
  await Promise.all([
    note(admin, 'acme', 'ours'),
    note(admin, 'globex', secretWord),
    note({ url, key: other }, 'acme', 'other-tenant'),
  ])
  embed = { url, key: (await makeToken(admin, { annotations: true })).token }
  const short = await makeToken(admin, { ttl: '1s' })
  Object.assign(credentials, {
    admin: key,
    ingest,
    read,
    other,
    embed: embed.key,
    expired: short.token,
    revoked: (await makeToken(admin)).token,
    forged: `${embed.key.slice(0, -6)}AAAAAA`,
    unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${embed.key.split('.')[1]}.`,
    nothing: '',
  })
  const doomed = await makeToken(admin)
  credentials.revoked = doomed.token
  const revoked = await fetch(`${url}/api/v1/embed-tokens/${doomed.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key}` },
  })
  expect(revoked.status).toBe(204)
  await sleep(1100)
})

afterAll(() => collector.dispose())

const range = { start: 'now-30m', end: 'now+1m' }
/** Everything that answers with data, asked for as much as it can be. */
const questions: [name: string, path: string, body?: object][] = [
  [
    'a metric',
    '/api/v1/metrics/query',
    { metric_name: 'orders', aggregation: 'sum', group_by: ['org.id', 'note'], time_range: range },
  ],
  [
    'a metric of another org',
    '/api/v1/metrics/query',
    {
      metric_name: 'orders',
      aggregation: 'sum',
      filters: { 'org.id': { in: ['acme', 'globex'] } },
      group_by: ['note'],
      time_range: range,
    },
  ],
  [
    'the other org alone',
    '/api/v1/metrics/query',
    {
      metric_name: 'orders',
      aggregation: 'sum',
      filters: { 'org.id': 'globex' },
      group_by: ['note'],
      time_range: range,
    },
  ],
  [
    'everything but our org',
    '/api/v1/metrics/query',
    {
      metric_name: 'orders',
      aggregation: 'sum',
      filters: { 'org.id': { not: 'acme' } },
      group_by: ['note'],
      time_range: range,
    },
  ],
  [
    'columns',
    '/api/v1/metrics/query',
    { metric_name: 'orders', aggregation: 'sum', format: 'columns', group_by: ['note'], time_range: range },
  ],
  ['how values are spread', '/api/v1/metrics/histogram', { metric_name: 'task.custom', time_range: range }],
  [
    'how hidden values are spread',
    '/api/v1/metrics/histogram',
    { metric_name: `hidden.${secretWord}`, time_range: range },
  ],
  [
    'several at once',
    '/api/v1/metrics/batch',
    {
      queries: [
        { id: 'a', query: { metric_name: 'orders', aggregation: 'sum', group_by: ['note'], time_range: range } },
        { id: 'b', query: { metric_name: `hidden.${secretWord}`, aggregation: 'sum', time_range: range } },
        { id: 'c', histogram: { metric_name: 'task.custom', time_range: range } },
        { id: 'd', histogram: { metric_name: `hidden.${secretWord}`, time_range: range } },
      ],
    },
  ],
  [
    'a formula',
    '/api/v1/metrics/query',
    {
      queries: [{ id: 'a', metric_name: 'orders', aggregation: 'sum', group_by: ['note', 'org.id'] }],
      formula: 'a * 1',
      time_range: range,
    },
  ],
  ['a file', '/api/v1/export?format=json&metric_name=orders&aggregation=sum&group_by=note&start=now-30m'],
  ['definitions', '/api/v1/definitions'],
  ['retention', '/api/v1/retention'],
  ['keys', '/api/v1/keys'],
  ['storage', '/api/v1/storage'],
  [
    'a metric that is not covered',
    '/api/v1/metrics/query',
    { metric_name: `hidden.${secretWord}`, aggregation: 'sum', time_range: range },
  ],
  [
    'a metric that is almost right',
    '/api/v1/metrics/query',
    { metric_name: 'task.custon', aggregation: 'avg', time_range: range },
  ],
  ['the catalogue', '/api/v1/metrics'],
  ['a metric of the catalogue', '/api/v1/metrics/orders'],
  ['a hidden metric of the catalogue', `/api/v1/metrics/hidden.${secretWord}`],
  ['tags', '/api/v1/metrics/orders/tags'],
  ['values of a tag', '/api/v1/metrics/orders/tags/note/values'],
  ['values of the locked tag', '/api/v1/metrics/orders/tags/org.id/values?search=g'],
  ['task runs', '/api/v1/tasks/query', {}],
  [
    'events of a name',
    '/api/v1/events/query',
    { kind: 'trend', event: 'orders', group_by: ['note', 'org.id'], time_range: range },
  ],
  ['all events', '/api/v1/events/query', { kind: 'trend', group_by: ['event', 'note'], time_range: range }],
  ['dashboards', '/api/v1/dashboards'],
  ['annotations', '/api/v1/annotations?end=now%2B1m'],
]

async function ask(key: string, [, path, body]: (typeof questions)[number]) {
  const target = { url: collector.url, key }
  return body === undefined ? get(target, path) : postJson(target, path, body)
}

describe.each(['embed', 'other'])('%s sees nothing of others', (name) => {
  it.each(questions)('%s', async (...question) => {
    const { status, body } = await ask(credentials[name], question)
    // What was asked for may come back in a refusal.
    const text = JSON.stringify(body).replaceAll(`hidden.${secretWord}`, '')
    expect(text).not.toContain(secretWord)
    expect(text).not.toContain('globex')
    expect(text).not.toMatch(/\b(1000|1003)\b/)
    expect([200, 400, 403, 404]).toContain(status)
  })
})

describe.each(['expired', 'revoked', 'forged', 'unsigned', 'nothing'])('%s is refused everywhere', (name) => {
  it.each(questions)('%s', async (...question) => {
    const { status, body } = await ask(credentials[name], question)
    expect(status).toBe(401)
    expect(Object.keys(body as object)).toEqual(['error'])
  })

  it('a stream', async () => {
    expect(await closeCodeOf(credentials[name])).toBe(4401)
  })
})

it('answers what it was made for, from the cache too, and never from another view', async () => {
  const query = { metric_name: 'orders', aggregation: 'sum', time_range: { start: 'now-30m', end: 'now+1m' } }
  const acme = async () => (await postJson(embed, '/api/v1/metrics/query', query)).body as { data: { value: number }[] }
  const all = async () => (await postJson(admin, '/api/v1/metrics/query', query)).body as { data: { value: number }[] }
  for (const sees of [acme, all, acme, all]) {
    expect((await sees()).data[0].value).toBe(sees === acme ? 3 : 1003)
  }
  const names = (await get(embed, '/api/v1/metrics')).body as { data: { name: string; cardinality: number }[] }
  expect(names.data.map(({ name, cardinality }) => [name, cardinality])).toEqual([
    ['orders', 1],
    ['task.custom', 1],
  ])
})

it('a computed metric is seen by its own name, over what the token sees; what it is made of is not', async () => {
  const hidden = `hidden.${secretWord}`
  const defined = await postJson(admin, '/api/v1/definitions', {
    ...{ name: 'orders.share', kind: 'gauge', unit: '1' },
    expression: `sum(orders) / sum(${hidden})`,
  })
  expect(defined.status).toBe(201)
  const holder = { ...embed, key: (await makeToken(admin, { metrics: ['orders.share'] })).token }
  const query = (metric_name: string) => ({ metric_name, time_range: range })
  const value = async (target: Target) =>
    ((await postJson(target, '/api/v1/metrics/query', query('orders.share'))).body as { data: { value: number }[] })
      .data[0].value
  // acme's 3 of its 1,000; of everybody it is 1,003 of 2,000.
  expect([await value(holder), await value(admin), await value(holder)]).toEqual([0.003, 0.5015, 0.003])

  const formula = (metric_name: string) => ({
    ...{ queries: [{ id: 'a', metric_name, aggregation: 'sum' }], formula: 'a * 1', time_range: range },
  })
  for (const [target, body] of [
    [holder, query('orders')],
    [holder, query(hidden)],
    [holder, formula(hidden)],
    [holder, formula('orders')],
    [embed, query('orders.share')],
    [embed, formula('orders.share')],
    [embed, formula(hidden)],
  ] as const) {
    expect((await postJson(target, '/api/v1/metrics/query', body)).error?.code, JSON.stringify(body)).toBe('forbidden')
  }
  const both = { queries: [...formula('orders').queries, { ...formula(hidden).queries[0], id: 'b' }] }
  const mixed = { ...both, formula: 'a + b', time_range: range }
  expect((await postJson(embed, '/api/v1/metrics/query', mixed)).error?.code).toBe('forbidden')
  const batch = { queries: [{ id: 'x', query: formula(hidden) }] }
  const { body } = await postJson(embed, '/api/v1/metrics/batch', batch)
  expect((body as { results: { status: number }[] }).results[0].status).toBe(403)
  const wider = { ...query('orders.share'), filters: { 'org.id': 'globex' } }
  const { data } = (await postJson(holder, '/api/v1/metrics/query', wider)).body as { data: { value: number | null }[] }
  expect(data.filter(({ value: seen }) => seen !== null)).toEqual([])
})

it('may not ask for longer, write, make tokens or touch boards', async () => {
  const long = { metric_name: 'orders', time_range: { start: 'now-2h' } }
  expect((await postJson(embed, '/api/v1/metrics/query', long)).error?.code).toBe('forbidden')
  expect((await postJson(embed, '/api/v1/events', { events: [] })).error?.code).toBe('forbidden')
  expect((await postJson(embed, '/api/v1/embed-tokens', { metrics: ['*'] })).error?.code).toBe('forbidden')
  expect((await postJson(embed, '/api/v1/dashboards', { name: 'x' })).error?.code).toBe('forbidden')
  expect((await get(embed, '/api/v1/dashboards/templates')).status).toBe(403)
})

it('reads the boards that it names, and changes them only where it may', async () => {
  const boards = await Promise.all(['mine', 'yours'].map((name) => postJson(admin, '/api/v1/dashboards', { name })))
  const [mine, yours] = boards.map(({ body }) => (body as { id: string }).id)
  const reader = { ...embed, key: (await makeToken(admin, { dashboards: [mine] })).token }
  const editor = { ...embed, key: (await makeToken(admin, { dashboards: [mine], edit: true })).token }
  const list = (await get(reader, '/api/v1/dashboards')).body as { data: { id: string }[]; meta: { total: number } }
  expect([list.data.map(({ id }) => id), list.meta.total]).toEqual([[mine], 1])
  expect((await get(reader, `/api/v1/dashboards/${yours}`)).status).toBe(404)
  const put = async ({ key }: Target, id: string, body: object) =>
    (
      await fetch(`${collector.url}/api/v1/dashboards/${id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).status
  expect(await put(reader, mine, { name: 'changed' })).toBe(403)
  expect(await put(editor, yours, { name: 'changed' })).toBe(404)
  expect(await put(editor, mine, { name: 'changed', is_public: true })).toBe(403)
  expect(await put(editor, mine, { name: 'changed' })).toBe(200)
})

it('sees the annotations of its tags, where it may see any', async () => {
  const [ours, theirs] = await Promise.all([note(admin, 'acme', 'deploy'), note(admin, 'globex', secretWord)])
  const path = '/api/v1/annotations?end=now%2B1m'
  const titles = async (target: Target) =>
    ((await get(target, path)).body as { data: { title: string }[] }).data.map(({ title }) => title).sort()
  expect(await titles(embed)).toEqual(['deploy', 'ours'])
  expect(await titles({ ...embed, key: (await makeToken(admin)).token })).toEqual([])
  expect((await get(embed, `/api/v1/annotations/${ours}`)).status).toBe(200)
  expect((await get(embed, `/api/v1/annotations/${theirs}`)).status).toBe(404)
  const editor = { ...embed, key: (await makeToken(admin, { annotations: true, edit: true })).token }
  expect((await postJson(editor, '/api/v1/annotations', { title: 'x' })).error?.code).toBe('forbidden')
})

it('a public board shows annotations where one of its widgets does', async () => {
  const board = (annotations: boolean) => ({
    name: 'public',
    is_public: true,
    widgets: [
      { id: 'a', type: 'chart', position: { x: 0, y: 0, w: 6, h: 4 }, config: { metric: 'orders', annotations } },
    ],
    filters: { 'org.id': 'acme' },
  })
  for (const isShown of [true, false]) {
    const made = (await postJson(admin, '/api/v1/dashboards', board(isShown))).body as { public_link: string }
    const shown = (await get(admin, `/api/v1/public/dashboards/${made.public_link}`)).body as { token: string }
    const { body } = await get({ ...admin, key: shown.token }, '/api/v1/annotations?end=now%2B1m')
    expect((body as { data: unknown[] }).data.length > 0).toBe(isShown)
    expect(JSON.stringify(body)).not.toContain(secretWord)
  }
})

it('streams what it was made for', async () => {
  const frames = await streamFrames(embed.key, [
    {
      type: 'subscribe',
      id: 'a',
      query: { metric_name: 'orders', aggregation: 'sum', range: '30m', group_by: ['note'] },
      interval: 'live',
    },
    { type: 'subscribe', id: 'b', query: { metric_name: `hidden.x`, range: '30m' }, interval: 'live' },
    { type: 'subscribe', id: 'c', query: { metric_name: 'orders', range: '2h' }, interval: 'live' },
    { type: 'subscribe', id: 'd', channel: 'events', interval: 'live' },
  ])
  const of = (id: string) => frames.filter((frame) => frame.id === id)
  expect(of('a')[0].data.map(({ value }: { value: number }) => value)).toEqual([3])
  expect([of('b')[0].error.code, of('c')[0].error.code]).toEqual(['forbidden', 'forbidden'])
  const names = of('d').flatMap(({ data }) => data)
  expect(names.map(({ name, org_id }: { name: string; org_id: string }) => `${org_id} ${name}`)).toEqual([
    'acme orders',
  ])
  expect(JSON.stringify(frames)).not.toContain(secretWord)
})

it('a stream ends with its token', async () => {
  const { token } = await makeToken(admin, { ttl: '2s' })
  expect(await closeCodeOf(token)).toBe(4401)
})

it('is made on the command line, too', async () => {
  const output = await collector.telltale(
    'token',
    '--metrics',
    'orders',
    '--filter',
    'org.id=acme',
    '--ttl',
    '5m',
    '--json',
  )
  const { token, expires_at } = JSON.parse(output) as Token
  expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(4 * 60_000)
  const query = { metric_name: 'orders', aggregation: 'sum', time_range: range }
  const { body } = await postJson({ ...embed, key: token }, '/api/v1/metrics/query', query)
  expect((body as { data: { value: number }[] }).data[0].value).toBe(3)
  await expect(collector.telltale('token', '--metrics', '*', '--ttl', '2d')).rejects.toThrow('24h')
  await expect(collector.telltale('token', '--metrics', '*', '--project', 'nobody')).rejects.toThrow('no project')
})

// biome-ignore lint/suspicious/noExplicitAny: frames of every type.
type Frame = Record<string, any>

/** Frames of the first second, with events of both orgs sent meanwhile. */
async function streamFrames(token: string, subscriptions: object[]): Promise<Frame[]> {
  const socket = new WebSocket(`${collector.url.replace('http', 'ws')}/ws/analytics`)
  const frames: Frame[] = []
  socket.on('message', (data) => frames.push(JSON.parse(String(data))))
  await new Promise((open) => socket.once('open', open))
  socket.send(JSON.stringify({ type: 'auth', token }))
  for (const frame of subscriptions) socket.send(JSON.stringify(frame))
  await sleep(300)
  await postJson({ url: collector.url, key: credentials.ingest }, '/api/v1/events', {
    events: [event('globex', 'orders'), event('acme', 'orders'), event('acme', 'unseen')],
  })
  await sleep(700)
  socket.close()
  return frames
}

function closeCodeOf(token: string): Promise<number> {
  const socket = new WebSocket(`${collector.url.replace('http', 'ws')}/ws/analytics`)
  return new Promise((closed) => {
    socket.once('open', () => socket.send(JSON.stringify({ type: 'auth', token })))
    socket.once('close', closed)
  })
}
