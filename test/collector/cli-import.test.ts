/** `telltale import`: into a serving collector, into a folder that nobody serves, and again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CollectorProcess } from '../support/collector.js'
import { telltale } from '../support/telltale.js'

const folder = mkdtempSync(join(tmpdir(), 'telltale-import-'))
const at = (name: string) => join(folder, name)
const hourMs = 3_600_000
let collector: CollectorProcess

const into = (dataDir: string, name: string, ...flags: string[]) =>
  telltale('import', at(name), '--data-dir', dataDir, ...flags)

async function query(dataDir: string, expression: string, range: string): Promise<Record<string, number | null>> {
  const { stdout, stderr } = await telltale('query', expression, '--range', range, '--json', '--data-dir', dataDir)
  expect(stderr).toBe('')
  const { data } = JSON.parse(stdout) as { data: { value: number; tags: Record<string, string> }[] }
  return Object.fromEntries(data.map(({ value, tags }) => [Object.values(tags).join(), value]))
}

beforeAll(async () => {
  collector = await CollectorProcess.start()
})
afterAll(async () => {
  await collector?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

it('says what is wrong with the call', async () => {
  writeFileSync(at('data.csv'), 'timestamp,value\n1,2\n')
  writeFileSync(at('data.bin'), '')
  writeFileSync(at('bad.parquet'), 'PAR1 but no more than that')
  const cases: [string, string[], number, string][] = [
    ['nothing.csv', [], 1, 'There is no file'],
    ['data.bin', [], 2, '--format csv, openmetrics, parquet'],
    ['data.csv', [], 2, '--metric'],
    ['data.csv', ['--kind', 'odd'], 2, 'Allowed choices'],
    ['data.csv', ['--format', 'openmetrics', '--metric', 'm'], 2, 'leave --metric out'],
    ['bad.parquet', ['--metric', 'm'], 1, 'cannot be read as Parquet'],
    ['data.csv', ['--metric', 'm', '--endpoint', collector.url, '--key', 'tt_ingest_x'], 1, 'unauthorized'],
  ]
  for (const [name, flags, exitCode, message] of cases) {
    const { code, stdout, stderr } = await into(collector.dataDir, name, ...flags)
    expect([code, stdout]).toEqual([exitCode, ''])
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
  }
})

it('sends nothing of a file with rows that are too old for the collector that serves', async () => {
  const now = Date.now()
  writeFileSync(at('old.csv'), `timestamp,value\n${now},1\n${now - 48 * hourMs},2\n`)
  const { code, stderr } = await into(collector.dataDir, 'old.csv', '--metric', 'old')
  expect([code, stderr]).toEqual([1, expect.stringContaining('1 rows')])
  expect(stderr).toContain('older than the 24 h')
  const asked = await telltale('query', 'sum(old)', '--data-dir', collector.dataDir)
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining('unknown_metric')])
})

it('imports CSV, names what it refuses, and stores nothing twice', async () => {
  const now = Date.now()
  const rows = Array.from({ length: 6000 }, (_, i) => `${now - i * 100},1,${i % 2 ? 'odd' : 'even'}`)
  writeFileSync(
    at('recent.csv'),
    ['timestamp,value,parity', ...rows, 'never,1,odd', `${now + 48 * hourMs},1,odd`].join('\n'),
  )
  const first = await into(collector.dataDir, 'recent.csv', '--metric', 'recent', '--kind', 'counter', '--json')
  expect(first.code).toBe(1)
  expect(JSON.parse(first.stdout)).toEqual({
    rows: 6002,
    accepted: 6000,
    already_there: 0,
    rejected: 2,
    rejected_lines: [
      { line: 6002, reason: 'the timestamp cannot be read' },
      { line: 6003, reason: 'too_far_ahead' },
    ],
  })
  const again = await into(collector.dataDir, 'recent.csv', '--metric', 'recent', '--kind', 'counter')
  expect(again.stdout).toContain('there already')
  expect(await query(collector.dataDir, 'sum(recent) by (parity)', '1h')).toEqual({ even: 3000, odd: 3000 })
})

it('imports OpenMetrics of last year into a new folder, which a collector then serves', async () => {
  const startMs = Date.now() - 200 * 24 * hourMs
  const lines = Array.from({ length: 100 }, (_, i) => `jobs_total{queue="mail"} ${i * 2} ${startMs / 1000 + i * 60}`)
  writeFileSync(at('dump.txt'), ['# TYPE jobs counter', ...lines, '# EOF', ''].join('\n'))
  const made = await into(at('history'), 'dump.txt')
  expect([made.code, made.stdout]).toEqual([0, '99 rows are stored\n'])
  expect(made.stderr).toContain('admin-key')
  expect((await into(at('history'), 'dump.txt')).stdout).toContain('0 rows are stored, 99 were there already')
  expect(await query(at('history'), 'sum(jobs_total) by (queue)', '365d')).toEqual({ mail: 198 })
})

it('imports Parquet, also with a column of metrics and real timestamps', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`COPY (
    SELECT 'm' || (i % 2) AS metric, now()::TIMESTAMP - to_seconds(i) AS timestamp, i AS value, NULL AS host
    FROM range(10) t(i)) TO '${at('table.parquet')}' (FORMAT parquet)`)
  connection.closeSync()
  instance.closeSync()
  const { code, stdout } = await into(collector.dataDir, 'table.parquet', '--project', 'shop')
  expect([code, stdout]).toEqual([0, '10 rows are stored\n'])
  const { stdout: answer } = await telltale(
    ...['query', 'sum(m1)', '--project', 'shop', '--json', '--data-dir', collector.dataDir],
  )
  expect(JSON.parse(answer).data[0].value).toBe(25)
})
