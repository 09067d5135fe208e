/** The browser SDK with a stubbed page: what is sent when, and how. */
import { type DecodedBatch, decodeBatch, encodeAck } from '@telltale/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, type ClientOptions, init } from './index.js'

class Page extends EventTarget {
  visibilityState = 'visible'
}

let page: Page
let client: Client
let requests: { batch: DecodedBatch; init: RequestInit }[]
let respond: (batch: DecodedBatch) => Response | Promise<Response>
const warnings: string[] = []

function ack(batch: DecodedBatch): Response {
  return new Response(
    encodeAck({ batchId: batch.batchId, accepted: 0, rejected: [], receivedTimeMs: 0, duplicate: false }) as BodyInit,
  )
}

beforeEach(() => {
  page = new Page()
  requests = []
  respond = ack
  warnings.length = 0
  vi.stubGlobal('document', page)
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    const bytes = new Uint8Array(await new Response(init.body).arrayBuffer())
    const batch = decodeBatch(bytes)
    requests.push({ batch, init })
    return respond(batch)
  })
})

afterEach(async () => {
  respond = ack
  await client?.close()
  vi.unstubAllGlobals()
})

function start(options: ClientOptions = {}): Client {
  const logger = { warn: (message: string) => void warnings.push(message) }
  client = init({
    endpoint: 'http://localhost:8000',
    flushIntervalMs: 3_600_000,
    closeTimeoutMs: 100,
    logger,
    ...options,
  })
  return client
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

function hide(): void {
  page.visibilityState = 'hidden'
  page.dispatchEvent(new Event('visibilitychange'))
}

describe('a page that is hidden', () => {
  it('flushes at once, with requests that outlive it, and only once', async () => {
    start({ apiKey: 'pk_1' })
    client.track('last')
    hide()
    window.dispatchEvent(new Event('pagehide'))
    await turn()
    expect(requests.length).toBe(1)
    expect(requests[0].init).toMatchObject({ method: 'POST', keepalive: true, credentials: 'omit' })
    expect(requests[0].init.headers).toMatchObject({ authorization: 'Bearer pk_1' })
    expect(client.stats()).toMatchObject({ acked: 1, buffered: 0 })
  })

  it('stays within the budget of such requests; the rest goes as ordinary ones', async () => {
    start()
    respond = () => new Promise(() => {})
    for (let i = 0; i < 20; i++) client.track('big', { text: `${i}`.padEnd(4000, '.') })
    hide()
    await turn()
    const bodies = requests.filter(({ init }) => init.keepalive).map(({ init }) => (init.body as Uint8Array).length)
    expect(bodies.length).toBeGreaterThan(0)
    expect(bodies.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(60 * 1024)
  })

  it('is let go by close', async () => {
    start()
    await client.close()
    client.track('late')
    hide()
    await turn()
    expect(requests.length).toBe(0)
  })
})

describe('a page that is seen', () => {
  it('sends without keepalive, and retries what fails', async () => {
    start()
    let failures = 1
    respond = (batch) => {
      if (failures-- > 0) throw new TypeError('Failed to fetch')
      return ack(batch)
    }
    client.counter('clicks').add(1)
    await client.flush()
    expect(requests.map(({ init }) => init.keepalive)).toEqual([false, false])
    expect(requests[1].batch.batchId).toEqual(requests[0].batch.batchId)
    expect(client.stats()).toMatchObject({ acked: 1, buffered: 0 })
    expect(warnings[0]).toContain('Failed to fetch')
  })

  it('measures runs without CPU and memory, which browsers do not tell', async () => {
    start()
    await client.withTaskMetrics('render', async () => 1)
    await client.flush()
    const { tasks } = requests[0].batch
    expect(tasks?.count).toBe(1)
    expect([tasks?.cpuTimeMs, tasks?.memoryUsageMb]).toEqual([undefined, undefined])
  })
})

it('works without a page, as on a server that renders one', async () => {
  vi.stubGlobal('document', undefined)
  vi.stubGlobal('window', undefined)
  start()
  client.track('a')
  await client.flush()
  expect(client.stats().acked).toBe(1)
})
