/** Servers of HTTP/2, measured where Node tells of their streams; elsewhere nothing is measured, and nothing fails. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { httpRoute, instrumentHttp, type Stop } from '../../index.js'
import { Recording } from '../../testing/recording.js'

const durationName = 'http.server.request.duration'
const startChannel = 'http2.server.stream.start'
let recording: Recording
let stop: Stop
let server: Http2Server
let session: ClientHttp2Session
/** Whether this Node tells of streams. */
let told = false
const hear = () => {
  told = true
}

beforeEach(async () => {
  recording = await Recording.start()
  subscribe(startChannel, hear)
  const ignore = ({ url }: { url?: string }) => url === '/v1/ingest'
  stop = instrumentHttp({ outgoing: false, ignore, client: recording.client, logger: recording.logger })
  server = createServer((request, response) => {
    if (request.url === '/never') return
    if (request.url.startsWith('/users/')) httpRoute(request, '/users/:id')
    response.writeHead(request.url === '/broken' ? 500 : 200)
    response.end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  unsubscribe(startChannel, hear)
  stop()
  session.destroy()
  server.close()
  await recording.stop()
})

async function call(path: string, method = 'GET'): Promise<void> {
  const stream = session.request({ ':path': path, ':method': method })
  stream.end()
  await once(stream.resume(), 'close')
}

async function counts(): Promise<Record<string, number>> {
  const series = await recording.readings(durationName)
  return Object.fromEntries(
    series.map(({ attributes: a, count }) => [
      `${a['http.request.method']} ${a['http.route'] ?? '-'} ${a['http.response.status_code'] ?? '-'} ${a['error.type'] ?? '-'}`,
      count,
    ]),
  )
}

it('has method, route, status and error of streams, several on one connection', async () => {
  await Promise.all([call('/users/1'), call('/users/2'), call('/other?secret=1', 'POST'), call('/broken')])
  const given = session.request({ ':path': '/never' })
  given.on('error', () => {})
  await once(server, 'stream')
  given.close(constants.NGHTTP2_CANCEL)
  await once(given, 'close')
  const expected = {
    'GET /users/:id 200 -': 2,
    'POST - 200 -': 1,
    'GET - 500 500': 1,
    'GET - - aborted': 1,
  }
  // Nothing else in this test would notice it if Node 24 no longer told.
  expect(told || Number.parseInt(process.versions.node, 10) < 24).toBe(true)
  if (told) await recording.until(() => recording.reading(durationName, { 'error.type': 'aborted' }))
  expect(await counts()).toEqual(told ? expected : {})
  expect((await recording.reading('http.server.active_requests'))?.values.at(-1)).toBe(0)
  expect(recording.warnings).toEqual([])
})
