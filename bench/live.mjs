/**
 * Newest sample → WebSocket frame: the time from the start of the POST that carries a sample to the arrival of the
 * `live` frame that shows it, with and without other ingest beside it.
 * Usage: node bench/live.mjs [--samples 300] [--clients 20] [--load 50000]
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import WebSocket from 'ws'
import { encodeBatch, Kind } from '../packages/protocol/dist/index.js'
import { median, percentile, startCollector } from './lib/collector.mjs'
import { createWorkload, idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: {
    samples: { type: 'string', default: '300' },
    clients: { type: 'string', default: '20' },
    load: { type: 'string', default: '50000' },
  },
})

const collector = await startCollector()
const results = []
try {
  for (const load of [0, Number(flags.load)]) results.push(await round(load))
} finally {
  await collector.stop()
  collector.remove()
}
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
writeFileSync(
  new URL('results/live.json', import.meta.url),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, results }, null, 2)}\n`,
)

async function round(load) {
  const ingestKey = collector.key('ingest')
  const readKey = collector.key('read')
  const pool = new Pool(collector.url, { connections: 4 })
  const post = async (body) => {
    const response = await pool.request({
      path: '/v1/ingest',
      method: 'POST',
      headers: { authorization: `Bearer ${ingestKey}`, 'content-type': 'application/x-protobuf' },
      body,
    })
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${await response.body.text()}`)
    await response.body.dump()
  }

  const metric = `bench.live.${load}`
  /** value → when its POST began */
  const sentAt = new Map()
  const latencies = []
  const sockets = await Promise.all(
    Array.from({ length: Number(flags.clients) }, () =>
      subscribe(readKey, metric, (value) => {
        const at = sentAt.get(value)
        if (at !== undefined) latencies.push(performance.now() - at)
      }),
    ),
  )

  let loading = load > 0
  const background = (async () => {
    const workload = createWorkload({ seriesCount: 1000, startMs: Date.now() - 36e5, stepMs: 100 })
    const stream = idBytes()
    for (let sequence = 0; loading; sequence++) {
      await Promise.all([post(workload.batch(1000, stream, sequence)), sleep(1e6 / load)])
    }
  })()

  const stream = idBytes()
  for (let i = 0; i < Number(flags.samples); i++) {
    const now = Date.now()
    const body = encodeBatch({
      sentTimeMs: now,
      batchId: idBytes(),
      streamId: stream,
      sequence: i,
      baseTimeMs: now,
      strings: ['', metric],
      resource: [],
      drops: [],
      series: [{ name: 1, kind: Kind.gauge, unit: 0, description: 0, attributes: [] }],
      samples: { count: 1, series: [0], timeMs: [now], value: [i + 1] },
    })
    sentAt.set(i + 1, performance.now())
    await post(body)
    // A pace that falls on every phase of the stream's coalescing.
    await sleep(20 + ((i * 7) % 60))
  }
  await sleep(1000)
  loading = false
  await background
  for (const socket of sockets) socket.terminate()
  await pool.close()
  return {
    'ingest beside it, samples/s': load,
    clients: sockets.length,
    frames: latencies.length,
    'p50 ms': Number(median(latencies).toFixed(1)),
    'p99 ms': Number(percentile(latencies, 0.99).toFixed(1)),
    'max ms': Number(Math.max(...latencies).toFixed(1)),
  }
}

/** Opens a socket with one `live` subscription and calls `seen` with each new value once. */
function subscribe(token, metric, seen) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${collector.url.replace('http', 'ws')}/ws/analytics`)
    let newest = 0
    socket.on('error', reject)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', token })))
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data))
      if (frame.type === 'ready') {
        const query = { metric_name: metric, aggregation: 'last', range: '5m', step: '1s' }
        socket.send(JSON.stringify({ type: 'subscribe', id: 'a', query, interval: 'live' }))
      } else if (frame.type === 'metrics_update') {
        if (frame.mode === 'snapshot') resolve(socket)
        for (const row of frame.data) {
          // A frame may carry several samples' buckets; a bucket shows its last value, and that one is timed.
          if (row.value > newest) {
            newest = row.value
            seen(newest)
          }
        }
      } else if (frame.type === 'error') reject(new Error(frame.error.message))
    })
  })
}
