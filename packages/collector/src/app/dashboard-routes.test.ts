import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, callJson, testApp } from './testing/app.js'

const path = '/api/v1/dashboards'
const board = {
  name: 'Test Dashboard',
  widgets: [
    {
      id: 'widget-1',
      type: 'chart',
      position: { x: 0, y: 0, w: 6, h: 4 },
      config: { chartType: 'line', metric: 'task.execution.duration' },
    },
  ],
  refreshInterval: 30,
  filters: [],
}

let app: FastifyInstance

beforeEach(async () => {
  app = (await testApp()).app
})
afterEach(() => app.close())

const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown, headers = {}) =>
  callJson(app, method, url, body, headers)

async function make(part: object = {}) {
  const { status, body } = await call('POST', path, { ...board, ...part })
  expect(status).toBe(201)
  return body
}

describe('what is refused', () => {
  const widget = board.widgets[0]
  it.each<[string, unknown, string]>([
    ['no name', { widgets: [] }, 'name'],
    ['an empty name', { ...board, name: '  ' }, 'name'],
    ['an unknown field', { ...board, colour: 'red' }, ''],
    ['an unknown type', { ...board, widgets: [widget, { ...widget, id: 'b', type: 'cube' }] }, 'widgets[1].type'],
    [
      'a widget off the grid',
      { ...board, widgets: [{ ...widget, position: { x: 8, y: 0, w: 6, h: 4 } }] },
      'widgets[0].position.w',
    ],
    [
      'a widget without height',
      { ...board, widgets: [{ ...widget, position: { x: 0, y: 0, w: 6, h: 0 } }] },
      'widgets[0].position.h',
    ],
    ['two widgets of one id', { ...board, widgets: [widget, widget] }, 'widgets[1].id'],
    [
      'an unknown aggregation',
      { ...board, widgets: [{ ...widget, config: { aggregation: 'mean' } }] },
      'widgets[0].config.aggregation',
    ],
    [
      'a huge config',
      { ...board, widgets: [{ ...widget, config: { text: 'x'.repeat(20_000) } }] },
      'widgets[0].config',
    ],
  ])('%s', async (_name, body, field) => {
    const response = await call('POST', path, body)
    expect([response.status, response.body.error.code]).toEqual([400, 'invalid_request'])
    expect(response.body.error.details.issues[0].field).toBe(field)
    expect((await call('GET', path)).body.data).toEqual([])
  })

  it('a board that is not there, or another project’s', async () => {
    const { id } = await make()
    for (const key of ['editor', 'stranger']) {
      for (const [method, url] of [
        ['GET', `${path}/${key === 'editor' ? crypto.randomUUID() : id}`],
        ['DELETE', `${path}/${key === 'editor' ? 'x' : id}`],
        ['POST', `${path}/${key === 'editor' ? 'x' : id}/duplicate`],
      ] as const) {
        const { status, body } = await call(method, url, undefined, bearer(key))
        expect([status, body.error.code]).toEqual([404, 'not_found'])
      }
    }
    expect((await call('GET', `${path}/${id}`)).status).toBe(200)
  })

  it('changes by a key that only reads', async () => {
    const { id } = await make()
    for (const [method, url, body] of [
      ['POST', path, board],
      ['PUT', `${path}/${id}`, board],
      ['DELETE', `${path}/${id}`, undefined],
      ['POST', `${path}/${id}/duplicate`, undefined],
      ['POST', `${path}/import`, board],
    ] as const) {
      expect((await call(method, url, body, bearer('reader'))).status).toBe(403)
    }
    expect((await call('GET', `${path}/${id}`, undefined, bearer('reader'))).body.version).toBe(1)
  })

  it('a save over a version that the client has not seen, and says what is there', async () => {
    const { id } = await make()
    await call('PUT', `${path}/${id}`, { ...board, name: 'Second' }, { 'if-match': '"1"' })
    const { status, body } = await call('PUT', `${path}/${id}`, { ...board, name: 'Third' }, { 'if-match': '"1"' })
    expect([status, body.error.code, body.error.details.current.name]).toEqual([412, 'precondition_failed', 'Second'])
    expect((await call('DELETE', `${path}/${id}`, undefined, { 'if-match': 'rubbish' })).status).toBe(412)
    expect((await call('GET', `${path}/${id}`)).body).toMatchObject({ name: 'Second', version: 2 })
  })

  it('files of a later format, and files that are none', async () => {
    const file = { format: 'telltale.dashboard', format_version: 99, dashboard: board }
    expect((await call('POST', `${path}/import`, file)).body.error.message).toContain('newer')
    expect((await call('POST', `${path}/import`, { format: 'grafana', panels: [] })).status).toBe(400)
  })
})

describe('a board', () => {
  it('is made, read, saved and removed', async () => {
    const made = await call('POST', path, board)
    const { id } = made.body
    expect(made.headers).toMatchObject({ location: `${path}/${id}`, etag: '"1"' })
    expect(made.body).toMatchObject({ ...board, version: 1, description: '', is_public: false, public_link: null })
    expect((await call('GET', `${path}/${id}`)).body).toEqual(made.body)

    // What was read can be sent back as it is.
    const saved = await call('PUT', `${path}/${id}`, { ...made.body, name: 'Second' }, { 'if-match': '"1"' })
    expect([saved.status, saved.headers.etag, saved.body.name]).toEqual([200, '"2"', 'Second'])

    const removed = await call('DELETE', `${path}/${id}`)
    expect([removed.status, removed.body]).toEqual([204, undefined])
    expect((await call('GET', `${path}/${id}`)).status).toBe(404)
  })

  it('is found by text, folder and tag, sorted and in pages', async () => {
    for (const name of ['beta', 'Alpha', '100% sure', 'gamma']) {
      await make({ name, folder: name === 'gamma' ? 'ops' : '', tags: name === 'beta' ? ['a'] : [] })
    }
    const names = async (query: string) =>
      (await call('GET', `${path}?${query}`)).body.data.map(({ name }: { name: string }) => name)
    expect(await names('sort=name')).toEqual(['100% sure', 'Alpha', 'beta', 'gamma'])
    expect(await names('sort=name&order=desc&limit=2&offset=1')).toEqual(['beta', 'Alpha'])
    expect(await names('search=ALPHA')).toEqual(['Alpha'])
    expect(await names('search=0%25')).toEqual(['100% sure'])
    expect(await names('folder=ops')).toEqual(['gamma'])
    expect(await names('tag=a')).toEqual(['beta'])
    expect((await call('GET', `${path}?limit=1`)).body.meta).toEqual({ total: 4 })
    expect((await call('GET', `${path}?limit=0`)).status).toBe(400)
  })

  it('is copied, and the copy is private', async () => {
    const { id } = await make({ is_public: true })
    const { status, body } = await call('POST', `${path}/${id}/duplicate`)
    expect([status, body.name, body.is_public, body.id === id]).toEqual([201, 'Test Dashboard (copy)', false, false])
    expect((await call('POST', `${path}/${id}/duplicate`, { name: 'Mine' })).body.name).toBe('Mine')
  })

  it('goes out as a file and comes back', async () => {
    const { id, widgets } = await make({ is_public: true })
    const file = await call('GET', `${path}/${id}/export`)
    expect(file.headers['content-disposition']).toBe('attachment; filename="Test-Dashboard.json"')
    const { status, body } = await call('POST', `${path}/import`, file.body)
    expect([status, body.widgets, body.is_public]).toEqual([201, widgets, false])
  })

  it('keeps its last 50 versions, each of which can be had back', async () => {
    const { id } = await make()
    for (let i = 2; i <= 60; i++) await call('PUT', `${path}/${id}`, { ...board, name: `v${i}` })
    const { data } = (await call('GET', `${path}/${id}/versions`)).body
    expect([data.length, data[0].version, data[49].version]).toEqual([50, 60, 11])
    expect((await call('GET', `${path}/${id}/versions/20`)).body.name).toBe('v20')
    expect((await call('GET', `${path}/${id}/versions/2`)).status).toBe(404)
    const restored = await call('POST', `${path}/${id}/versions/20/restore`)
    expect(restored.body).toMatchObject({ name: 'v20', version: 61 })
  })

  it('is public by a link that changes when it was private in between', async () => {
    const { id, public_link } = await make({ is_public: true })
    expect(public_link).toMatch(/^[0-9A-Za-z]{30,}$/)
    const open = (link: string) => call('GET', `/api/v1/public/dashboards/${link}`, undefined, { authorization: '' })
    expect((await open(public_link)).body).toMatchObject({ dashboard: { id }, token: 'a.b.c' })
    await call('PUT', `${path}/${id}`, board)
    expect((await open(public_link)).status).toBe(404)
    const again = await call('PUT', `${path}/${id}`, { ...board, is_public: true })
    expect(again.body.public_link).not.toBe(public_link)
  })

  it('can be made of each template', async () => {
    const { data } = (await call('GET', `${path}/templates`)).body
    expect(data.length).toBeGreaterThan(2)
    for (const { dashboard } of data) expect((await call('POST', path, dashboard)).status).toBe(201)
  })
})
