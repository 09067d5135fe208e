import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { MetricsColumns, TaskRun } from '@telltale/protocol/api'
import { expect, it } from 'vitest'
import { guarded } from './export/csv.js'
import { localTime } from './export/local-time.js'
import { bearer, testApp } from './testing/app.js'

const meta = { resolution: '1h', step: '1h', kind: 'gauge' as const, unit: '', cached: false, took_ms: 0 }
const noon = Date.UTC(2026, 0, 15, 12)

const columns: MetricsColumns = {
  timestamps: [noon, noon + 3_600_000],
  series: [
    { tags: { host: 'a', 'odd "tag"': '=1+1' }, values: [1.5, null] },
    { tags: { host: null, 'odd "tag"': 'x,\r\ny' }, values: [-2, 3e-7] },
  ],
  meta,
}

async function app(answer: object = columns) {
  const made = await testApp()
  const asked: unknown[] = []
  made.parts.queries.metricsJson = async (_principal, query) => {
    asked.push(query)
    return { body: Buffer.from(JSON.stringify(answer)), etag: 'W/"m"' }
  }
  const get = (parameters: Record<string, string>, key = 'reader') =>
    made.app.inject({ url: `/api/v1/export?${new URLSearchParams(parameters)}`, headers: bearer(key) })
  return { ...made, asked, get }
}

const flat = { metric_name: 'load', group_by: 'host,odd "tag"', start: 'now-2h', step: '1h' }

it('writes CSV by RFC 4180, in the time zone that was asked for, and nothing that a spreadsheet would run', async () => {
  const { get, asked } = await app()
  const response = await get({ ...flat, time_zone: 'Asia/Kolkata', filters: '{"host":{"prefix":"a"}}', limit: '5' })
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
  expect(response.headers['content-disposition']).toBe('attachment; filename="load.csv"')
  expect(response.body).toBe(
    [
      'timestamp,host,"odd ""tag""",value',
      "2026-01-15T17:30:00.000+05:30,a,'=1+1,1.5",
      '2026-01-15T17:30:00.000+05:30,,"x,\r\ny",-2',
      '2026-01-15T18:30:00.000+05:30,,"x,\r\ny",3e-7',
      '',
    ].join('\r\n'),
  )
  expect(asked).toMatchObject([
    {
      metric_name: 'load',
      group_by: ['host', 'odd "tag"'],
      filters: { host: { prefix: 'a' } },
      limit: 5,
      format: 'columns',
    },
  ])
})

it('writes JSON, with gaps where they were asked for and what was compared beside it', async () => {
  const { get } = await app({ ...columns, compare: [{ tags: columns.series[1].tags, values: [7, null] }] })
  const query = JSON.stringify({
    ...flat,
    group_by: ['host'],
    start: undefined,
    time_range: { start: 'now-2h' },
    fill: 'null',
  })
  const response = await get({ format: 'json', query })
  expect(response.json()).toEqual([
    { timestamp: '2026-01-15T12:00:00.000Z', host: 'a', value: 1.5, compare: null },
    { timestamp: '2026-01-15T12:00:00.000Z', host: null, value: -2, compare: 7 },
    { timestamp: '2026-01-15T13:00:00.000Z', host: 'a', value: null, compare: null },
    { timestamp: '2026-01-15T13:00:00.000Z', host: null, value: 3e-7, compare: null },
  ])
})

it('writes Parquet, and leaves nothing behind', async () => {
  const { get } = await app()
  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('telltale-export-')).length
  const before = leftovers()
  const response = await get({ ...flat, format: 'parquet' })
  expect(response.headers['content-type']).toBe('application/vnd.apache.parquet')
  const folder = mkdtempSync(join(tmpdir(), 'telltale-test-'))
  const file = join(folder, 'export.parquet')
  writeFileSync(file, response.rawPayload)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const read = await connection.runAndReadAll(`SELECT *, epoch_ms(timestamp) AS ms FROM '${file}'`)
  expect(read.getRowObjectsJson()).toMatchObject([
    { host: 'a', 'odd "tag"': '=1+1', value: 1.5, ms: String(noon) },
    { host: null, 'odd "tag"': 'x,\r\ny', value: -2 },
    { host: null, value: 3e-7 },
  ])
  rmSync(folder, { recursive: true })
  await new Promise(setImmediate)
  expect(leftovers()).toBeLessThanOrEqual(before)
})

it('writes all task runs, page by page over one range', async () => {
  const { get, parts } = await app()
  const offsets: number[] = []
  parts.queries.tasks = async (_principal, query) => {
    offsets.push(query.offset)
    expect(query.time_range).toEqual({ start: 0, end: 1 })
    const data = Array.from({ length: Math.min(1000, 2500 - query.offset) }, (_, i) => {
      const at = '2026-01-15T12:00:00.000Z'
      const run = { task_id: `t${query.offset + i}`, start_time: at, end_time: at, context: { a: 1 }, steps: [] }
      return run as unknown as TaskRun
    })
    return { data, meta: { total: 2500, took_ms: 0 } }
  }
  const response = await get({ kind: 'tasks', query: '{"task_type":"email"}', time_zone: 'Europe/Berlin' })
  const lines = response.body.trimEnd().split('\r\n')
  expect(offsets).toEqual([0, 1000, 2000])
  expect(lines).toHaveLength(2501)
  expect(lines[2500]).toMatch(/^t2499,,2026-01-15T13:00:00.000\+01:00,/)
  expect(lines[1]).toContain('"{""a"":1}"')
})

it.each([
  [{ format: 'xml' }, 'invalid_request'],
  [{ metric_name: 'load' }, 'invalid_request'],
  [{ ...flat, limit: 'many' }, 'invalid_request'],
  [{ query: '[]' }, 'invalid_request'],
  [{ ...flat, time_zone: 'Mars/Olympus' }, 'invalid_time_zone'],
])('refuses %j', async (parameters, code) => {
  const { get } = await app()
  const response = await get(parameters as Record<string, string>)
  expect([response.statusCode, response.json().error.code]).toEqual([400, code])
})

it('is for those who may read', async () => {
  const { get } = await app()
  expect((await get(flat, 'writer')).statusCode).toBe(403)
})

it.each([
  ['=1+1', "'=1+1"],
  ['+49 30', "'+49 30"],
  ['-', "'-"],
  ['@here', "'@here"],
  ['\tx', "'\tx"],
  ['-1.5e3', '-1.5e3'],
  ['+7', '+7'],
  ['a=b', 'a=b'],
])('guards %j', (text, expected) => {
  expect(guarded(text)).toBe(expected)
})

it('shows both sides of a change of clocks', () => {
  const berlin = localTime('Europe/Berlin')
  expect([0, 1].map((hours) => berlin(Date.UTC(2026, 9, 25, hours, 30)))).toEqual([
    '2026-10-25T02:30:00.000+02:00',
    '2026-10-25T02:30:00.000+01:00',
  ])
  expect(localTime('UTC')(0)).toBe('1970-01-01T00:00:00.000Z')
})
