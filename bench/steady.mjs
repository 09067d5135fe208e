/**
 * A steady load, as a busy day has it: 200,000 samples/s come in over HTTP while dashboards ask 20 queries/s. How long the
 * collector's main thread is kept from its events, how long acks and answers take, and how much memory it all needs.
 * Usage: node bench/steady.mjs [--rate 200000] [--queries 20] [--seconds 60] [--series 10000] [--rows 2000]
 *
 * The delay is that of a timer of 10 ms in the main thread itself (perf_hooks, loaded by --import). The peer is the same
 * collector with nothing to do.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { percentile, startCollector } from './lib/collector.mjs'
import { createWorkload, idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '200000' },
    queries: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    series: { type: 'string', default: '10000' },
    rows: { type: 'string', default: '2000' },
  },
})
const RATE = Number(flags.rate)
const QUERIES = Number(flags.queries)
const SECONDS = Number(flags.seconds)
const SERIES = Number(flags.series)
const ROWS = Number(flags.rows)
const WARM_UP_MS = 10_000
/** An hour is there before, so that queries have something to read. */
const HISTORY_MS = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-steady-'))
const delaysFile = join(folder, 'delays.json')
const probe = join(folder, 'probe.mjs')
// Written anew each second: a process that is killed has left its last figures.
writeFileSync(
  probe,
  `import { writeFileSync } from 'node:fs'
   import { monitorEventLoopDelay } from 'node:perf_hooks'
   import { isMainThread } from 'node:worker_threads'
   if (isMainThread && process.argv.includes('serve')) {
     const delay = monitorEventLoopDelay({ resolution: 10 })
     delay.enable()
     process.on('SIGUSR2', () => {
       const ms = (ns) => ns / 1e6 - 10
       writeFileSync(${JSON.stringify(delaysFile)}, JSON.stringify({
         p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) }))
       delay.reset()
     })
   }`,
)

const collector = await startCollector({
  nodeArgs: ['--import', probe],
  env: { TELLTALE_INGEST_MAX_AGE: '3650d' },
})
const pool = new Pool(collector.url, { connections: 32 })
const headers = { authorization: `Bearer ${collector.key('admin')}` }
const results = []
/** Which question is next. */
let turn = 0
try {
  await sleep(3000)
  await delays()
  await sleep(5000)
  results.push({ load: 'nothing', ...(await delays()), 'RSS MB': Math.round(collector.rssMb()) })
  const load = await run()
  results.push(load)
} finally {
  await pool.close()
  await collector.stop()
  collector.remove()
  rmSync(folder, { recursive: true, force: true })
}
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
const options = { rate: RATE, queries: QUERIES, seconds: SECONDS, series: SERIES, rows: ROWS }
writeFileSync(
  new URL('results/steady.json', import.meta.url),
  `${JSON.stringify({ machine, options, results }, null, 2)}\n`,
)

async function run() {
  const workloadOf = (startMs, stepMs) => createWorkload({ seriesCount: SERIES, startMs, stepMs })
  let workload = workloadOf(Date.now() - HISTORY_MS, 10_000)
  const stream = idBytes()
  let sequence = 0
  const acks = []
  const answers = []
  let refused = 0
  let sent = 0
  const send = async (latencies) => {
    const body = workload.batch(ROWS, stream, sequence++)
    const startedAt = performance.now()
    for (;;) {
      const response = await pool.request({
        ...{ path: '/v1/ingest', method: 'POST', body },
        headers: { ...headers, 'content-type': 'application/x-protobuf' },
      })
      const text = await response.body.text()
      if (response.statusCode === 200) break
      if (response.statusCode !== 503) throw new Error(`${response.statusCode} ${text}`)
      refused++
      await sleep(50)
    }
    latencies?.push(performance.now() - startedAt)
    sent += ROWS
  }
  for (let rows = 0; rows < (HISTORY_MS / 10_000) * SERIES; rows += ROWS) await send()
  // From now on in real time.
  workload = workloadOf(Date.now(), (1000 * SERIES) / RATE)

  let measuring = false
  const failures = []
  const pending = new Set()
  const every = (perSecond, inFlight, work) => {
    const startedAt = performance.now()
    let done = 0
    let running = 0
    const start = () => {
      running++
      const promise = work()
        .catch((error) => failures.push(error))
        .finally(() => {
          running--
          pending.delete(promise)
        })
      pending.add(promise)
    }
    return setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond)
      for (; done < due && running < inFlight; done++) start()
    }, 5)
  }
  const timers = [
    every(RATE / ROWS, 16, () => send(measuring ? acks : undefined)),
    every(QUERIES, 8, () => ask(measuring ? answers : undefined)),
  ]
  await sleep(WARM_UP_MS)
  await delays()
  const [before, cpuBefore, startedAt] = [sent, collector.cpuSeconds(), performance.now()]
  measuring = true
  let rssMb = 0
  for (let second = 0; second < SECONDS; second++) {
    await sleep(1000)
    rssMb = Math.max(rssMb, collector.rssMb())
  }
  measuring = false
  const seconds = (performance.now() - startedAt) / 1000
  const samples = sent - before
  const delay = await delays()
  for (const timer of timers) clearInterval(timer)
  await Promise.all(pending)
  if (failures.length > 0) throw failures[0]
  return {
    load: `${Math.round(samples / seconds / 1000)}k samples/s, ${(answers.length / seconds).toFixed(1)} queries/s`,
    ...delay,
    'RSS MB': Math.round(rssMb),
    'ack p50 ms': round(percentile(acks, 0.5)),
    'ack p99 ms': round(percentile(acks, 0.99)),
    'query p50 ms': round(percentile(answers, 0.5)),
    'query p99 ms': round(percentile(answers, 0.99)),
    'CPU cores': round((collector.cpuSeconds() - cpuBefore) / seconds),
    refused,
  }
}

/** Four charts take turns; their ranges end now, so that no answer is one that was kept. */
async function ask(latencies) {
  const end = Date.now()
  const asked = [
    { metric_name: 'bench.level', aggregation: 'avg', group_by: ['task_type'], minutes: 60, step: '1m' },
    { metric_name: 'bench.level', aggregation: 'max', group_by: ['region'], minutes: 30, step: '10s' },
    { metric_name: 'bench.latency', aggregation: 'p95', group_by: ['region'], minutes: 60, step: '5m' },
    { metric_name: 'bench.latency', aggregation: 'count', group_by: ['status'], minutes: 60, step: '1m' },
  ]
  turn = (turn + 1) % asked.length
  const { minutes, ...question } = asked[turn]
  const startedAt = performance.now()
  const response = await pool.request({
    path: '/api/v1/metrics/query',
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ ...question, time_range: { start: end - minutes * 60_000, end }, format: 'columns' }),
  })
  const text = await response.body.text()
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text}`)
  latencies?.push(performance.now() - startedAt)
}

/** Since it was last asked. */
async function delays() {
  process.kill(collector.pid, 'SIGUSR2')
  await sleep(500)
  const { p50, p99, max } = JSON.parse(readFileSync(delaysFile, 'utf8'))
  return { 'delay p50 ms': round(p50), 'delay p99 ms': round(p99), 'delay max ms': round(max) }
}

function round(value) {
  return Math.round(value * 10) / 10
}
