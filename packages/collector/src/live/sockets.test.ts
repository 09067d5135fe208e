/** Query and live on the built-in storage engine, over real WebSockets. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { MetricsQuery, type MetricsResult } from '@telltale/protocol/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { z } from 'zod'
import { TelltaleError } from '../errors.js'
import type { Columns } from '../model.js'
import { createQueryService, type QueryService } from '../query/service.js'
import { histograms, reader, samples } from '../query/testing/fixtures.js'
import { MemoryIndex } from '../query/testing/memory-index.js'
import { createEngine } from '../store/engine.js'
import type { Store } from '../store/store.js'
import { batch, replay } from '../store/testing/batches.js'
import { newFolder, removeFolder } from '../store/testing/places.js'
import { createHub, type Hub } from './hub.js'

type Row = MetricsResult['data'][number]
type Frame = { type: string; id?: string; seq: number; mode: string; data: Row[]; error?: { code: string } }

const index = new MemoryIndex()
let folder: string
let store: Store
let service: QueryService
let hub: Hub
let server: Server
let sequence = 0

beforeAll(async () => {
  folder = newFolder()
  store = createEngine({ dataDir: folder, threads: 1, memoryLimitMb: 256 })
  await store.open(replay)
  service = createQueryService({ store, series: index })
  hub = createHub({
    planner: service,
    authenticate: async (token) => {
      if (token !== 'good') throw new TelltaleError('unauthorized', 'Unknown key.')
      return reader
    },
  })
  const sockets = new WebSocketServer({ noServer: true })
  server = createServer().on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (accepted) => hub.accept(accepted, socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  await hub.close()
  server.close()
  await store.close()
  removeFolder(folder)
})

async function publish(columns: Columns): Promise<void> {
  const { seq } = await store.append(batch({ columns, sequence: sequence++ }))
  hub.publish(1, seq, columns)
}

async function ask(query: z.input<typeof MetricsQuery>): Promise<Row[]> {
  const { data } = (await service.metrics(reader, MetricsQuery.parse(query))) as MetricsResult
  return data
}

class Client {
  readonly frames: Frame[] = []
  readonly socket: WebSocket

  constructor(token = 'good') {
    const { port } = server.address() as AddressInfo
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`)
    this.socket.on('open', () => this.send({ type: 'auth', token }))
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Frame))
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame))
  }

  async until(found: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = this.frames.find(found)
      if (frame !== undefined) return frame
      await sleep(5)
    }
  }
}

it('refuses a bad credential with 4401', async () => {
  const client = new Client('bad')
  const [code] = await once(client.socket, 'close')
  expect(code).toBe(4401)
  expect(client.frames).toMatchObject([{ type: 'error', error: { code: 'unauthorized' } }])
})

it('answers from hot and sealed rows alike, and streams what comes after', async () => {
  const now = Date.now()
  const latency = index.define(1, 'latency', Kind.histogram, { route: '/a' })
  const other = index.define(1, 'latency', Kind.histogram, { route: '/b' })
  const values = Array.from({ length: 1000 }, (_, i) => i + 1)
  await publish(histograms([{ series: latency, timeMs: now - 60_000, values: values.slice(0, 500) }]))
  await store.seal()
  await publish(histograms([{ series: latency, timeMs: now - 30_000, values: values.slice(500) }]))
  await publish(samples([[other, now - 1000, 7]]))

  const question = { metric_name: 'latency', aggregation: 'p95' as const, group_by: ['route'] }
  const rows = await ask({ ...question, time_range: { start: now - 120_000, end: now + 1 } })
  expect(rows.map(({ tags }) => tags.route)).toEqual(['/a', '/b'])
  expect(Math.abs(rows[0]!.value! - 950) / 950).toBeLessThan(0.0056)
  expect(rows[1]!.value).toBe(7)

  const client = new Client()
  await client.until(({ type }) => type === 'ready')
  client.send({ type: 'subscribe', id: 'w', interval: 'live', query: { ...question, range: '5m' } })
  const snapshot = await client.until(({ id }) => id === 'w')
  expect(snapshot).toMatchObject({ seq: 1, mode: 'snapshot' })
  expect(snapshot.data.map(({ value }) => value)).toEqual(rows.map(({ value }) => value))

  await publish(samples([[other, now, 9]]))
  const update = await client.until(({ id, seq }) => id === 'w' && seq === 2)
  expect(update.data.find(({ tags }) => tags.route === '/b')!.value).toBe(9)
  client.socket.close()
})

it('keeps levels over a seal', async () => {
  const now = Date.now()
  const open = index.define(1, 'open', Kind.upDownCounter)
  await publish(
    samples([
      [open, now - 3_600_000, 5],
      [open, now - 60_000, 2],
    ]),
  )
  await store.seal()
  await publish(samples([[open, now - 500, -3]]))
  const time_range = { start: now - 120_000, end: now }
  const rows = await ask({ metric_name: 'open', aggregation: 'last', time_range })
  expect(rows.map(({ value }) => value)).toEqual([4])
})
