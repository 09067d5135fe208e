/** The Node SDK against real HTTP: headers, connections, statuses, broken answers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, type ClientOptions, init, SetupError } from './index.js'
import { isNear } from './platform/endpoint.js'
import { TestCollector } from './testing/collector.js'

let collector: TestCollector
let client: Client
const warnings: string[] = []
const logger = { warn: (message: string) => warnings.push(message) }

beforeEach(async () => {
  collector = new TestCollector()
  warnings.length = 0
  await collector.start()
})

afterEach(async () => {
  await client?.close()
  await collector.stop()
})

function start(options: ClientOptions = {}): Client {
  client = init({ endpoint: collector.endpoint, flushIntervalMs: 3_600_000, closeTimeoutMs: 200, logger, ...options })
  return client
}

describe('init', () => {
  it('names the option that is wrong, and keeps secrets out of the message', () => {
    const wrong: [ClientOptions, string][] = [
      [{ endpoint: 'localhost:8000' }, 'endpoint'],
      [{ endpoint: 'http://user:pass@localhost' }, 'endpoint'],
      [{ apiKey: 'top secret' }, 'apiKey'],
      [{ flushIntervalMs: 0 }, 'flushIntervalMs'],
      [{ flushIntervalMs: Number.NaN }, 'flushIntervalMs'],
      [{ maxBatchRows: 10_001 }, 'maxBatchRows'],
      [{ service: 'x'.repeat(300) }, 'service'],
      [{ attributes: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i])) }, 'attributes'],
      [{ metricAttributes: [''] }, 'metricAttributes'],
      [{ spool: { dir: '' } }, 'spool'],
      [{ spool: { dir: 'spool', maxBytes: 1 } }, 'spool.maxBytes'],
    ]
    for (const [options, option] of wrong) {
      let thrown: unknown
      try {
        init(options)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(SetupError)
      expect(thrown).toMatchObject({ code: 'invalid_option', option })
      expect((thrown as Error).message).not.toContain('secret')
    }
  })

  it('takes endpoint and key from the environment', async () => {
    process.env.TELLTALE_ENDPOINT = collector.endpoint
    process.env.TELLTALE_API_KEY = 'from-env'
    try {
      client = init({ logger })
      client.track('a')
      await client.flush()
    } finally {
      delete process.env.TELLTALE_ENDPOINT
      delete process.env.TELLTALE_API_KEY
    }
    expect(collector.received[0].request.headers.authorization).toBe('Bearer from-env')
  })

  it('warns of options that it does not know', () => {
    start({ ...({ flushInterval: 5 } as ClientOptions) })
    expect(warnings).toEqual(["telltale: init: there is no option 'flushInterval'; ignored"])
  })
})

describe('requests', () => {
  it('go to /v1/ingest below the path of the endpoint, with key and type, uncompressed when near', async () => {
    start({ endpoint: `${collector.endpoint}/metrics/`, apiKey: 'k1' })
    client.track('a', { text: 'x'.repeat(4000) })
    await client.flush()
    const { request } = collector.received[0]
    expect([request.method, request.url]).toEqual(['POST', '/metrics/v1/ingest'])
    expect(request.headers).toMatchObject({ 'content-type': 'application/x-protobuf', authorization: 'Bearer k1' })
    expect(request.headers['content-encoding']).toBeUndefined()
  })

  it('are compressed on request, save where nothing is gained', async () => {
    start({ compression: 'gzip' })
    client.track('a', { text: 'x'.repeat(4000) })
    await client.flush()
    client.track('b')
    await client.flush()
    expect(collector.received.map(({ request }) => request.headers['content-encoding'])).toEqual(['gzip', undefined])
    expect(client.stats().acked).toBe(2)
  })

  it('share connections', async () => {
    start()
    for (let i = 0; i < 5; i++) {
      client.track('a')
      await client.flush()
    }
    // A second one may be taken where the first is still reading the end of its answer.
    expect(collector.connections).toBeLessThanOrEqual(2)
  })

  it('do not fail on a connection that the server has closed meanwhile', async () => {
    start()
    let resets = 0
    collector.answer = (batch, response, { socket }) => {
      // The first batch of a connection is answered, the next one meets a reset, as where an idle one is closed.
      if (used.has(socket)) {
        resets++
        socket.resetAndDestroy()
      } else collector.store(batch, response)
      used.add(socket)
    }
    const used = new Set<unknown>()
    for (const name of ['a', 'b', 'c']) {
      client.track(name)
      await client.flush()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(resets).toBeGreaterThan(0)
    expect(collector.events()).toEqual(['a', 'b', 'c'])
    expect(warnings).toEqual([])
  })
})

describe('answers', () => {
  it('400 is final; 413 splits; 429 waits as told; then all is well', async () => {
    start()
    collector.answer = (_batch, response) => response.writeHead(400).end('{"error":{"code":"malformed_batch"}}')
    client.track('bad')
    await client.flush()
    expect(client.stats()).toMatchObject({ rejected: 1, buffered: 0 })
    collector.answer = (batch, response) => {
      if ((batch.events?.count ?? 0) > 1) response.writeHead(413).end()
      else collector.store(batch, response)
    }
    for (const name of ['a', 'b', 'c']) client.track(name)
    await client.flush()
    expect(collector.events().sort()).toEqual(['a', 'b', 'c'])
    let busy = 1
    collector.answer = (batch, response) => {
      if (busy-- > 0) response.writeHead(429, { 'retry-after': '0.1' }).end()
      else collector.store(batch, response)
    }
    client.track('d')
    await client.flush()
    expect(client.stats()).toMatchObject({ recorded: 5, acked: 4, rejected: 1, buffered: 0, dropped: {} })
  })

  for (const status of [401, 403, 404, 405]) {
    it(`${status} keeps the data and does not hammer`, async () => {
      start()
      collector.answer = (_batch, response) => response.writeHead(status).end()
      client.track('a')
      await client.flush()
      await client.flush()
      expect(collector.received.length).toBe(1)
      expect(client.stats()).toMatchObject({ recorded: 1, buffered: 1 })
    })
  }

  for (const [what, answer] of [
    ['a reset connection', (request) => request.socket.resetAndDestroy()],
    [
      'an answer cut off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half')
        response.destroy()
      },
    ],
    ['503', (_request, response) => response.writeHead(503, { 'retry-after': '0' }).end()],
  ] as [
    string,
    (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void,
  ][]) {
    it(`${what} is retried, under the same id`, async () => {
      start()
      let failures = 1
      collector.answer = (batch, response, request) => {
        if (failures-- > 0) answer(request, response)
        else collector.store(batch, response)
      }
      client.track('a')
      await client.flush()
      expect(client.stats()).toMatchObject({ acked: 1, buffered: 0 })
      const [first, second] = collector.received
      expect(second.batch.batchId).toEqual(first.batch.batchId)
      expect(second.batch.sequence).toBe(first.batch.sequence)
      expect(second.batch.sentTimeMs).toBeGreaterThanOrEqual(first.batch.sentTimeMs)
    })
  }

  it('an endless answer is cut off', async () => {
    start({ flushTimeoutMs: 5000 })
    collector.answer = (_batch, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(65_536)
      const pump = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pump)
      }
      pump()
    }
    client.track('a')
    await client.flush()
    expect(warnings[0]).toContain('without an acknowledgement')
  })

  it('a collector that starts late gets everything', async () => {
    await collector.stop()
    start()
    client.track('early')
    const flushed = client.flush()
    await collector.start()
    await flushed
    expect(collector.events()).toEqual(['early'])
  })
})

describe('isNear', () => {
  it('tells private networks from the internet', () => {
    const near = [
      'localhost',
      '127.1.2.3',
      '10.0.0.1',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.0.1',
      '[::1]',
      '[fd00::1]',
      '[fe80::1]',
    ]
    const far = ['example.com', '8.8.8.8', '172.32.0.1', '192.169.0.1', '[2001:db8::1]', '10.example.com', 'fd.example']
    for (const host of near) expect([host, isNear(`http://${host}:8000`)]).toEqual([host, true])
    for (const host of far) expect([host, isNear(`https://${host}`)]).toEqual([host, false])
  })
})
