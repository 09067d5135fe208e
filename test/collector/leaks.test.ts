/**
 * Every route that the collector describes × two projects × every kind of credential. The table is held against
 * `/openapi.json`: a route that nobody thought of fails here.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, postJson, sampleBatch, sendBatch, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

/** Stands in everything that belongs to the project `default` and is not of the org that tokens are made for. */
const word = 'leaked-word'
const hidden = `hidden.${word}`
const range = { start: 'now-30m', end: 'now+1m' }
const query = { metric_name: 'orders', aggregation: 'sum', group_by: ['note'], time_range: range }
const board = {
  name: word,
  is_public: true,
  widgets: [{ id: 'a', type: 'chart', position: { x: 0, y: 0, w: 6, h: 4 }, config: { metric: hidden } }],
}
const definition = { name: `defined.${word}`, kind: 'gauge', description: word }
const rule = { rules: [{ prefix: `${word}.`, raw: '30d' }] }

interface Ask {
  /** Parameters of the path, from what the project holds. */
  path?: (made: Record<string, string>) => Record<string, string>
  search?: string
  body?: object
  /** Scope that a key needs, besides admin. */
  scope?: 'read' | 'ingest'
  /** An embed token of the org may ask, within what it sees. */
  embed?: true
  /** Its answer holds refusals, in which comes back what was asked for. */
  echoes?: true
  /** What it says belongs to whoever asks: another project's admin is answered, with what is its own. */
  own?: true
}

const byBoard = { path: ({ board: id }: Record<string, string>) => ({ id }) }
const byAnnotation = { path: ({ annotation: id }: Record<string, string>) => ({ id }) }
const byDefinition = { path: () => ({ name: definition.name }) }
const byMetric = { path: () => ({ name: 'orders', key: 'note' }) }
const byVersion = { path: ({ board: id }: Record<string, string>) => ({ id, version: '1' }) }

/** As much as each route can be asked for. */
const table: Record<string, Ask> = {
  'POST /v1/ingest': { scope: 'ingest', own: true },
  'POST /v1/rows': { scope: 'ingest', own: true, body: {} },
  'POST /api/v1/events': { scope: 'ingest', own: true, body: { events: [{ name: 'mine' }] } },
  'POST /api/v1/metrics/query': { scope: 'read', embed: true, own: true, body: query },
  'POST /api/v1/metrics/batch': {
    ...{ scope: 'read', embed: true, own: true, echoes: true },
    body: { queries: ['orders', hidden].map((metric_name, i) => ({ id: `${i}`, query: { ...query, metric_name } })) },
  },
  'POST /api/v1/metrics/histogram': {
    ...{ scope: 'read', embed: true, own: true },
    body: { metric_name: 'task.custom', time_range: range },
  },
  'GET /api/v1/metrics': { scope: 'read', embed: true, own: true },
  'GET /api/v1/metrics/{name}': { scope: 'read', embed: true, ...byMetric },
  'GET /api/v1/metrics/{name}/tags': { scope: 'read', embed: true, ...byMetric },
  'GET /api/v1/metrics/{name}/tags/{key}/values': { scope: 'read', embed: true, ...byMetric },
  'POST /api/v1/tasks/query': { scope: 'read', embed: true, own: true, body: { search: '' } },
  'GET /api/v1/tasks/{id}': { scope: 'read', embed: true, path: () => ({ id: `run-${word}` }) },
  'POST /api/v1/events/query': {
    ...{ scope: 'read', embed: true, own: true },
    body: { kind: 'trend', event: 'orders', group_by: ['note', 'org.id'], time_range: range },
  },
  'GET /api/v1/export': {
    ...{ scope: 'read', embed: true, own: true },
    search: '?format=json&kind=tasks&start=now-30m',
  },
  'GET /api/v1/definitions': { scope: 'read', own: true },
  'POST /api/v1/definitions': { own: true, body: { name: 'mine', kind: 'gauge' } },
  'GET /api/v1/definitions/{name}': { scope: 'read', ...byDefinition },
  'PUT /api/v1/definitions/{name}': { ...byDefinition, body: { ...definition, description: 'taken' } },
  'DELETE /api/v1/definitions/{name}': byDefinition,
  'GET /api/v1/retention': { scope: 'read', own: true },
  'PUT /api/v1/retention': { own: true, body: { rules: [] } },
  'GET /api/v1/dashboards': { scope: 'read', embed: true, own: true },
  'POST /api/v1/dashboards': { own: true, body: { name: 'mine' } },
  'GET /api/v1/dashboards/templates': { scope: 'read', own: true },
  'POST /api/v1/dashboards/import': { own: true, body: { name: 'mine' } },
  'GET /api/v1/dashboards/{id}': { scope: 'read', embed: true, ...byBoard },
  'PUT /api/v1/dashboards/{id}': { ...byBoard, body: { name: 'taken' } },
  'DELETE /api/v1/dashboards/{id}': byBoard,
  'POST /api/v1/dashboards/{id}/duplicate': { ...byBoard, body: {} },
  'GET /api/v1/dashboards/{id}/export': { scope: 'read', embed: true, ...byBoard },
  'GET /api/v1/dashboards/{id}/versions': { scope: 'read', ...byBoard },
  'GET /api/v1/dashboards/{id}/versions/{version}': { scope: 'read', ...byVersion },
  'POST /api/v1/dashboards/{id}/versions/{version}/restore': byVersion,
  'GET /api/v1/annotations': { scope: 'read', embed: true, own: true, search: '?end=now%2B1m' },
  'POST /api/v1/annotations': { own: true, body: { title: 'mine' } },
  'GET /api/v1/annotations/{id}': { scope: 'read', embed: true, ...byAnnotation },
  'PUT /api/v1/annotations/{id}': { ...byAnnotation, body: { title: 'taken' } },
  'DELETE /api/v1/annotations/{id}': byAnnotation,
  'POST /api/v1/embed-tokens': { scope: 'read', own: true, body: { metrics: ['*'] } },
  'DELETE /api/v1/embed-tokens/{id}': { own: true, path: ({ token: id }) => ({ id }) },
  'GET /api/v1/keys': { own: true },
  'POST /api/v1/keys': { own: true, body: { scope: 'read' } },
  'DELETE /api/v1/keys/{id}': { path: ({ keyId: id }) => ({ id }) },
  'GET /api/v1/whoami': { scope: 'read', embed: true, own: true },
  'GET /api/v1/storage': { own: true },
}

/** Answer anybody, and say nothing of any project. */
const open = ['GET /healthz', 'GET /readyz', 'GET /metrics', 'GET /openapi.json', 'GET /docs']
/** Its link is the credential. */
const byLink = 'GET /api/v1/public/dashboards/{link}'

let collector: CollectorProcess
let admin: Target
const made: Record<string, string> = {}
const credentials: Record<string, string> = {}

async function created(path: string, body: object, field = 'id'): Promise<string> {
  const answer = await postJson(admin, path, body)
  expect([path, answer.status]).toEqual([path, 201])
  return (answer.body as Record<string, string>)[field]!
}

beforeAll(async () => {
  collector = await CollectorProcess.start()
  const { url } = collector
  const [key, read, ingest, other] = await Promise.all([
    collector.createKey('admin'),
    collector.createKey('read'),
    collector.createKey('ingest'),
    collector.createKey('admin', 'other'),
  ])
  admin = { url, key }
  const inOrg = (org: string) => ({ 'org.id': org, note: org === 'acme' ? 'fine' : word })
  await sendBatch(
    admin,
    sampleBatch(
      ['acme', 'globex'].flatMap((org) => [
        { metric: 'orders', kind: Kind.counter, value: 1, attributes: inOrg(org) },
        { metric: 'task.custom', kind: Kind.gauge, value: 1, attributes: inOrg(org) },
        { metric: hidden, kind: Kind.counter, value: 1, attributes: inOrg(org) },
      ]),
    ),
  )
  await postJson(admin, '/api/v1/events', {
    events: [{ name: 'orders', org_id: 'globex', attributes: { note: word } }],
  })
  const rows = await postJson(admin, '/v1/rows', taskRows())
  expect(rows.status).toBe(200)
  made.board = await created('/api/v1/dashboards', board)
  made.annotation = await created('/api/v1/annotations', { title: word, tags: { 'org.id': 'globex' } })
  await created('/api/v1/definitions', definition, 'name')
  made.keyId = await created('/api/v1/keys', { scope: 'read' })
  const retention = await fetch(`${url}/api/v1/retention`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(rule),
  })
  expect(retention.status).toBe(200)
  const token = (part: object = {}) =>
    postJson(admin, '/api/v1/embed-tokens', {
      ...{ metrics: ['task.*', 'orders'], filters: { 'org.id': 'acme' }, annotations: true, edit: true, ttl: '15m' },
      ...part,
    }).then(({ body }) => body as { token: string; id: string })
  const [embed, short, doomed, kept] = await Promise.all([token(), token({ ttl: '1s' }), token(), token()])
  made.token = kept.id
  credentials.kept = kept.token
  await fetch(`${url}/api/v1/embed-tokens/${doomed.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${key}` },
  })
  Object.assign(credentials, {
    ...{ read, ingest, other, embed: embed.token, expired: short.token, revoked: doomed.token, nothing: '' },
    forged: `${embed.token.slice(0, -6)}AAAAAA`,
  })
  await sleep(1100)
})
afterAll(() => collector?.dispose())

function taskRows() {
  const id = () => crypto.randomUUID().replaceAll('-', '')
  const nowMs = Date.now()
  return {
    ...{ batch_id: id(), stream_id: id(), sequence: 1, sent_ms: nowMs, start_ms: nowMs - 1000, end_ms: nowMs },
    resource: {},
    events: [],
    metrics: [],
    drops: {},
    tasks: [
      {
        ...{ id: `run-${word}`, type: word, start_ms: nowMs - 500, duration_ms: 100, status: 'ok', attempt: 1 },
        ...{ properties: { 'org.id': 'globex', note: word }, tags: ['org.id'], steps: [] },
      },
    ],
  }
}

async function ask(route: string, key: string): Promise<{ status: number; text: string }> {
  const [method, template] = route.split(' ') as [string, string]
  const { path, search = '', body, echoes } = table[route] as Ask
  const parameters = path?.(made) ?? {}
  const url = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? word))
  const isProtobuf = route === 'POST /v1/ingest'
  const response = await fetch(collector.url + url + search, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(isProtobuf ? { 'content-type': 'application/x-protobuf' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : isProtobuf ? { body: '' } : {}),
  })
  const text = await response.text()
  // What was asked for may come back in a refusal.
  const asked = echoes ? hidden : response.ok ? undefined : word
  return { status: response.status, text: asked === undefined ? text : text.replaceAll(asked, '') }
}

const routes = Object.keys(table)

it('the table holds every route that the collector has', async () => {
  const { paths } = (await get(admin, '/openapi.json')).body as { paths: Record<string, object> }
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect([...routes, ...open, byLink].sort()).toEqual(described.sort())
})

describe.each(['expired', 'revoked', 'forged', 'nothing'])('%s is refused', (name) => {
  it.each(routes)('%s', async (route) => {
    expect((await ask(route, credentials[name]!)).status).toBe(401)
  })
})

describe('a key of the scope read', () => {
  it.each(routes.filter((route) => table[route]?.scope !== 'read'))('is refused %s', async (route) => {
    expect((await ask(route, credentials.read!)).status).toBe(403)
  })
})

describe('a key of the scope ingest', () => {
  it.each(routes.filter((route) => table[route]?.scope !== 'ingest'))('is refused %s', async (route) => {
    expect((await ask(route, credentials.ingest!)).status).toBe(403)
  })
})

describe('an embed token', () => {
  it.each(routes)('%s', async (route) => {
    const { status, text } = await ask(route, credentials.embed!)
    expect(text).not.toContain(word)
    expect(text).not.toContain('globex')
    if (table[route]?.embed) expect([200, 403, 404]).toContain(status)
    // A board that it does not name is not there, even where it may edit.
    else expect([403, route.startsWith('PUT /api/v1/dashboards/') ? 404 : 403]).toContain(status)
  })
})

describe("another project's admin", () => {
  it.each(routes)('%s', async (route) => {
    const { status, text } = await ask(route, credentials.other!)
    expect(text).not.toContain(word)
    expect(text).not.toContain('globex')
    expect(text).not.toContain('acme')
    if (!table[route]?.own) expect(status).toBe(404)
  })
})

it('afterwards everything is as it was', async () => {
  expect((await get(admin, `/api/v1/dashboards/${made.board}`)).body).toMatchObject({ ...board, version: 1 })
  expect((await get(admin, `/api/v1/annotations/${made.annotation}`)).body).toMatchObject({ title: word, version: 1 })
  expect((await get(admin, `/api/v1/definitions/${definition.name}`)).body).toMatchObject({ ...definition, version: 1 })
  expect((await get(admin, '/api/v1/retention')).body).toMatchObject(rule)
  const keys = (await get(admin, '/api/v1/keys')).body as { data: { id: string; revoked_at: string | null }[] }
  expect(keys.data.find(({ id }) => id === made.keyId)?.revoked_at).toBeNull()
  // Another project's admin named its id.
  expect((await get({ ...admin, key: credentials.kept! }, '/api/v1/whoami')).status).toBe(200)
})

it('what answers anybody says nothing of any project', async () => {
  for (const route of open) {
    const text = await (await fetch(collector.url + route.split(' ')[1])).text()
    expect(text).not.toContain(word)
  }
  const { status } = await fetch(`${collector.url}/api/v1/public/dashboards/guess`)
  expect(status).toBe(404)
})
