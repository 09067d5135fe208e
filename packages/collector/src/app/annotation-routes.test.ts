import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, callJson, testApp } from './testing/app.js'

const path = '/api/v1/annotations'
const deploy = { time: '2026-01-15T12:00:00Z', title: 'Deploy 1.4', text: 'by CI', tags: { region: 'eu' } }

let app: FastifyInstance

beforeEach(async () => {
  app = (await testApp()).app
})
afterEach(() => app.close())

const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown, headers = {}) =>
  callJson(app, method, url, body, headers)

async function make(part: object = {}) {
  const { status, body } = await call('POST', path, { ...deploy, ...part })
  expect(status).toBe(201)
  return body
}

const titles = async (query: string, headers = {}) =>
  (await call('GET', `${path}?${query}`, undefined, headers)).body.data.map(({ title }: { title: string }) => title)

describe('what is refused', () => {
  it.each<[string, object, string, string]>([
    ['no title', { time: 'now' }, 'invalid_request', 'title'],
    ['an empty title', { title: ' ' }, 'invalid_request', 'title'],
    ['an unknown severity', { severity: 'fatal' }, 'invalid_request', 'severity'],
    ['an unknown field', { colour: 'red' }, 'invalid_request', 'colour'],
    ['a time that is none', { time: 'yesterday' }, 'invalid_time_range', 'time'],
    ['an end before its start', { end: '2026-01-15T11:59:59Z' }, 'invalid_time_range', 'end'],
    ['a tag that is a list', { tags: { region: ['eu'] } }, 'invalid_request', 'tags.region'],
    [
      'too many tags',
      { tags: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`t${i}`, 1])) },
      'invalid_request',
      'tags',
    ],
  ])('%s', async (name, part, code, field) => {
    const { status, body } = await call('POST', path, name === 'no title' ? part : { ...deploy, ...part })
    expect([status, body.error.code]).toEqual([400, code])
    expect(JSON.stringify(body.error)).toContain(field)
  })

  it('ranges that are none', async () => {
    for (const query of ['start=never', 'start=now&end=now-1h', 'limit=0', 'from=1']) {
      expect([query, (await call('GET', `${path}?${query}`)).status]).toEqual([query, 400])
    }
  })

  it('writing without the permission', async () => {
    const { id } = await make()
    for (const key of ['reader', 'writer']) {
      expect((await call('POST', path, deploy, bearer(key))).status).toBe(403)
      expect((await call('PUT', `${path}/${id}`, deploy, bearer(key))).status).toBe(403)
      expect((await call('DELETE', `${path}/${id}`, undefined, bearer(key))).status).toBe(403)
    }
    expect((await call('GET', path, undefined, bearer('writer'))).status).toBe(403)
  })
})

it('is made, read, changed and removed', async () => {
  const made = await call('POST', path, deploy)
  const { id } = made.body
  expect(made.body).toMatchObject({
    version: 1,
    time: '2026-01-15T12:00:00.000Z',
    end: null,
    title: 'Deploy 1.4',
    severity: 'info',
    tags: { region: 'eu' },
  })
  expect(made.headers).toMatchObject({ location: `${path}/${id}`, etag: '"1"' })
  // An answer can be sent back with a change in it.
  const changed = await call('PUT', `${path}/${id}`, { ...made.body, severity: 'critical' }, { 'if-match': '"1"' })
  expect(changed.body).toMatchObject({ id, version: 2, severity: 'critical', text: 'by CI' })
  const late = await call('PUT', `${path}/${id}`, deploy, { 'if-match': '"1"' })
  expect([late.status, late.body.error.details.current.version]).toEqual([412, 2])
  expect((await call('DELETE', `${path}/${id}`, undefined, { 'if-match': '"1"' })).status).toBe(412)
  expect((await call('GET', `${path}/${id}`)).body).toEqual(changed.body)
  expect((await call('DELETE', `${path}/${id}`)).status).toBe(204)
  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    expect((await call(method, `${path}/${id}`, method === 'PUT' ? deploy : undefined)).status).toBe(404)
  }
})

it('is now, and a moment, where nothing else is said', async () => {
  const { status, body } = await call('POST', path, { title: 'Here' })
  expect([status, body.end, body.text, body.tags]).toEqual([201, null, '', {}])
  expect(await titles('start=now-1m&end=now%2B1m')).toEqual(['Here'])
})

describe('the list', () => {
  beforeEach(async () => {
    await make({ title: 'before', time: '2026-01-15T10:00:00Z' })
    await make({ title: 'into', time: '2026-01-15T11:30:00Z', end: '2026-01-15T12:30:00Z' })
    await make({ title: 'around', time: '2026-01-15T09:00:00Z', end: '2026-01-15T15:00:00Z' })
    await make({ title: 'at the start', time: '2026-01-15T12:00:00Z' })
    await make({ title: 'inside 50%', time: '2026-01-15T12:59:59.999Z' })
    await make({ title: 'at the end', time: '2026-01-15T13:00:00Z' })
  })
  const hour = `start=${Date.UTC(2026, 0, 15, 12)}&end=${Date.UTC(2026, 0, 15, 13)}`

  it('holds what touches the range, the latest first', async () => {
    expect(await titles(hour)).toEqual(['inside 50%', 'at the start', 'into', 'around'])
    expect(await titles('start=2026-01-15T12:00:00Z&end=2026-01-15T12:00:00.001Z')).toEqual([
      'at the start',
      'into',
      'around',
    ])
  })

  it('is searched and cut', async () => {
    expect(await titles(`${hour}&search=INSIDE`)).toEqual(['inside 50%'])
    expect(await titles(`${hour}&search=50%25`)).toEqual(['inside 50%'])
    expect((await call('GET', `${path}?${hour}&limit=2`)).body).toMatchObject({ truncated: true })
    expect((await call('GET', `${path}?${hour}&limit=4`)).body).toMatchObject({ truncated: false })
  })

  it('is not sent again while it is the same', async () => {
    const { headers } = await call('GET', `${path}?${hour}`)
    const again = () => call('GET', `${path}?${hour}`, undefined, { 'if-none-match': headers.etag })
    expect((await again()).status).toBe(304)
    await make({ time: '2026-01-15T12:10:00Z' })
    expect((await again()).status).toBe(200)
  })

  it('is empty for another project, and its annotations are not there', async () => {
    const { id } = await make()
    const stranger = bearer('stranger')
    expect(await titles(hour, stranger)).toEqual([])
    expect((await call('GET', `${path}/${id}`, undefined, stranger)).status).toBe(404)
    expect((await call('PUT', `${path}/${id}`, deploy, stranger)).status).toBe(404)
    expect((await call('DELETE', `${path}/${id}`, undefined, stranger)).status).toBe(404)
    expect((await call('GET', `${path}/${id}`)).status).toBe(200)
  })
})
