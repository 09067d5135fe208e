/** What can be seen without a page: importing does nothing, a server may render with it, nothing throws, and the books are right. */
import { keyOf } from '@telltale/protocol'
import { RowsIngest } from '@telltale/protocol/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as sdk from './index.js'
import { sketchKey } from './record/sketch-key.js'
import { routeOf } from './route.js'

let requests: { url: string; rows: RowsIngest; init: RequestInit }[]
let respond: (rows: RowsIngest) => Response
const warnings: string[] = []

const ack = (rows: RowsIngest) => Response.json({ batch_id: rows.batch_id, rejected: 0, duplicate: false })

beforeEach(() => {
  requests = []
  warnings.length = 0
  respond = ack
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const rows = RowsIngest.parse(JSON.parse(init.body as string))
    requests.push({ url, rows, init })
    return respond(rows)
  })
})
afterEach(async () => {
  respond = ack
  await sdk.close()
  vi.unstubAllGlobals()
})

function start(options: sdk.ClientOptions = {}): sdk.Client {
  const logger = { warn: (message: string) => void warnings.push(message) }
  return sdk.init({ flushIntervalMs: 3_600_000, closeTimeoutMs: 100, logger, ...options })
}

describe('without a page', () => {
  it('importing has no side effect, and nothing is measured before init', async () => {
    expect(Object.keys(globalThis).filter((name) => /telltale/i.test(name))).toEqual([])
    sdk.track('early')
    expect(sdk.stats().recorded).toBe(0)
    expect(sdk.withTaskMetrics('early', (task) => task.id)).toBe('')
  })

  it('events, runs and metrics of a server are sent, without sessions and pages', async () => {
    const early = sdk.counter('early', { attributes: ['kind'] })
    start({ apiKey: 'pk_1', service: 'ssr', version: '2', attributes: { region: 'eu', none: undefined } })
    early.with({ kind: 'a' }).add()
    sdk.track('rendered', { ms: 4, at: new Date(0), odd: Symbol('x') as never })
    const stop = sdk.observe('level', () => 3)
    expect(sdk.instrumentTask('render', (n: number) => n + 1)(1)).toBe(2)
    await sdk.flush()
    stop()
    const [{ url, rows, init }] = requests
    expect(url).toBe('http://127.0.0.1:8000/v1/rows?key=pk_1')
    expect(init).toMatchObject({ keepalive: false, headers: {} })
    expect(rows.resource).toMatchObject({ service: 'ssr', version: '2', region: 'eu' })
    expect(rows.events).toMatchObject([{ name: 'rendered', properties: { ms: 4, at: '1970-01-01T00:00:00.000Z' } }])
    expect(rows.tasks).toMatchObject([{ type: 'render', status: 'ok' }])
    expect(rows.metrics).toMatchObject([
      { name: 'early', kind: 'counter', attributes: { kind: 'a' }, sum: 1 },
      { name: 'level', kind: 'gauge', last: 3 },
    ])
    expect(sdk.stats()).toEqual({ recorded: 4, acked: 4, rejected: 0, buffered: 0, dropped: {} })
  })

  it('a secret key travels in the header', async () => {
    start({ apiKey: 'ik_secret', endpoint: 'https://metrics.example.com/path/' })
    sdk.track('a')
    await sdk.flush()
    expect(requests[0].url).toBe('https://metrics.example.com/path/v1/rows')
    expect(requests[0].init.headers).toEqual({ authorization: 'Bearer ik_secret' })
  })
})

describe('nothing throws into the host', () => {
  it('whatever it hands over', async () => {
    start()
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('getter')
      },
    })
    const circular: Record<string, unknown> = {}
    circular.self = circular
    sdk.track(Symbol('name') as never)
    sdk.track('a', hostile)
    sdk.track('a', circular as never)
    sdk.track('a', 'text' as never)
    sdk.track('a', { huge: 'x'.repeat(1e6), more: 'y'.repeat(1e6) })
    sdk.track('a', Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, 'x'.repeat(4000)])))
    sdk.counter(Symbol('c') as never).add(1)
    sdk.counter('c').add('1' as never, hostile)
    sdk.gauge('c').set(1)
    sdk.histogram('h').record(undefined as never)
    expect(() =>
      sdk.withTaskMetrics(
        't',
        () => {
          throw hostile
        },
        hostile,
      ),
    ).toThrow()
    expect(sdk.withTaskMetrics({} as never, () => 5, null as never)).toBe(5)
    const stop = sdk.observe('o', () => {
      throw new Error('observer')
    })
    await sdk.flush()
    stop()
    const { recorded, acked, buffered, dropped } = sdk.stats()
    expect(dropped).toEqual({
      invalid_attributes: 3,
      too_large: 1,
      kind_conflict: 1,
      not_finite: 1,
      observer_failed: 1,
    })
    expect([recorded, buffered]).toEqual([acked + 7, 0])
  })

  it('init alone does, and names the option', () => {
    const wrong: [sdk.ClientOptions, string][] = [
      [{ endpoint: 'ftp://x' }, 'endpoint'],
      [{ endpoint: 'http://x/?a=1' }, 'endpoint'],
      [{ flushIntervalMs: -1 }, 'flushIntervalMs'],
      [{ flushIntervalMs: '1' as never }, 'flushIntervalMs'],
      [{ storage: 1 as never }, 'storage'],
      [{ consent: 'maybe' as never }, 'consent'],
      [{ apiKey: '' }, 'apiKey'],
      [{ service: '' }, 'service'],
    ]
    for (const [options, option] of wrong) {
      expect(() => start(options), option).toThrowError(expect.objectContaining({ code: 'invalid_option', option }))
    }
  })
})

describe('delivery', () => {
  it('sends again under the same id, and waits as told', async () => {
    start()
    let failures = 2
    respond = (rows) =>
      failures-- > 0 ? new Response('', { status: 503, headers: { 'retry-after': '0' } }) : ack(rows)
    sdk.track('a')
    await sdk.flush()
    expect(requests.length).toBe(3)
    expect(new Set(requests.map(({ rows }) => rows.batch_id)).size).toBe(1)
    expect(sdk.stats()).toMatchObject({ recorded: 1, acked: 1, buffered: 0 })
  })

  it('books what is refused, given up, or lost with the client, and tells the collector of it', async () => {
    start()
    respond = () => new Response('', { status: 400 })
    sdk.counter('c').add(1)
    sdk.counter('c').add(1)
    await sdk.flush()
    respond = () => new Response('', { status: 413 })
    sdk.track('big')
    await sdk.flush()
    respond = (rows) => Response.json({ batch_id: rows.batch_id, rejected: 1, reason: 'too_late', duplicate: false })
    sdk.track('a')
    sdk.track('b')
    await sdk.flush()
    expect(requests.at(-1)?.rows.drops).toEqual({ 'event:too_large': 1 })
    respond = () => new Response('', { status: 500 })
    sdk.track('last')
    await sdk.close()
    sdk.track('late')
    const { dropped, ...sums } = sdk.stats()
    expect(sums).toEqual({ recorded: 7, acked: 1, rejected: 3, buffered: 0 })
    expect(dropped).toEqual({ too_large: 1, close_timeout: 1, closed: 1 })
  })

  it('keeps the newest where the queue is full', async () => {
    start({ maxQueueBytes: 200_000 })
    respond = () => new Response('', { status: 500 })
    for (let i = 0; i < 300; i++) sdk.track('a', { text: `${i}`.padEnd(2000, '.') })
    await new Promise((later) => setTimeout(later, 10))
    const { recorded, buffered, dropped } = sdk.stats()
    expect(recorded).toBe(300)
    expect(dropped.queue_full).toBeGreaterThan(150)
    expect(buffered + dropped.queue_full).toBe(300)
  })

  it('lets the hook see everything and keep what it likes; an error of its own lets nothing out', async () => {
    start({
      redact: ({ email: _, ...rest }, name) => {
        if (name === 'broken') throw new Error('no')
        return name === 'private' ? null : (rest as never)
      },
    })
    sdk.identify('u1')
    sdk.track('a', { email: 'a@b.c', n: 1 })
    sdk.track('private')
    sdk.track('broken')
    await sdk
      .withTaskMetrics('t', () => Promise.reject(new Error('for a@b.c')), { attributes: { email: 'x' } })
      .catch(() => {})
    await sdk.flush()
    const [{ rows }] = requests
    expect(rows.events.map(({ properties }) => properties)).toEqual([{ 'user.id': 'u1' }, { 'user.id': 'u1', n: 1 }])
    expect(rows.tasks[0].properties).toEqual({ 'user.id': 'u1', 'error.message': 'for a@b.c' })
    expect(sdk.stats().dropped).toEqual({ redacted: 1, redact_failed: 1 })
  })

  it('folds series past the limit into one, and warns once', async () => {
    start({ maxSeriesPerMetric: 10 })
    const c = sdk.counter('users')
    for (let i = 0; i < 100; i++) c.add(1, { id: i })
    await sdk.flush()
    const { metrics } = requests[0].rows
    expect(metrics.length).toBe(11)
    expect(metrics.find(({ attributes }) => attributes['telltale.overflow'])?.sum).toBe(90)
    expect(warnings.filter((text) => text.includes('more than 10 series')).length).toBe(1)
  })
})

it('keys of the sketch are those of the product’s one sketch', () => {
  const values = [0, -1, 5e-324, Number.MAX_VALUE, -Number.MIN_VALUE]
  for (let power = -1070; power < 1024; power++) values.push(2 ** power)
  let seed = 1
  for (let i = 0; i < 200_000; i++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    values.push((seed / 2 ** 32) * 10 ** ((i % 40) - 20) * (i % 7 ? 1 : -1))
  }
  for (const value of values)
    if (sketchKey(value) !== keyOf(value)) expect(sketchKey(value), `${value}`).toBe(keyOf(value))
})

it('routes keep words and lose names', () => {
  expect(routeOf('/orders/1234/items/9f8b6c1e-0c1d-4a57-9d3c-1f2e3d4c5b6a?token=x#y')).toBe('/orders/:id/items/:id')
  expect(routeOf('/users/a@b.c/settings')).toBe('/users/:id/settings')
  expect(routeOf('/docs/getting-started')).toBe('/docs/getting-started')
})
