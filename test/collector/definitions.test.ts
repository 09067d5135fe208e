/** Definitions of metrics through HTTP: edited with guards, in force at once, and the same after kill -9. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { get, sampleBatch, sendBatch, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

let collector: CollectorProcess
let target: Target
beforeAll(async () => {
  collector = await CollectorProcess.start()
  target = { url: collector.url, key: await collector.createKey('admin') }
})
afterAll(() => collector?.dispose())

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${target.url}/api/v1/definitions${path}`, {
    method,
    headers: {
      authorization: `Bearer ${target.key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    body: text === '' ? undefined : JSON.parse(text),
  }
}

const orders = {
  name: 'orders.value',
  kind: 'gauge',
  unit: 'EUR',
  description: 'Value of an order.',
  bounds: { min: 0 },
}

it('is created, read, replaced under a guard, and deleted', async () => {
  const created = await send('POST', '', orders)
  expect([created.status, created.etag]).toEqual([201, '"1"'])
  expect((await send('POST', '', orders)).body.error.code).toBe('conflict')
  expect((await send('GET', '')).body.data).toEqual([created.body])
  expect((await send('GET', '/orders.value')).etag).toBe('"1"')
  const metric = await get(target, '/api/v1/metrics/orders.value')
  expect(metric.body).toMatchObject({ kind: 'gauge', unit: 'EUR', description: 'Value of an order.', cardinality: 0 })

  const narrower = { ...orders, bounds: { min: 0, max: 100 } }
  const replaced = await send('PUT', '/orders.value', narrower, { 'if-match': '"1"' })
  expect([replaced.status, replaced.etag]).toEqual([200, '"2"'])
  const stale = await send('PUT', '/orders.value', orders, { 'if-match': '"1"' })
  expect([stale.status, stale.body.error.code]).toEqual([412, 'precondition_failed'])
  expect(stale.body.error.details.current).toEqual(replaced.body)
  expect((await send('DELETE', '/orders.value', undefined, { 'if-match': '"1"' })).status).toBe(412)
  expect((await send('PUT', '/orders.value', { ...orders, name: 'other' })).body.error.code).toBe('invalid_request')
  expect((await send('PUT', '/nothing', { ...orders, name: 'nothing' })).body.error.code).toBe('unknown_definition')
  for (const expression of ['orders.value *', 'orders.value by (plan)']) {
    const unread = await send('POST', '', { ...orders, name: 'x', expression })
    expect([unread.status, unread.body.error.code]).toEqual([400, 'invalid_request'])
    expect(JSON.stringify(unread.body)).toContain('expression')
  }
  expect((await send('POST', '', { ...orders, name: 'x', bounds: { min: 2, max: 1 } })).body.error.code).toBe(
    'invalid_request',
  )
})

it('judges rows, and replays those that it had accepted', async () => {
  const rows = (values: number[]) => sampleBatch(values.map((value) => ({ metric: 'orders.value', value })))
  const { ack } = await sendBatch(target, rows([50, -1, 101]))
  expect(ack).toMatchObject({ accepted: 1, rejected: [{ reason: 'out_of_bounds', count: 2 }] })
  // Tighter bounds take nothing back of what was acknowledged, also when the journal is replayed under them.
  await send('PUT', '/orders.value', { ...orders, bounds: { min: 0, max: 10 } })
  await collector.end('SIGKILL')
  await collector.start()
  expect(await sumOf(target, 'orders.value')).toBe(50)
  expect((await sendBatch(target, rows([50]))).error?.code).toBe('all_rows_rejected')
  expect((await send('DELETE', '/orders.value')).status).toBe(204)
  expect((await sendBatch(target, rows([50]))).ack?.accepted).toBe(1)
  expect((await send('PUT', '/orders.value', orders)).status).toBe(404)
  expect((await send('POST', '', { ...orders, kind: 'counter' })).body.error.message).toContain('has data as a gauge')
})

it('is for admins to change, for readers to see, and of one project', async () => {
  await send('POST', '', orders)
  const as = async (scope: 'ingest' | 'read', project?: string) => ({
    authorization: `Bearer ${await collector.createKey(scope, project)}`,
  })
  expect((await send('GET', '', undefined, await as('read'))).body.data).toHaveLength(1)
  expect((await send('GET', '', undefined, await as('read', 'other'))).body.data).toEqual([])
  expect((await send('GET', '', undefined, await as('ingest'))).status).toBe(403)
  expect((await send('DELETE', '/orders.value', undefined, await as('read'))).status).toBe(403)
})
