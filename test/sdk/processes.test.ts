/** Several processes and threads of one program: each sends a stream of its own, and the sums come out right. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get, postJson, sumOf, type Target } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

/** Below node_modules, so that programs find the SDK as their users do. */
const cache = resolve('node_modules/.cache/sdk-processes')

let folder: string
let collector: CollectorProcess
let target: Target

beforeAll(async () => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'programs-'))
  collector = await CollectorProcess.start()
  target = { url: collector.url, key: await collector.createKey('admin') }
})

afterAll(async () => {
  await collector?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a program to its end. */
async function run(name: string, program: string): Promise<void> {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, program)
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, TELLTALE_ENDPOINT: target.url, TELLTALE_API_KEY: target.key },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = await once(child, 'exit')
  expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' })
}

/** What each process or thread does: its share of three metrics. */
const work = (metric: string) => `
  import { init, counter, histogram, withTaskMetrics, close, stats } from '@telltale/sdk-node'
  export async function work(index) {
    init({ service: 'workers', flushIntervalMs: 50 })
    for (let i = 0; i < 1000; i++) {
      counter('${metric}.calls').add(1)
      histogram('${metric}.ms').record(index + 1)
    }
    for (let i = 0; i < 10; i++) await withTaskMetrics('${metric}.task', async () => {})
    await close()
    const { recorded, acked } = stats()
    if (recorded !== 2010 || acked !== 2010) throw new Error(JSON.stringify(stats()))
  }`

async function expectShares(metric: string, shares: number): Promise<void> {
  expect(await sumOf(target, `${metric}.calls`)).toBe(1000 * shares)
  const query = {
    metric_name: `${metric}.ms`,
    aggregation: 'sum',
    time_range: { start: 'now-1h', end: 'now+1m' },
  }
  const { body } = await postJson(target, '/api/v1/metrics/query', query)
  expect((body as { data: { value: number }[] }).data[0].value).toBe((1000 * shares * (shares + 1)) / 2)
  const tasks = await postJson(target, '/api/v1/tasks/query', { task_type: `${metric}.task`, limit: 1000 })
  const { data } = tasks.body as { data: { task_id: string }[] }
  expect(data.length).toBe(10 * shares)
  expect(new Set(data.map((task) => task.task_id)).size).toBe(10 * shares)
}

test('cluster', async () => {
  writeFileSync(join(folder, 'cluster-work.mjs'), work('cluster'))
  await run(
    'cluster',
    `import cluster from 'node:cluster'
     import { work } from './cluster-work.mjs'
     if (cluster.isPrimary) {
       for (let i = 1; i < 4; i++) cluster.fork({ INDEX: String(i) })
       cluster.on('exit', (worker, code) => { if (code !== 0) process.exitCode = 1 })
       await work(0)
     } else {
       await work(Number(process.env.INDEX))
       process.disconnect()
     }`,
  )
  await expectShares('cluster', 4)
})

test('worker threads', async () => {
  writeFileSync(join(folder, 'thread-work.mjs'), work('thread'))
  await run(
    'threads',
    `import { once } from 'node:events'
     import { isMainThread, Worker, workerData } from 'node:worker_threads'
     import { fileURLToPath } from 'node:url'
     import { work } from './thread-work.mjs'
     if (isMainThread) {
       const workers = [1, 2, 3].map((index) => new Worker(fileURLToPath(import.meta.url), { workerData: index }))
       await Promise.all([work(0), ...workers.map((worker) => once(worker, 'exit'))])
     } else await work(workerData)`,
  )
  await expectShares('thread', 4)
})

test('forks of the same program, as PM2 makes them, with one spool', async () => {
  writeFileSync(
    join(folder, 'fork-work.mjs'),
    work('fork').replace(
      "service: 'workers'",
      `service: 'workers', spool: { dir: ${JSON.stringify(join(folder, 'spool'))} }`,
    ),
  )
  await run(
    'forks',
    `import { fork } from 'node:child_process'
     import { once } from 'node:events'
     import { fileURLToPath } from 'node:url'
     import { work } from './fork-work.mjs'
     const index = process.env.NODE_APP_INSTANCE
     if (index === undefined) {
       const children = [0, 1, 2, 3].map((index) =>
         fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, NODE_APP_INSTANCE: String(index) } }))
       const ends = await Promise.all(children.map((child) => once(child, 'exit')))
       if (ends.some(([code]) => code !== 0)) process.exitCode = 1
     } else {
       await work(Number(index))
       process.disconnect()
     }`,
  )
  await expectShares('fork', 4)
})

test('a nested run shows its parent, trace and wait in the API', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  await run(
    'nested',
    `import { init, withTaskMetrics, close } from '@telltale/sdk-node'
     init({ service: 'nested' })
     const options = { traceparent: '00-${trace}-00f067aa0ba902b7-01', queuedAt: Date.now() - 5000, attempt: 2, id: 'outer-run' }
     await withTaskMetrics('outer', async () => {
       await null
       await withTaskMetrics('inner', async () => {}, { id: 'inner-run' })
       void withTaskMetrics('late', () => new Promise(() => {}), { id: 'late-run', timeoutMs: 20 })
       await withTaskMetrics('stopped', async () => { throw new Error('stopped') },
         { id: 'stopped-run', signal: AbortSignal.abort() }).catch(() => {})
       await new Promise((resolve) => setTimeout(resolve, 60))
     }, options)
     await close()`,
  )
  const row = async (id: string) => (await get(target, `/api/v1/tasks/${id}`)).body as Record<string, unknown>
  const outer = await row('outer-run')
  expect(outer).toMatchObject({ parent_id: '00f067aa0ba902b7', trace_id: trace, attempt: 2, status: 'ok' })
  expect(outer.queue_wait_ms).toBeGreaterThanOrEqual(5000)
  expect(await row('inner-run')).toMatchObject({ parent_id: 'outer-run', trace_id: trace, attempt: 1 })
  expect(await row('late-run')).toMatchObject({ status: 'timeout', error_type: 'TimeoutError', parent_id: 'outer-run' })
  expect(await row('stopped-run')).toMatchObject({ status: 'cancelled', error_message: 'stopped' })
})
