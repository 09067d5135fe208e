/** Streams from outside: who may open one, and that a stored batch shows up in it. */
import { Kind } from '@telltale/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import WebSocket from 'ws'
import { sampleBatch, sendBatch, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

interface Frame {
  type: string
  id?: string
  mode?: string
  data?: { value: number | null; tags: Record<string, string | null> }[]
  error?: { code: string }
}

let collector: CollectorProcess
let read: Target
let ingest: Target

beforeAll(async () => {
  collector = await CollectorProcess.start()
  const { url } = collector
  read = { url, key: await collector.createKey('read') }
  ingest = { url, key: await collector.createKey('ingest') }
})

afterAll(() => collector.dispose())

/** Frames as they come, and how the socket was closed. */
class Stream {
  readonly socket: WebSocket
  readonly closed: Promise<number>
  readonly #frames: Frame[] = []
  #wake: () => void = () => {}

  constructor(token: string, path = '/ws/analytics') {
    this.socket = new WebSocket(`${collector.url.replace('http', 'ws')}${path}`)
    this.socket.on('open', () => this.send({ type: 'auth', token }))
    this.socket.on('message', (text: Buffer) => {
      this.#frames.push(JSON.parse(text.toString()) as Frame)
      this.#wake()
    })
    this.closed = new Promise((resolve) => this.socket.on('close', resolve))
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame))
  }

  async next(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const at = this.#frames.findIndex(wanted)
      if (at !== -1) return this.#frames.splice(0, at + 1)[at]
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

const ofType = (type: string) => (frame: Frame) => frame.type === type

it('refuses credentials that are unknown or cannot read', async () => {
  for (const [key, code, closeCode] of [
    ['tt_read_guess', 'unauthorized', 4401],
    [ingest.key, 'forbidden', 4403],
  ] as const) {
    const stream = new Stream(key)
    expect((await stream.next(ofType('error'))).error?.code).toBe(code)
    expect(await stream.closed).toBe(closeCode)
  }
})

it('ends with 4401 when its key is revoked', async () => {
  const made = JSON.parse(await collector.telltale('keys', 'create', '--scope', 'read', '--json'))
  const stream = new Stream(made.key)
  await stream.next(ofType('ready'))
  await collector.telltale('keys', 'revoke', made.id)
  expect(await stream.closed).toBe(4401)
})

it('answers upgrades of other paths as any other request', async () => {
  const stream = new Stream(read.key, '/ws/other')
  const status = await new Promise<number | undefined>((resolve) => {
    stream.socket.on('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode)
    })
  })
  expect(status).toBe(404)
  stream.socket.on('error', () => {})
  stream.socket.terminate()
})

it('sends a snapshot, then what is stored', async () => {
  const stream = new Stream(read.key)
  await stream.next(ofType('ready'))
  const query = { metric_name: 'stream.jobs', aggregation: 'sum', group_by: ['queue'], step: '1m' }
  stream.send({ type: 'subscribe', id: 'jobs', query, interval: 'live' })
  expect(await stream.next(ofType('metrics_update'))).toMatchObject({ id: 'jobs', mode: 'snapshot', data: [] })
  const row = { metric: 'stream.jobs', kind: Kind.counter, value: 3, attributes: { queue: 'mail' } }
  await sendBatch(ingest, sampleBatch([row]))
  const lit = await stream.next((frame) => (frame.data?.length ?? 0) > 0)
  expect(lit.data).toMatchObject([{ value: 3, tags: { queue: 'mail' } }])
  await sendBatch(ingest, sampleBatch([{ ...row, value: 4 }]))
  const delta = await stream.next((frame) => frame.mode === 'delta')
  expect([4, 7]).toContain(delta.data?.at(-1)?.value)
  stream.socket.close()
})

it('says goodbye with 1001 when the collector stops', async () => {
  const stream = new Stream(read.key)
  await stream.next(ofType('ready'))
  expect(await collector.end('SIGTERM')).toBe(0)
  expect(await stream.closed).toBe(1001)
})
