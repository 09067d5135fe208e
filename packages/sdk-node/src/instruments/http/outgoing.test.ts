/** Requests by node:http, fetch and undici, to real servers, to broken ones and to none. */
import { once } from 'node:events'
import {
  createServer,
  get,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Agent, request } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { instrumentHttp, type Stop } from '../../index.js'
import { Recording } from '../../testing/recording.js'

const durationName = 'http.client.request.duration'
let recording: Recording
let stop: Stop
let server: Server
let url: string
let handle: (request: IncomingMessage, response: ServerResponse) => void

beforeEach(async () => {
  recording = await Recording.start()
  stop = instrumentHttp({ incoming: false, client: recording.client, logger: recording.logger })
  server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  handle = (_request, response) => void response.end('hello')
})
afterEach(async () => {
  stop()
  server.closeAllConnections()
  server.close()
  await recording.stop()
})

/** Outcome → number of requests to the host. */
async function outcomes(): Promise<Record<string, number>> {
  const series = await recording.readings(durationName)
  return Object.fromEntries(
    series.map(({ attributes: a, count }) => [
      `${a['http.request.method']} ${a['http.response.status_code'] ?? '-'} ${a['error.type'] ?? '-'}`,
      count,
    ]),
  )
}

/** A port where nobody listens. */
async function deadUrl(): Promise<string> {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  return `http://127.0.0.1:${port}`
}

/** Half an answer, then a reset. */
const cut = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('half', () => response.destroy())
}

const clients: [name: string, call: (url: string) => Promise<unknown>][] = [
  [
    'node:http',
    (to) =>
      new Promise((resolve, reject) => {
        get(to, (response) => response.on('error', reject).on('end', resolve).resume()).on('error', reject)
      }),
  ],
  ['fetch', async (to) => (await fetch(to)).text()],
  ['undici', async (to) => (await request(to, { dispatcher: new Agent({ pipelining: 1 }) })).body.text()],
]

for (const [name, call] of clients) {
  describe(`instrumentHttp, outgoing, ${name}`, () => {
    it('has method, host, port and status', async () => {
      await call(`${url}/a?secret=1`)
      await call(`${url}/b`)
      handle = (_request, response) => void response.writeHead(404).end()
      await call(`${url}/c`)
      await recording.until(async () => ((await recording.readings(durationName)).length === 2 ? true : undefined))
      expect(await outcomes()).toEqual({ 'GET 200 -': 2, 'GET 404 404': 1 })
      const reading = await recording.reading(durationName, { 'http.response.status_code': '200' })
      expect(reading?.unit).toBe('s')
      expect(reading?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'server.port': url.split(':')[2] })
      expect(JSON.stringify(await recording.readings())).not.toContain('secret')
    })

    it('has the error where there is no answer, or only half of one', async () => {
      await expect(call(await deadUrl())).rejects.toThrow()
      handle = cut
      await expect(call(url)).rejects.toThrow()
      const seen = await recording.until(async () => {
        const now = await outcomes()
        return Object.keys(now).length >= 2 ? now : undefined
      })
      const errors = Object.keys(seen).map((key) => key.split(' ')[2])
      expect(errors).toContain('ECONNREFUSED')
      expect(errors.some((error) => error === 'ECONNRESET' || error === 'UND_ERR_SOCKET')).toBe(true)
      expect(Object.values(seen)).toEqual([1, 1])
    })
  })
}

it('a fetch that is aborted is an AbortError', async () => {
  handle = () => {}
  const controller = new AbortController()
  const pending = fetch(url, { signal: controller.signal })
  await once(server, 'request')
  controller.abort()
  await expect(pending).rejects.toThrow()
  await recording.until(() => recording.reading(durationName, { 'error.type': 'AbortError' }))
})

it('a node:http request that the host destroys is measured once', async () => {
  handle = () => {}
  const pending = get(url).on('error', () => {})
  await once(server, 'request')
  pending.destroy()
  const reading = await recording.until(() => recording.reading(durationName))
  expect(reading.count).toBe(1)
  expect(reading.attributes['error.type']).toBe('ECONNRESET')
})

it('a tunnel and an upgrade have the status of their answer', async () => {
  const tunnel = (head: string) => (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {})
    socket.write(`HTTP/1.1 ${head}\r\n\r\n`)
  }
  server.on('connect', tunnel('200 Connection Established'))
  server.on('upgrade', tunnel('101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo'))
  const asks: [event: string, options: RequestOptions][] = [
    ['connect', { method: 'CONNECT', path: 'a:443' }],
    ['upgrade', { headers: { connection: 'upgrade', upgrade: 'echo' } }],
  ]
  for (const [event, options] of asks) {
    const pending = httpRequest(url, options).end()
    const [, socket] = (await once(pending, event)) as [IncomingMessage, Duplex]
    socket.destroy()
  }
  await recording.until(async () => ((await recording.readings(durationName)).length === 2 ? true : undefined))
  expect(await outcomes()).toEqual({ 'CONNECT 200 -': 1, 'GET 101 -': 1 })
})

it("leaves the SDK's own deliveries out, and takes them in for a foreign path", async () => {
  recording.client.track('a')
  await recording.client.flush()
  await recording.client.flush()
  expect(recording.collector.received.length).toBeGreaterThan(0)
  expect(await recording.readings(durationName)).toEqual([])
  await (await fetch(`${url}/v1/ingest`, { method: 'POST' })).text()
  expect((await recording.reading(durationName))?.count).toBe(1)
})

it('stop ends it, also for requests that are under way', async () => {
  let open: ServerResponse | undefined
  handle = (_request, response) => {
    open = response
  }
  const pending = fetch(url)
  await once(server, 'request')
  stop()
  open?.end('late')
  expect(await (await pending).text()).toBe('late')
  expect(await recording.readings(durationName)).toEqual([])
})
