/** The collector's own measures as series: there, the same after kill -9, out of the way, and quiet where nothing happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kind } from '@telltale/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { get, postJson, sampleBatch, sendBatch, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

let collector: CollectorProcess
let target: Target
beforeAll(async () => {
  process.env.TELLTALE_SELF_METRICS_INTERVAL = '200ms'
  collector = await CollectorProcess.start()
  target = { url: collector.url, key: await collector.createKey('admin') }
})
afterAll(async () => {
  delete process.env.TELLTALE_SELF_METRICS_INTERVAL
  await collector?.dispose()
})

const names = async (search: string, who = target) =>
  ((await get(who, `/api/v1/metrics?search=${search}`)).body as { data: { name: string }[] }).data.map(
    ({ name }) => name,
  )

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100 && !(await what()); i++) await sleep(100)
}

const rowsStored = () => sumOf(target, 'telltale.ingest_rows_total')

it('counts what others send, and not itself', async () => {
  await until(async () => (await names('telltale.')).length > 0)
  const rows = Array.from({ length: 7 }, (_, i) => ({ metric: `m${i}`, kind: Kind.counter, value: 1 }))
  expect((await sendBatch(target, sampleBatch(rows))).status).toBe(200)
  await until(async () => (await rowsStored()) === 7)
  // Five more ticks of nothing.
  await sleep(1000)
  expect(await rowsStored()).toBe(7)
  const text = await (await fetch(`${collector.url}/metrics`)).text()
  expect(text).toMatch(/^telltale_ingest_samples_total 7$/m)
})

it('shows under its prefix alone, in the default project alone', async () => {
  expect(await names('')).toEqual(Array.from({ length: 7 }, (_, i) => `m${i}`))
  expect(await names('telltale.')).toEqual(
    expect.arrayContaining([
      'telltale.ingest_ack_seconds',
      'telltale.journal_bytes',
      'telltale.event_loop_delay_seconds',
      'telltale.process_resident_memory_bytes',
    ]),
  )
  const stranger = { ...target, key: await collector.createKey('admin', 'other') }
  expect(await names('telltale.', stranger)).toEqual([])
  const { body } = await postJson(target, '/api/v1/embed-tokens', { metrics: ['*'] })
  const embed = { ...target, key: (body as { token: string }).token }
  expect(await names('telltale.', embed)).toEqual([])
  const query = { metric_name: 'telltale.series', aggregation: 'last', time_range: { start: 'now-1h' } }
  expect((await postJson(embed, '/api/v1/metrics/query', query)).error?.code).toBe('forbidden')
})

it('cannot be sent or defined by others', async () => {
  const defined = await postJson(target, '/api/v1/definitions', { name: 'telltale.series', kind: 'gauge' })
  expect([defined.status, defined.error?.code]).toEqual([400, 'invalid_request'])
  const { status, error } = await sendBatch(
    target,
    sampleBatch([{ metric: 'telltale.series', kind: Kind.gauge, value: 1e9 }]),
  )
  expect([status, error?.code]).toEqual([400, 'all_rows_rejected'])
  expect(JSON.stringify(error?.details)).toContain('reserved_name')
})

it('every metric of its template is there, and replay gives the same', async () => {
  const { data } = (await get(target, '/api/v1/dashboards/templates')).body as {
    data: { id: string; dashboard: { widgets: { config: { metric: string } }[] } }[]
  }
  const template = data.find(({ id }) => id === 'collector')!
  await until(async () => {
    await postJson(target, '/api/v1/metrics/query', { metric_name: 'm0', time_range: { start: 'now-1h' } })
    return (await names('telltale.')).includes('telltale.query_seconds')
  })
  expect(await names('telltale.')).toEqual(
    expect.arrayContaining(template.dashboard.widgets.map(({ config }) => config.metric)),
  )
  await collector.end('SIGKILL')
  process.env.TELLTALE_SELF_METRICS_INTERVAL = '0s'
  await collector.start()
  expect(await rowsStored()).toBe(7)
})
