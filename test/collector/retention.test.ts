/** Retention rules through HTTP and the config file: checked, guarded, kept, and of one project. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CollectorProcess } from '../support/collector.js'

let collector: CollectorProcess
let folder: string
let key: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-config-'))
  const file = join(folder, 'telltale.json')
  const rules = [
    { prefix: 'debug.', raw: '14d' },
    { project: 'other', prefix: '', events: '30d' },
  ]
  writeFileSync(file, JSON.stringify({ retention: { raw: '90d', rules } }))
  collector = await CollectorProcess.start(['--config', file])
  key = await collector.createKey('admin')
})
afterAll(async () => {
  await collector?.dispose()
  rmSync(folder, { recursive: true })
})

async function send(method: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${collector.url}/api/v1/retention`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  return { status: response.status, etag: response.headers.get('etag'), body: await response.json() }
}

it('shows what holds, takes rules under a guard, and keeps them over a restart', async () => {
  const defaults = { raw: '90d', '1m': '365d', '5m': '1825d', '1h': '1825d', '1d': '1825d', events: '365d' }
  const configured = [{ prefix: 'debug.', raw: '14d' }]
  expect(await send('GET')).toEqual({
    status: 200,
    etag: '"0"',
    body: { rules: [], defaults, configured, version: 0 },
  })
  const rules = [
    { prefix: 'debug.', raw: '7d', '1m': '7d' },
    { prefix: '', events: '90d' },
  ]
  const put = await send('PUT', { rules }, { 'if-match': '"0"' })
  expect([put.status, put.etag, put.body.rules]).toEqual([200, '"1"', rules])
  const stale = await send('PUT', { rules: [] }, { 'if-match': '"0"' })
  expect([stale.status, stale.body.error.code]).toEqual([412, 'precondition_failed'])
  await collector.end('SIGKILL')
  await collector.start()
  expect((await send('GET')).body).toEqual({ rules, defaults, configured, version: 1 })
})

it.each([
  [{ rules: [{ prefix: 'a', raw: '5m' }] }, /rules\[0\]\.raw: must be between 1h and 100 years/],
  [{ rules: [{ prefix: 'a', raw: 'soon' }] }, /rules\[0\]\.raw/],
  [{ rules: [{ prefix: 'a', events: '7d' }] }, /rules\[0\]\.events: events belong to no metric/],
  [{ rules: [{ prefix: 'a' }] }, /rules\[0\]: says nothing/],
  [
    {
      rules: [
        { prefix: 'a', raw: '7d' },
        { prefix: 'a', '1m': '7d' },
      ],
    },
    /two rules for one prefix/,
  ],
  [{ rules: [{ prefix: 'a', raw: '7d', '2m': '7d' }] }, /2m/],
])('refuses %j, and says why', async (body, message) => {
  const { status, body: answer } = await send('PUT', body)
  expect([status, answer.error.code]).toEqual([400, 'invalid_request'])
  expect(answer.error.message).toMatch(message)
})

it('is for admins to change, and of one project', async () => {
  const as = async (scope: 'read' | 'admin', project?: string) => ({
    authorization: `Bearer ${await collector.createKey(scope, project)}`,
  })
  expect((await send('PUT', { rules: [] }, await as('read'))).status).toBe(403)
  const other = await send('GET', undefined, await as('admin', 'other'))
  expect(other.body).toMatchObject({ rules: [], configured: [{ prefix: 'debug.' }, { prefix: '', events: '30d' }] })
})
