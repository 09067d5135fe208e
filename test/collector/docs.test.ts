/** The examples of the reference work as printed: only the address and the binary are swapped. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sampleBatch, sendBatch } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

let collector: CollectorProcess
beforeAll(async () => {
  collector = await CollectorProcess.start()
  const target = { url: collector.url, key: await collector.createKey('ingest') }
  // The example asks for a metric that a task run would have made.
  const row = { metric: 'task.execution.duration', kind: 4 as const, value: 12, attributes: { 'task.type': 'email' } }
  await sendBatch(target, sampleBatch([row]))
})
afterAll(() => collector?.dispose())

it('http.md', async () => {
  const blocks = [...readFileSync('docs/reference/http.md', 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  const binary = `"${process.execPath}" "${resolve('packages/collector/bin/telltale.mjs')}"`
  const script = blocks
    .map(([, block]) => `${block}\necho`)
    .join('\n')
    .replaceAll('http://127.0.0.1:8000', collector.url)
    .replaceAll('npx telltale', binary)
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
    env: { ...process.env, TELLTALE_DATA_DIR: collector.dataDir },
  })
  const [, events, query, exported, , definition, board, annotation, token, retention, metrics] = stdout.split('\n')
  expect(JSON.parse(events)).toEqual({ accepted: 1, rejected: [], duplicate: false })
  expect(JSON.parse(query).data).toMatchObject([{ tags: { 'task.type': 'email' } }])
  expect(exported).toMatch(/^\d{4}.*Z,email,12\r$/)
  expect(JSON.parse(definition)).toMatchObject({ id: 'orders.value', version: 1 })
  expect(JSON.parse(board)).toMatchObject({ name: 'Email', version: 1 })
  expect(JSON.parse(annotation)).toMatchObject({ title: 'Deploy 1.4', severity: 'good', version: 1 })
  expect(Object.keys(JSON.parse(token))).toEqual(['token', 'expires_at', 'id'])
  expect(JSON.parse(retention)).toMatchObject({ version: 1, defaults: { raw: '365d' } })
  expect(metrics).toMatch(/telltale_ingest_samples_total/)
})
