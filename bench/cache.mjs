/**
 * Metric queries through HTTP with and without the cache: the same question again and again while nothing comes, with its
 * tag (304), and while every tenth of a second brings data for each of its series. A day of samples every 10 s, most of it sealed;
 * the collector on one core, the client on another. Collectors with and without the cache take turns over the same data.
 * Usage: node bench/cache.mjs [--series 200] [--requests 300] [--rounds 3]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { median, percentile, startCollector } from './lib/collector.mjs'
import { createWorkload, idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '200' },
    requests: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
  },
})
const seriesCount = Number(flags.series)
const requests = Number(flags.requests)
const stepMs = 10_000
const rowsPerBatch = 10_000
const feedMs = 100

const questions = {
  'last 24 h, p99 by 5m': { metric_name: 'bench.latency', aggregation: 'p99', step: '5m' },
  'last 24 h, avg by 5m and type': {
    metric_name: 'bench.level',
    aggregation: 'avg',
    step: '5m',
    group_by: ['task_type'],
    format: 'columns',
  },
  'last 1 h, p95 by 1m and type': {
    metric_name: 'bench.latency',
    aggregation: 'p95',
    step: '1m',
    group_by: ['task_type'],
    time_range: { start: 'now-1h' },
  },
}

/** Question → column → latencies of all rounds. */
const latencies = new Map(Object.keys(questions).map((name) => [name, new Map()]))
const env = { TELLTALE_STORAGE_SEAL_ROWS: '200000' }
const filled = await fill()
try {
  for (let round = 0; round < Number(flags.rounds); round++) {
    await measure('cache', {})
    await measure('no cache', { TELLTALE_QUERY_CACHE_BYTES: '0' })
  }
} finally {
  filled.remove()
}

const results = [...latencies].flatMap(([query, columns]) =>
  [...columns].map(([how, times]) => ({
    query,
    how,
    answers: times.length,
    'p50 ms': Number(median(times).toFixed(2)),
    'p99 ms': Number(percentile(times, 0.99).toFixed(2)),
  })),
)
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
writeFileSync(
  new URL('results/cache.json', import.meta.url),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, results }, null, 2)}\n`,
)

/** A data folder with a day of samples. */
async function fill() {
  const collector = await startCollector({ core: 0, env: { ...env, TELLTALE_INGEST_MAX_AGE: '3650d' } })
  const send = sender(collector)
  const workload = createWorkload({ seriesCount, startMs: Date.now() - 864e5, stepMs })
  const batches = Math.floor((864e5 / stepMs) * (seriesCount / rowsPerBatch))
  for (let i = 0; i < batches; i++) await send.batch(workload.batch(rowsPerBatch, send.stream, i))
  await send.close()
  await collector.stop()
  return collector
}

async function measure(name, more) {
  const collector = await startCollector({ core: 0, dataDir: filled.dataDir, env: { ...env, ...more } })
  const send = sender(collector)
  const ask = asker(collector)
  try {
    for (const [query, question] of Object.entries(questions)) {
      const body = JSON.stringify({ time_range: { start: 'now-24h' }, ...question })
      const column = (how) => {
        const columns = latencies.get(query)
        return columns.get(how) ?? columns.set(how, []).get(how)
      }
      const { etag } = await ask.once(body)
      for (let i = 0; i < 20; i++) await ask.once(body)

      const quiet = column(`${name}, nothing comes`)
      for (let i = 0; i < requests; i++) {
        const { ms, cached } = await ask.once(body)
        // Now and then an answer has grown old: that one is no hit, and counts among the others below.
        if (name === 'no cache' || cached) quiet.push(ms)
      }
      if (name === 'cache') {
        const again = column('cache, If-None-Match')
        for (let i = 0; i < requests; i++) {
          const { ms, status } = await ask.once(body, etag)
          if (status === 304) again.push(ms)
        }
      }
      const feed = send.feed()
      await sleep(500)
      const busy = column(`${name}, data comes`)
      for (let i = 0; i < requests / 3; i++) {
        busy.push((await ask.once(body)).ms)
        // Each one meets data that the one before did not.
        await sleep(feedMs)
      }
      await feed.stop()
    }
  } finally {
    await Promise.all([send.close(), ask.close()])
    await collector.stop()
  }
}

function asker(collector) {
  const pool = new Pool(collector.url, { connections: 1 })
  const headers = { authorization: `Bearer ${collector.key('read')}`, 'content-type': 'application/json' }
  return {
    async once(body, etag) {
      const startedAt = performance.now()
      const response = await pool.request({
        path: '/api/v1/metrics/query',
        method: 'POST',
        headers: etag === undefined ? headers : { ...headers, 'if-none-match': etag },
        body,
      })
      const text = await response.body.text()
      const ms = performance.now() - startedAt
      if (response.statusCode !== 200 && response.statusCode !== 304) throw new Error(text)
      return { ms, status: response.statusCode, etag: response.headers.etag, cached: text.includes('"cached":true') }
    },
    close: () => pool.close(),
  }
}

function sender(collector) {
  const pool = new Pool(collector.url, { connections: 1 })
  const headers = { authorization: `Bearer ${collector.key('ingest')}`, 'content-type': 'application/x-protobuf' }
  const batch = async (body) => {
    const response = await pool.request({ path: '/v1/ingest', method: 'POST', headers, body })
    const answer = await response.body.text()
    // Sealing is behind: the same batch again in a moment, as an SDK would.
    if (response.statusCode === 503) {
      await sleep(250)
      return batch(body)
    }
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${answer}`)
  }
  return {
    stream: idBytes(),
    batch,
    /** A sample of every series each `feedMs`, stamped as they are sent. */
    feed() {
      let isOn = true
      const stream = idBytes()
      const workload = createWorkload({ seriesCount, startMs: Date.now(), stepMs: feedMs })
      const done = (async () => {
        for (let sequence = 0; isOn; sequence++) {
          await Promise.all([batch(workload.batch(seriesCount, stream, sequence)), sleep(feedMs)])
        }
      })()
      return {
        stop() {
          isOn = false
          return done
        },
      }
    },
    close: () => pool.close(),
  }
}
