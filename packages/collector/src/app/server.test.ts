import { gzipSync } from 'node:zlib'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { TelltaleError } from '../errors.js'
import { routes } from './server.js'
import { bearer, emptyAck, testApp } from './testing/app.js'

const open: FastifyInstance[] = []

async function app(...args: Parameters<typeof testApp>) {
  const made = await testApp(...args)
  open.push(made.app)
  return made
}

afterEach(async () => {
  for (const made of open.splice(0)) await made.close()
})

const ingest = (body: Buffer, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  url: '/v1/ingest',
  payload: body,
  headers: { ...bearer('writer'), 'content-type': 'application/x-protobuf', ...headers },
})

const query = (body: unknown, headers: Record<string, string> = {}): InjectOptions => ({
  method: 'POST',
  url: '/api/v1/metrics/query',
  payload: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { ...bearer('reader'), 'content-type': 'application/json', ...headers },
})

const goodQuery = { metric_name: 'temp', time_range: { start: 'now-1h' } }

describe('bad requests', () => {
  const mebibyte = 1024 * 1024
  it.each<[string, InjectOptions, number, string]>([
    ['an unknown route', { url: '/api/v1/metric' }, 404, 'not_found'],
    ['a path that no URL has', { url: '/api/v1/tasks/%zz' }, 400, 'invalid_request'],
    ['a wrong method', { method: 'DELETE', url: '/v1/ingest' }, 405, 'method_not_allowed'],
    ['no key', { url: '/api/v1/metrics' }, 401, 'unauthorized'],
    ['a wrong key', { url: '/api/v1/metrics', headers: bearer('guess') }, 401, 'unauthorized'],
    ['a wrong scope', { url: '/api/v1/metrics', headers: bearer('writer') }, 403, 'forbidden'],
    ['a read key for ingest', ingest(Buffer.from('x'), bearer('reader')), 403, 'forbidden'],
    ['a publishable key for a query', { url: '/api/v1/metrics?key=pk_page' }, 401, 'unauthorized'],
    ['no content type', { ...ingest(Buffer.from('x')), headers: bearer('writer') }, 415, 'unsupported_media_type'],
    [
      'JSON as a batch',
      ingest(Buffer.from('{}'), { 'content-type': 'application/json' }),
      415,
      'unsupported_media_type',
    ],
    ['a form', query('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'unsupported_media_type'],
    ['an unknown encoding', ingest(Buffer.from('x'), { 'content-encoding': 'br' }), 415, 'unsupported_encoding'],
    ['gzip that is none', ingest(Buffer.from('x'), { 'content-encoding': 'gzip' }), 400, 'invalid_request'],
    ['5 MiB', ingest(Buffer.alloc(5 * mebibyte)), 413, 'payload_too_large'],
    ['a gzip bomb', ingest(gzipSync(Buffer.alloc(64 * mebibyte)), { 'content-encoding': 'gzip' }), 413, 'payload_too_large'], // biome-ignore format: a table
    ['bad JSON', query('{"metric_name":'), 400, 'invalid_json'],
    ['an empty body', query(''), 400, 'invalid_json'],
    ['JSON that is no object', query('[]'), 400, 'invalid_request'],
    ['an unknown field', query({ ...goodQuery, metric: 'temp' }), 400, 'invalid_request'],
    [
      'an unknown query parameter',
      { url: '/api/v1/metrics?serach=a', headers: bearer('reader') },
      400,
      'invalid_request',
    ],
    ['an unknown aggregation', query({ ...goodQuery, aggregation: 'mean' }), 400, 'invalid_request'],
    ['an unknown metric', { url: '/api/v1/metrics/nothing', headers: bearer('reader') }, 404, 'unknown_metric'],
  ])('%s', async (_name, request, status, code) => {
    const { app: server, calls } = await app()
    const response = await server.inject(request)
    expect([response.statusCode, response.json().error.code]).toEqual([status, code])
    expect(response.json().error.message.length).toBeGreaterThan(5)
    expect(calls).toEqual({ batches: [], queries: [] })
    expect((await server.inject(ingest(Buffer.from('good')))).statusCode).toBe(200)
  })

  it('names the fields that are wrong', async () => {
    const { app: server } = await app()
    const bad = { metric_name: '', time_range: { start: 'now-1h', end: {} }, step: '5 minutes', nonsense: 1 }
    const { error } = (await server.inject(query(bad))).json()
    const fields = error.details.issues.map(({ field }: { field: string }) => field)
    expect(fields).toEqual(expect.arrayContaining(['metric_name', 'time_range.end', 'step']))
    expect(error.message).toContain('metric_name')
  })

  it('says what would do in place of a value', async () => {
    const { app: server } = await app()
    const message = async (body: unknown) => (await server.inject(query(body))).json().error.message
    expect(await message({ time_range: { start: 'now-1h' } })).toBe('metric_name: is missing (string)')
    expect(await message({ ...goodQuery, aggregation: 'mean' })).toMatch(/^aggregation: .*"avg"\|"sum"/)
    expect(await message({ ...goodQuery, step: '5 minutes' })).toMatch(/^step: .*a duration such as 500ms/)
  })

  it('names near routes, allowed methods and the way to sign in', async () => {
    const { app: server } = await app()
    const near = await server.inject({ url: '/api/v1/metric' })
    expect(near.json().error.message).toContain('/api/v1/metrics')
    const method = await server.inject({ method: 'GET', url: '/api/v1/metrics/query/', headers: bearer('reader') })
    expect(method.json().error.code).toBe('unknown_metric')
    expect((await server.inject({ method: 'PUT', url: '/healthz' })).headers.allow).toBe('GET, HEAD')
    expect((await server.inject({ url: '/api/v1/metrics' })).headers['www-authenticate']).toContain('Bearer')
  })

  it('hides faults of its own behind a request id', async () => {
    const { app: server } = await app()
    const response = await server.inject({ url: '/api/v1/tasks/x', headers: bearer('reader') })
    expect(response.statusCode).toBe(500)
    expect(response.json().error).toMatchObject({
      code: 'internal',
      details: { request_id: response.headers['x-request-id'] },
    })
    expect(response.body).not.toContain('a fault of ours')
  })

  it('asks to come back while too many bytes are held, and recovers', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const batch = async () => {
      await held
      return emptyAck
    }
    const { app: server } = await app(
      {
        ingest: {
          batch,
          rows: async () => Promise.reject(new Error('unused')),
          events: async () => ({ accepted: 0, rejected: [], duplicate: false }),
        },
      },
      { TELLTALE_INGEST_MAX_IN_FLIGHT_BYTES: String(1024 * 1024) },
    )
    const size = 600 * 1024
    const first = server.inject(ingest(Buffer.alloc(size), { 'content-length': String(size) }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const second = await server.inject(ingest(Buffer.alloc(size), { 'content-length': String(size) }))
    expect([second.statusCode, second.json().error.code, second.headers['retry-after']]).toEqual([
      503,
      'overloaded',
      '1',
    ])
    release()
    expect((await first).statusCode).toBe(200)
    expect((await server.inject(ingest(Buffer.alloc(size), { 'content-length': String(size) }))).statusCode).toBe(200)
  })

  it('sends Retry-After with what storage refuses', async () => {
    const full = () => Promise.reject(new TelltaleError('storage_full', 'disk full', { retryAfterSeconds: 7.2 }))
    const { app: server } = await app({ ingest: { batch: full, events: full, rows: full } })
    const response = await server.inject(ingest(Buffer.from('x')))
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '8'])
  })

  it('takes nothing while it starts or stops, and says which', async () => {
    for (const [state, code] of [
      ['starting', 'not_ready'],
      ['stopping', 'shutting_down'],
    ] as const) {
      const { app: server } = await app({ readiness: () => state })
      const ready = await server.inject({ url: '/readyz' })
      const batch = await server.inject(ingest(Buffer.from('x')))
      expect([ready.statusCode, ready.json().error.code]).toEqual([503, code])
      expect([batch.statusCode, batch.json().error.code]).toEqual([503, code])
      expect((await server.inject({ url: '/healthz' })).statusCode).toBe(200)
    }
  })
})

describe('good requests', () => {
  it('hands over the bytes of a batch, inflated', async () => {
    const { app: server, calls } = await app()
    await server.inject(ingest(Buffer.from('plain')))
    await server.inject(ingest(gzipSync('packed'), { 'content-encoding': 'gzip' }))
    const beacon = { ...ingest(Buffer.from('page')), url: '/v1/ingest?key=pk_page' }
    const response = await server.inject({ ...beacon, headers: { 'content-type': 'application/x-protobuf' } })
    expect(response.headers['content-type']).toBe('application/x-protobuf')
    expect(calls.batches.map((bytes) => Buffer.from(bytes).toString())).toEqual(['plain', 'packed', 'page'])
  })

  it('fills in defaults before it asks', async () => {
    const { app: server, calls } = await app()
    expect((await server.inject(query(goodQuery))).statusCode).toBe(200)
    expect(calls.queries).toEqual([expect.objectContaining({ aggregation: 'avg', fill: 'none', format: 'rows' })])
  })

  it('decodes names in paths', async () => {
    const { app: server, calls } = await app()
    const url = '/api/v1/metrics/a%2Fb%20c/tags/k%C3%A9y/values?search=x'
    expect((await server.inject({ url, headers: bearer('reader') })).statusCode).toBe(200)
    expect(calls.queries).toEqual([{ name: 'a/b c', key: 'kéy', search: 'x' }])
  })

  it('opens the API to pages of any origin, without cookies', async () => {
    const { app: server } = await app()
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    const preflight = await server.inject({ method: 'OPTIONS', url: '/api/v1/metrics/query', headers })
    expect(preflight.statusCode).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-max-age': '86400',
    })
    const answer = await server.inject(query(goodQuery, { origin: 'https://app.example' }))
    expect(answer.headers['access-control-expose-headers']).toMatch(/retry-after/i)
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  })

  it('sends a strict content security policy', async () => {
    const { app: server } = await app()
    const policy = (await server.inject({ url: '/healthz' })).headers['content-security-policy']
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toContain('unsafe')
  })
})

describe('the session of the page', () => {
  const viewer = { token: 'secret', project: 'default' }
  const from = (headers: Record<string, string>, remoteAddress = '127.0.0.1'): InjectOptions => ({
    url: '/app/session',
    remoteAddress,
    headers,
  })

  it('is refused where local viewing is off', async () => {
    const { app: server } = await app()
    expect((await server.inject(from({ host: '127.0.0.1:80' }))).statusCode).toBe(403)
  })

  it('is for the own page on this machine alone', async () => {
    const { app: server } = await app({ viewer })
    const { host } = new URL(await server.listen({ port: 0, host: '127.0.0.1' }))
    const ask = async (headers: Record<string, string>) => {
      const response = await fetch(`http://${host}/app/session`, { headers })
      await response.text()
      return response.status
    }
    expect(await ask({})).toBe(200)
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { referer: 'https://evil.example/' },
      { 'x-forwarded-for': '10.1.1.1' },
    ]
    for (const headers of foreign) expect(await ask(headers)).toBe(403)
    const response = await fetch(`http://${host}/app/session`)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual(viewer)
  })

  it('does not fall for names that were bound to this machine', async () => {
    const { app: server } = await app({ viewer })
    expect((await server.inject(from({ host: 'evil.example:80' }))).statusCode).toBe(403)
    expect((await server.inject(from({ host: '127.0.0.1:80' }, '10.0.0.9'))).statusCode).toBe(403)
  })
})

it('describes every route in OpenAPI', async () => {
  const { app: server } = await app()
  const response = await server.inject({ url: '/openapi.json' })
  const description = response.json()
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const expected = routes.filter(({ hidden }) => !hidden)
  expect(described).toEqual(expected.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`))
  const references = new Set([...response.body.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].map(([, name]) => name))
  for (const name of references) {
    const [kind, id] = name.split('/')
    expect(description.components[kind]).toHaveProperty(id)
  }
  // Reviewed like any other change of the API; `npx vitest run -u` writes it anew.
  await expect(`${JSON.stringify(description, null, 2)}\n`).toMatchFileSnapshot('./openapi.json.golden')
})
