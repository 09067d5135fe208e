/** `telltale bench`: refuses what it cannot do, ends when it said, and leaves nothing behind. */
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CollectorProcess } from '../support/collector.js'
import { telltale } from '../support/telltale.js'

let collector: CollectorProcess
beforeAll(async () => {
  collector = await CollectorProcess.start()
})
afterAll(() => collector?.dispose())

describe.concurrent('refuses', () => {
  it.each<[string[], number, string]>([
    [['--seconds', '0'], 2, 'from 1 to 600'],
    [['--rows', '10001'], 2, 'from 1 to 10000'],
    [['--series', 'many'], 2, 'from 1 to 10000'],
    [['--endpoint', 'http://127.0.0.1:1', '--key', 'x'], 1, 'telltale serve'],
  ])('%j', async (args, exitCode, message) => {
    const { code, stdout, stderr } = await telltale('bench', ...args)
    expect([code, stdout, stderr]).toEqual([exitCode, '', expect.stringContaining(message)])
  })

  it('a wrong key', async () => {
    const { code, stderr } = await telltale('bench', '--endpoint', collector.url, '--key', 'tt_ingest_x')
    expect([code, stderr]).toEqual([1, expect.stringContaining('unauthorized')])
  })
})

it('loads a serving collector, in a project of its own', async () => {
  const small = ['--seconds', '1', '--rows', '100', '--series', '10', '--connections', '2', '--json']
  const { code, stdout } = await telltale(
    'bench',
    '--endpoint',
    collector.url,
    '--data-dir',
    collector.dataDir,
    ...small,
  )
  const report = JSON.parse(stdout)
  expect([code, report.rows_per_batch, report.pushed_back]).toEqual([0, 100, 0])
  expect(report.samples).toBe(report.batches * 100)
  expect(report.ack_p99_ms).toBeGreaterThanOrEqual(report.ack_p50_ms)
  const query = async (metric: string) => {
    const flags = ['--project', 'bench', '--json', '--data-dir', collector.dataDir]
    return JSON.parse((await telltale('query', `count(${metric})`, ...flags)).stdout).data[0].value as number
  }
  expect((await query('bench.latency')) + (await query('bench.depth'))).toBe(report.samples)
})

it('brings a collector of its own, and removes it', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('telltale-bench-'))
  const { code, stdout, stderr } = await telltale('bench', '--seconds', '1')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^SAMPLES\/S +ACK P50 +ACK P99/)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('telltale-bench-'))).toEqual(before)
})
