/** `telltale query`: beside a serving collector, over the network, and on a folder that nobody serves. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleBatch, sendBatch } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'
import { telltale } from '../support/telltale.js'

let collector: CollectorProcess
const query = (...args: string[]) => telltale('query', ...args, '--data-dir', collector.dataDir)
const keys = async () => JSON.parse(await collector.telltale('keys', 'list', '--json')) as unknown[]

beforeAll(async () => {
  collector = await CollectorProcess.start()
  const target = { url: collector.url, key: await collector.createKey('ingest') }
  const row = (type: string, status: string, value: number) => {
    return { metric: 'work.duration', kind: 4 as const, value, attributes: { type, status } }
  }
  await sendBatch(target, sampleBatch([row('mail', 'ok', 10), row('mail', 'error', 30), row('pdf', 'ok', 5)]))
})
afterAll(() => collector?.dispose())

describe.concurrent('says what is wrong', () => {
  it.each<[string[], number, string]>([
    [['avg(work.duration) by type'], 2, '\n                      ^'],
    [['avg(work.duration)', '--range', 'yesterday'], 2, '--range'],
    [['avg(work.duration)', '--limit', '0'], 2, '--limit'],
    [['avg(work.duration)', '--filter', 'type'], 2, 'tag=value'],
    [['avg(work.duration)', '--step', 'often'], 2, 'invalid_request'],
    [['avg(work.durations)'], 1, 'unknown_metric'],
    [['avg(work.duration)', '--project', 'shop'], 1, 'There is no project "shop". There are: default'],
    [['avg(work.duration)', '--endpoint', 'here'], 2, '--endpoint'],
    [['avg(work.duration)', '--endpoint', 'http://127.0.0.1:1', '--key', 'x'], 1, 'telltale serve'],
  ])('%j', async (args, exitCode, message) => {
    const { code, stdout, stderr } = await query(...args)
    expect([code, stdout]).toEqual([exitCode, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('a wrong key', async () => {
    const { code, stderr } = await query('avg(work.duration)', '--endpoint', collector.url, '--key', 'tt_read_x')
    expect([code, stderr]).toEqual([1, expect.stringContaining('unauthorized')])
  })

  it('a folder without data', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-empty-'))
    const { code, stderr } = await telltale('query', 'avg(a)', '--data-dir', folder)
    rmSync(folder, { recursive: true })
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is no Telltale data')])
  })
})

it('answers as a table with a sparkline, and leaves no key behind', async () => {
  const before = await keys()
  const { code, stdout } = await query('avg(work.duration) by (type)')
  expect(code).toBe(0)
  const [head, mail, pdf] = stdout.split('\n')
  expect(head).toMatch(/^TYPE +VALUE +MIN +MAX +LAST +PER 1m$/)
  expect(mail).toMatch(/^mail +20 +20 +20 +20 +[▁-█]$/)
  expect(pdf).toMatch(/^pdf +5 +5 +5 +5 +[▁-█]$/)
  expect(await keys()).toEqual(before)
})

it('filters, and prints the answer of the API for programs', async () => {
  const { stdout } = await query('sum(work.duration{status="ok"}) by (type)', '--filter', 'type=mail', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    data: [{ value: 10, tags: { type: 'mail' } }],
    meta: { kind: 'histogram' },
  })
})

it('asks another collector with a key', async () => {
  const key = await collector.createKey('read')
  const { stdout } = await telltale(
    ...['query', 'quantile(1, work.duration)', '--endpoint', collector.url, '--key', key, '--json'],
  )
  expect(JSON.parse(stdout).data[0].value).toBeCloseTo(30, 0)
})

it('answers from a folder that nobody serves, after a clean stop and after a kill', async () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await collector.end(signal)
    const { code, stdout, stderr } = await query('count(work.duration)', '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout).data[0].value).toBe(3)
    await collector.start()
  }
})
