/** Formulas, batches and exports through HTTP and the command line, and that no credential gets another one's answer. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleBatch, sendBatch } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'
import { telltale } from '../support/telltale.js'

let collector: CollectorProcess
let read: string

beforeAll(async () => {
  collector = await CollectorProcess.start()
  read = await collector.createKey('read')
  const target = { url: collector.url, key: await collector.createKey('ingest') }
  const row = (metric: string, org: string, value: number) => {
    return { metric, kind: 1 as const, value, attributes: { 'org.id': org } }
  }
  const rows = [
    row('failed', 'acme', 1),
    row('done', 'acme', 4),
    row('done', 'umbrella', 6),
    row('failed', 'umbrella', 3),
  ]
  await sendBatch(target, sampleBatch(rows))
})
afterAll(() => collector?.dispose())

const range = { start: 'now-1h' }
const share = {
  formula: 'a / b * 100',
  queries: [
    { id: 'a', metric_name: 'failed', aggregation: 'sum' },
    { id: 'b', metric_name: 'done', aggregation: 'sum' },
  ],
  group_by: ['org.id'],
  time_range: range,
}

async function post(path: string, body: object, key = read) {
  const response = await fetch(`${collector.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

async function embedToken(): Promise<string> {
  const admin = await collector.createKey('admin')
  const asked = { metrics: ['failed', 'done'], filters: { 'org.id': 'acme' }, ttl: '15m' }
  return (await post('/api/v1/embed-tokens', asked, admin)).body.token
}

const valuesOf = (data: { value: number; tags: Record<string, string> }[]) =>
  data.map(({ value, tags }) => [tags['org.id'], value])

it('calculates over several metrics, at the terminal too', async () => {
  const { body } = await post('/api/v1/metrics/query', share)
  expect(valuesOf(body.data)).toEqual([
    ['acme', 25],
    ['umbrella', 50],
  ])
  const expression = 'sum(failed) / sum(done) * 100 by (org.id)'
  const { code, stdout } = await telltale('query', expression, '--data-dir', collector.dataDir)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^acme +25 [\s\S]*^umbrella +50 /m)
})

it('answers a batch, and an embed token sees its own rows in each part of it, cached or not', async () => {
  const done = { metric_name: 'done', aggregation: 'sum', group_by: ['org.id'], time_range: range }
  const batch = {
    queries: [
      { id: 'share', query: share },
      { id: 'done', query: done },
      { id: 'oops', query: { ...done, metric_name: 'dome' } },
    ],
  }
  const token = await embedToken()
  for (const key of [read, token, read, token]) {
    const { status, body } = await post('/api/v1/metrics/batch', batch, key)
    const [shares, sums, oops] = body.results
    expect([status, shares.status, sums.status, oops.status]).toEqual([200, 200, 200, key === read ? 404 : 403])
    const isWhole = key === read
    expect(valuesOf(shares.data)).toEqual(
      isWhole
        ? [
            ['acme', 25],
            ['umbrella', 50],
          ]
        : [['acme', 25]],
    )
    expect(valuesOf(sums.data)).toEqual(
      isWhole
        ? [
            ['acme', 4],
            ['umbrella', 6],
          ]
        : [['acme', 4]],
    )
  }
})

it('exports what the credential sees, as CSV, JSON and Parquet', async () => {
  const token = await embedToken()
  const get = (format: string, key: string) =>
    fetch(
      `${collector.url}/api/v1/export?metric_name=done&aggregation=sum&group_by=org.id&start=now-1h&time_zone=Europe/Berlin&format=${format}`,
      { headers: { authorization: `Bearer ${key}` } },
    )
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00`
  const csv = await (await get('csv', read)).text()
  expect(csv).toMatch(new RegExp(`^timestamp,org.id,value\r\n${time},acme,4\r\n${time},umbrella,6\r\n$`))
  expect(await (await get('csv', token)).text()).toMatch(new RegExp(`^timestamp,org.id,value\r\n${time},acme,4\r\n$`))
  expect(await (await get('json', token)).json()).toMatchObject([{ 'org.id': 'acme', value: 4 }])
  const parquet = Buffer.from(await (await get('parquet', read)).arrayBuffer())
  expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
})
