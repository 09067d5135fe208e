/** Requests to real servers, measured from outside of them. */
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Kind } from '@telltale/protocol'
import fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HttpInstrumentOptions, httpRoute, instrumentHttp, SetupError, type Stop } from '../../index.js'
import { Recording } from '../../testing/recording.js'

const durationName = 'http.server.request.duration'
let recording: Recording
let stop: Stop
const servers: Server[] = []

beforeEach(async () => {
  recording = await Recording.start()
})
afterEach(async () => {
  stop?.()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await recording.stop()
})

function measure(options: HttpInstrumentOptions = {}): void {
  stop = instrumentHttp({ outgoing: false, client: recording.client, logger: recording.logger, ...options })
}

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Status of an answer that was read to its end. */
async function call(url: string, options: { method?: string } = {}): Promise<number> {
  const response = await fetch(url, options)
  await response.arrayBuffer()
  return response.status
}

/** Method, route, status and error → number of requests. */
async function counts(): Promise<Record<string, number>> {
  const series = await recording.readings(durationName)
  return Object.fromEntries(
    series.map(({ attributes: a, count }) => [
      `${a['http.request.method']} ${a['http.route'] ?? '-'} ${a['http.response.status_code'] ?? '-'} ${a['error.type'] ?? '-'}`,
      count,
    ]),
  )
}

/** The test collector is a server, too. */
const ignoreCollector = ({ url }: IncomingMessage) => url === '/v1/ingest'

describe('instrumentHttp, incoming', () => {
  it('has method, status and error, in seconds, and never the URL', async () => {
    measure({ ignore: ignoreCollector })
    const url = await serve((request, response) => {
      response.statusCode = request.url === '/boom?secret=1' ? 500 : 200
      response.end('hello')
    })
    await call(`${url}/a/1`)
    await call(`${url}/a/2`, { method: 'POST' })
    await call(`${url}/boom?secret=1`)
    const odd = request(`${url}/a/3`, { method: 'PROPFIND' }).end()
    const [answer] = (await once(odd, 'response')) as [IncomingMessage]
    await once(answer.resume(), 'end')
    expect(await counts()).toEqual({
      'GET - 200 -': 1,
      'POST - 200 -': 1,
      'GET - 500 500': 1,
      '_OTHER - 200 -': 1,
    })
    const reading = await recording.reading(durationName, { 'http.request.method': 'POST' })
    expect(reading).toMatchObject({ kind: Kind.histogram, unit: 's' })
    expect(reading!.values[0]).toBeGreaterThan(0)
    expect(JSON.stringify(await recording.readings())).not.toContain('secret')
  })

  it('knows how many are under way, also those that the client gives up', async () => {
    measure({ ignore: ignoreCollector })
    const waiting: ServerResponse[] = []
    const url = await serve((_request, response) => {
      waiting.push(response)
    })
    const calls = Array.from({ length: 3 }, () => get(url).on('error', () => {}))
    await recording.until(async () => (waiting.length === 3 ? true : undefined))
    const active = async () => (await recording.reading('http.server.active_requests'))?.values.at(-1)
    expect(await active()).toBe(3)
    calls[0].destroy()
    for (const response of waiting.slice(1)) response.end()
    await recording.until(async () => ((await active()) === 0 ? true : undefined))
    expect(await counts()).toEqual({ 'GET - - aborted': 1, 'GET - 200 -': 2 })
  })

  it('tells requests apart that one connection sends ahead', async () => {
    measure({ ignore: ignoreCollector })
    const url = await serve((request, response) => {
      // The third is never answered: it goes with its connection.
      if (request.url !== '/3') setTimeout(() => response.end(), request.url === '/1' ? 40 : 0)
    })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''))
    let text = ''
    for await (const chunk of socket) {
      text += chunk
      if (text.split('HTTP/1.1 200').length === 3) break
    }
    socket.destroy()
    await recording.until(() => recording.reading(durationName, { 'error.type': 'aborted' }))
    expect(await counts()).toEqual({ 'GET - 200 -': 2, 'GET - - aborted': 1 })
    expect((await recording.reading('http.server.active_requests'))?.values.at(-1)).toBe(0)
  })

  it('takes the route from Fastify, also where a hook answers', async () => {
    measure({ ignore: ignoreCollector })
    const app = fastify()
    app.get('/users/:id', async () => 'ok')
    app.register(
      async (inner) => {
        inner.addHook('onRequest', async (_request, reply) => reply.code(401).send('no'))
        inner.get('/:page', async () => 'never')
      },
      { prefix: '/admin' },
    )
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    for (const path of ['/users/1', '/users/2', '/admin/x', '/nowhere']) await call(url + path)
    expect(await counts()).toEqual({ 'GET /users/:id 200 -': 2, 'GET /admin/:page 401 -': 1, 'GET - 404 -': 1 })
    stop()
    await call(`${url}/users/1`)
    expect(await counts()).toMatchObject({ 'GET /users/:id 200 -': 2 })
    await app.close()
  })

  it('takes the route that httpRoute names, and that of the hook first', async () => {
    measure({ ignore: ignoreCollector, route: ({ url }) => (url === '/x/hook' ? '/x/:hooked' : undefined) })
    const url = await serve((request, response) => {
      httpRoute(request, '/x/:named')
      response.end()
    })
    await call(`${url}/x/hook`)
    await call(`${url}/x/1`)
    expect(await counts()).toEqual({ 'GET /x/:hooked 200 -': 1, 'GET /x/:named 200 -': 1 })
    expect(() => httpRoute(undefined as unknown as IncomingMessage, '/x')).not.toThrow()
  })

  it('adds attributes for API usage, and events on request', async () => {
    measure({
      ignore: ignoreCollector,
      events: true,
      attributes: ({ headers }) => ({ 'org.id': headers['x-org'] as string, 'user.id': headers['x-user'] as string }),
    })
    const url = await serve((_request, response) => void response.end())
    for (const [org, user] of [
      ['acme', 'u1'],
      ['acme', 'u1'],
      ['globex', 'u2'],
    ]) {
      await (await fetch(url, { headers: { 'x-org': org, 'x-user': user } })).arrayBuffer()
    }
    expect((await recording.reading(durationName, { 'org.id': 'acme', 'user.id': 'u1' }))?.count).toBe(2)
    expect((await recording.reading(durationName, { 'org.id': 'globex' }))?.count).toBe(1)
    expect(recording.collector.events()).toEqual(['http.request', 'http.request', 'http.request'])
  })

  it('hooks that throw cost neither the host nor the measurement', async () => {
    const boom = () => {
      throw new Error('boom')
    }
    measure({ route: boom, attributes: boom, ignore: boom })
    const url = await serve((_request, response) => void response.end())
    expect(await call(url)).toBe(200)
    expect(await call(url)).toBe(200)
    expect((await counts())['GET - 200 -']).toBe(2)
    expect(recording.warnings.sort()).toEqual([
      "telltale: instrumentHttp: the hook 'attributes' failed: Error: boom",
      "telltale: instrumentHttp: the hook 'ignore' failed: Error: boom",
      "telltale: instrumentHttp: the hook 'route' failed: Error: boom",
    ])
  })

  it('stop leaves no subscription, and lets open requests be', async () => {
    const names = [
      'http.server.request.start',
      'fastify.initialization',
      'http.client.request.start',
      'undici:request:create',
    ]
    const heard = () => names.map((name) => channel(name).hasSubscribers)
    const before = heard()
    measure({ outgoing: true })
    expect(heard()).toEqual([true, true, true, true])
    let open: ServerResponse | undefined
    const url = await serve((_request, response) => {
      open = response
    })
    const answered = call(url)
    await recording.until(async () => open)
    stop()
    stop()
    expect(heard()).toEqual(before)
    open?.end()
    expect(await answered).toBe(200)
    expect(await counts()).toEqual({})
    expect(await recording.readings('http.server.active')).toEqual([])
  })

  it('two of them measure side by side, each with its own client', async () => {
    const other = await Recording.start()
    measure({ ignore: ignoreCollector })
    const stopOther = instrumentHttp({ client: other.client, outgoing: false, ignore: ignoreCollector })
    const url = await serve((_request, response) => void response.end())
    await call(url)
    stop()
    await call(url)
    expect((await recording.reading(durationName))?.count).toBe(1)
    expect((await other.reading(durationName))?.count).toBe(2)
    stopOther()
    await other.stop()
  })

  it('names the option that is wrong', () => {
    for (const option of ['route', 'attributes', 'ignore', 'incoming', 'events']) {
      expect(() => instrumentHttp({ [option]: 'yes' })).toThrow(SetupError)
      expect(() => instrumentHttp({ [option]: 'yes' })).toThrow(`instrumentHttp: ${option} must be`)
    }
  })
})
