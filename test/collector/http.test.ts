/** Bad input and other people's keys, through the public door: a coded error each time, and then a good request works. */
import { gzipSync } from 'node:zlib'
import { Kind } from '@telltale/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { get, postJson, sampleBatch, sendBatch, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

const mebibyte = 1024 * 1024

let collector: CollectorProcess
let admin: Target
let ingest: Target
let read: Target
let stranger: Target

beforeAll(async () => {
  collector = await CollectorProcess.start()
  const { url } = collector
  const scopes = ['admin', 'ingest', 'read'] as const
  const keys = await Promise.all([
    ...scopes.map((scope) => collector.createKey(scope)),
    collector.createKey('admin', 'other'),
  ])
  ;[admin, ingest, read, stranger] = keys.map((key) => ({ url, key }))
})

afterAll(() => collector.dispose())

/** What a newcomer would do next, and find working. */
async function goodRequestWorks(): Promise<void> {
  const metric = `good.${Math.random()}`
  const { status, ack } = await sendBatch(ingest, sampleBatch([{ metric, kind: Kind.counter, value: 3 }]))
  expect([status, ack?.accepted]).toEqual([200, 1])
  expect(await sumOf(read, metric)).toBe(3)
}

const query = { metric_name: 'http.test', time_range: { start: 'now-1h' } }

describe('bad batches', () => {
  it.each<[string, () => Uint8Array, Record<string, string>, number, string]>([
    ['bytes that are no batch', () => Buffer.from('not a batch'), {}, 400, 'malformed_batch'],
    ['a batch cut short', () => sampleBatch([{ metric: 'm', value: 1 }]).subarray(0, -3), {}, 400, 'malformed_batch'],
    ['nothing', () => new Uint8Array(), {}, 400, 'malformed_batch'],
    ['5 MiB', () => new Uint8Array(5 * mebibyte), {}, 413, 'payload_too_large'],
    [
      'a gzip bomb',
      () => gzipSync(new Uint8Array(256 * mebibyte)),
      { 'content-encoding': 'gzip' },
      413,
      'payload_too_large',
    ],
    [
      'a gzip header alone',
      () => gzipSync('x').subarray(0, 12),
      { 'content-encoding': 'gzip' },
      400,
      'invalid_request',
    ],
    ['an unknown encoding', () => new Uint8Array(8), { 'content-encoding': 'zstd' }, 415, 'unsupported_encoding'],
    ['another type', () => Buffer.from('{}'), { 'content-type': 'application/json' }, 415, 'unsupported_media_type'],
    ['NaN', () => sampleBatch([{ metric: 'm', value: Number.NaN }]), {}, 400, 'all_rows_rejected'],
    ['infinity', () => sampleBatch([{ metric: 'm', value: Number.NEGATIVE_INFINITY }]), {}, 400, 'all_rows_rejected'],
    ['a negative time', () => sampleBatch([{ metric: 'm', value: 1, timeMs: -1 }]), {}, 400, 'all_rows_rejected'],
    [
      'a year ahead',
      () => sampleBatch([{ metric: 'm', value: 1, timeMs: Date.now() + 365 * 86_400_000 }]),
      {},
      400,
      'all_rows_rejected',
    ],
    [
      'a counter that falls',
      () => sampleBatch([{ metric: 'm', kind: Kind.counter, value: -1 }]),
      {},
      400,
      'all_rows_rejected',
    ],
    [
      'too many tags',
      () => sampleBatch([{ metric: 'm', value: 1, attributes: tags(40, 4) }]),
      {},
      400,
      'malformed_batch',
    ],
    ['10 MB of tags', () => sampleBatch([{ metric: 'm', value: 1, attributes: tags(20, 500_000) }]), {}, 413, 'payload_too_large'], // biome-ignore format: a table
    [
      'a huge tag',
      () => sampleBatch([{ metric: 'm', value: 1, attributes: tags(1, 100_000) }]),
      {},
      400,
      'malformed_batch',
    ],
  ])('%s', async (_name, body, headers, status, code) => {
    const answer = await sendBatch(ingest, body(), headers)
    expect([answer.status, answer.error?.code]).toEqual([status, code])
    expect(answer.error?.message).toMatch(/\w+/)
    await goodRequestWorks()
  })

  it('keeps the good rows of a batch, and says which were not', async () => {
    const rows = [
      { metric: 'partly', kind: Kind.counter, value: 1 },
      { metric: 'partly', kind: Kind.counter, value: Number.NaN },
      { metric: 'partly', kind: Kind.counter, value: 2 },
    ]
    const { ack } = await sendBatch(ingest, sampleBatch(rows))
    expect(ack).toMatchObject({ accepted: 2, duplicate: false })
    expect(ack?.rejected).toMatchObject([{ reason: 'not_finite', count: 1 }])
    expect(Array.from(ack?.rejected[0].row ?? [])).toEqual([1])
    expect(await sumOf(read, 'partly')).toBe(3)
  })

  it('stores nothing of a batch that is refused whole', async () => {
    await sendBatch(ingest, sampleBatch([{ metric: 'refused', value: Number.NaN }]))
    expect((await get(read, '/api/v1/metrics/refused')).status).toBe(404)
  })
})

describe('bad queries', () => {
  it.each<[string, unknown, number, string]>([
    ['an unknown metric', { ...query, metric_name: 'nothing.here' }, 404, 'unknown_metric'],
    ['a reversed range', { ...query, time_range: { start: 'now', end: 'now-1h' } }, 400, 'invalid_time_range'],
    ['a time that is none', { ...query, time_range: { start: 'yesterday' } }, 400, 'invalid_time_range'],
    ['an unknown zone', { ...query, time_zone: 'Mars/Olympus', step: '1d' }, 400, 'invalid_time_zone'],
    ['too many buckets', { ...query, time_range: { start: 'now-300d' }, step: '1s' }, 400, 'too_many_buckets'],
    ['an unknown field', { ...query, metric: 'x' }, 400, 'invalid_request'],
    ['an unknown aggregation', { ...query, aggregation: 'mode' }, 400, 'invalid_request'],
    ['an aggregation of another kind', { ...query, aggregation: 'rate' }, 400, 'aggregation_not_supported'],
  ])('%s', async (_name, body, status, code) => {
    await sendBatch(ingest, sampleBatch([{ metric: 'http.test', value: 1 }]))
    const answer = await postJson(read, '/api/v1/metrics/query', body)
    expect([answer.status, answer.error?.code]).toEqual([status, code])
    await goodRequestWorks()
  })

  it('bad JSON, an unknown route and a wrong method', async () => {
    const headers = { authorization: `Bearer ${read.key}`, 'content-type': 'application/json' }
    const bad = await fetch(`${read.url}/api/v1/metrics/query`, { method: 'POST', headers, body: '{"metric_name"' })
    expect([bad.status, ((await bad.json()) as { error: { code: string } }).error.code]).toEqual([400, 'invalid_json'])
    expect(await get(read, '/api/v2/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
    const method = await fetch(`${read.url}/v1/ingest`, { method: 'PUT' })
    await method.body?.cancel()
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST'])
    await goodRequestWorks()
  })
})

describe('keys', () => {
  it('allow what their scope says, and nothing else', async () => {
    const routes: [string, (target: Target) => Promise<number>][] = [
      ['ingest', async (target) => (await sendBatch(target, sampleBatch([{ metric: 'scopes', value: 1 }]))).status],
      ['ingest', async (target) => (await postJson(target, '/api/v1/events', { events: [{ name: 'scopes' }] })).status],
      ['read', async (target) => (await get(target, '/api/v1/metrics')).status],
      ['read', async (target) => (await postJson(target, '/api/v1/tasks/query', {})).status],
      [
        'read',
        async (target) =>
          (await postJson(target, '/api/v1/events/query', { kind: 'trend', time_range: { start: 'now-1h' } })).status,
      ],
    ]
    for (const [scope, call] of routes) {
      expect(await call(admin)).toBe(200)
      expect(await call(ingest)).toBe(scope === 'ingest' ? 200 : 403)
      expect(await call(read)).toBe(scope === 'read' ? 200 : 403)
      expect(await call({ ...admin, key: 'tt_admin_guess' })).toBe(401)
      expect(await call({ ...admin, key: '' })).toBe(401)
    }
  })

  it('see nothing of another project', async () => {
    const metric = 'secret.revenue'
    await sendBatch(ingest, sampleBatch([{ metric, value: 1, attributes: { customer: 'acme' } }]))
    const own = await get(read, `/api/v1/metrics/${metric}`)
    expect(own.status).toBe(200)
    const asked = await postJson(stranger, '/api/v1/metrics/query', { ...query, metric_name: metric })
    expect(asked.error?.code).toBe('unknown_metric')
    expect(asked.error?.message).not.toContain('acme')
    for (const path of ['', '/tags', '/tags/customer/values']) {
      expect((await get(stranger, `/api/v1/metrics/${metric}${path}`)).status).toBe(404)
    }
    expect(JSON.stringify((await get(stranger, '/api/v1/metrics')).body)).not.toContain('secret')
  })

  it('are refused at once when they are revoked', async () => {
    const made = JSON.parse(await collector.telltale('keys', 'create', '--scope', 'read', '--json'))
    const target = { url: collector.url, key: made.key as string }
    expect((await get(target, '/api/v1/metrics')).status).toBe(200)
    await collector.telltale('keys', 'revoke', made.id)
    expect((await get(target, '/api/v1/metrics')).status).toBe(401)
  })

  it('stand in an address only where they are publishable', async () => {
    const made = JSON.parse(
      await collector.telltale('keys', 'create', '--scope', 'ingest', '--publishable', '--json'),
    ) as { key: string }
    expect(made.key).toMatch(/^pk_/)
    const beacon = (key: string) =>
      fetch(`${collector.url}/api/v1/events?key=${key}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"events":[{"name":"beacon"}]}',
      }).then(async (response) => [response.status, await response.text()])
    expect((await beacon(made.key))[0]).toBe(200)
    expect((await beacon(ingest.key))[0]).toBe(403)
    const response = await fetch(`${collector.url}/api/v1/metrics?key=${made.key}`)
    await response.body?.cancel()
    expect(response.status).toBe(401)
  })
})

describe('events from curl', () => {
  it('are stored once for a batch id, and found again', async () => {
    const body = {
      events: [{ name: 'invoice.paid', user_id: 'u1', org_id: 'acme', attributes: { amount: 42, plan: 'pro' } }],
      batch_id: 'curl-1',
    }
    expect((await postJson(ingest, '/api/v1/events', body)).body).toEqual({
      accepted: 1,
      rejected: [],
      duplicate: false,
    })
    expect((await postJson(ingest, '/api/v1/events', body)).body).toMatchObject({ accepted: 1, duplicate: true })
    const trend = await postJson(read, '/api/v1/events/query', {
      kind: 'trend',
      event: 'invoice.paid',
      time_range: { start: 'now-1h', end: 'now+1m' },
      group_by: ['plan'],
    })
    expect((trend.body as { data: unknown[] }).data).toMatchObject([{ value: 1, tags: { plan: 'pro' } }])
  })

  it('come as one event or a bare list too, with attributes or properties', async () => {
    const one = { name: 'seat.added', properties: { plan: 'pro' } }
    expect(await postJson(ingest, '/api/v1/events', one)).toMatchObject({ status: 200, body: { accepted: 1 } })
    const list = [one, { name: 'seat.added', attributes: { plan: 'free' } }]
    expect(await postJson(ingest, '/api/v1/events', list)).toMatchObject({ status: 200, body: { accepted: 2 } })
    const trend = await postJson(read, '/api/v1/events/query', {
      kind: 'trend',
      event: 'seat.added',
      time_range: { start: 'now-1h', end: 'now+1m' },
      group_by: ['plan'],
    })
    expect((trend.body as { data: unknown[] }).data).toMatchObject([
      { value: 2, tags: { plan: 'pro' } },
      { value: 1, tags: { plan: 'free' } },
    ])
    const nested = await postJson(ingest, '/api/v1/events', [one, { ...one, properties: { a: { b: 1 } } }])
    expect(nested).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } })
    expect(JSON.stringify(nested.body)).toContain('[1].properties.a')
  })
})

describe('operating', () => {
  it('serves its reference as a page that runs no script', async () => {
    const page = await fetch(`${collector.url}/docs`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const text = await page.text()
    expect(text).toContain('/api/v1/metrics/query')
    expect(text).not.toContain('<script')
    expect((await fetch(`${collector.url}/reference.css`)).status).toBe(200)
  })

  it('serves the page under a strict policy, and the widgets to pages of any origin', async () => {
    const page = await fetch(`${collector.url}/`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<html')])
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(page.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    const widgets = await fetch(`${collector.url}/widgets.js`, { headers: { origin: 'https://app.example' } })
    await widgets.body?.cancel()
    expect(widgets.headers.get('content-type')).toContain('javascript')
    expect(widgets.headers.get('access-control-allow-origin')).toBe('*')
    expect(widgets.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })

  it('shows what it did', async () => {
    await goodRequestWorks()
    const text = await (await fetch(`${collector.url}/metrics`)).text()
    for (const name of ['telltale_ingest_samples_total', 'telltale_hot_rows', 'telltale_query_seconds_count']) {
      expect(text).toMatch(new RegExp(`^${name}(\\{[^}]*\\})? [1-9]`, 'm'))
    }
    expect(text).toMatch(/^telltale_ingest_rejected_total\{reason="not_finite"\} \d+$/m)
    expect(text).not.toContain(admin.key)
  })

  it('gives no session to pages where local viewing is off', async () => {
    const response = await fetch(`${collector.url}/app/session`)
    await response.body?.cancel()
    expect(response.status).toBe(403)
  })
})

function tags(count: number, bytes: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`tag${at}`, String(at).padEnd(bytes, 'x')]))
}
