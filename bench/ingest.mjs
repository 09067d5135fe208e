/**
 * Ingest over HTTP with durable acks: the collector on one core, the sender on another.
 * Usage: node bench/ingest.mjs [--rows 1000] [--series 1000] [--seconds 8] [--connections 8] [--rounds 3]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { decodeAck } from '../packages/protocol/dist/index.js'
import { median, percentile, startCollector } from './lib/collector.mjs'
import { createWorkload, idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000,10000' },
    series: { type: 'string', default: '1000,10000' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
  },
})

const results = []
for (const rows of flags.rows.split(',').map(Number)) {
  for (const seriesCount of flags.series.split(',').map(Number)) {
    const rounds = []
    for (let i = 0; i < Number(flags.rounds); i++) rounds.push(await round(rows, seriesCount))
    const of = (field) => median(rounds.map((r) => r[field]))
    results.push({
      'rows a batch': rows,
      series: seriesCount,
      'samples/s': Math.round(of('samplesPerSecond')),
      'CPU s a million': Number(of('cpuPerMillion').toFixed(3)),
      'ack p50 ms': Number(of('ackP50').toFixed(2)),
      'ack p99 ms': Number(of('ackP99').toFixed(2)),
      'peak RSS MB': Math.round(of('peakRssMb')),
    })
    console.table(results.slice(-1))
  }
}
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
writeFileSync(
  new URL('results/ingest.json', import.meta.url),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, results }, null, 2)}\n`,
)

/** One collector, filled by `connections` senders for `seconds`; every ack is checked. */
async function round(rows, seriesCount) {
  const collector = await startCollector({ core: 0, env: { TELLTALE_INGEST_MAX_AGE: '3650d' } })
  const key = collector.key('ingest')
  const connections = Number(flags.connections)
  const pool = new Pool(collector.url, { connections, pipelining: 1 })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-protobuf' }
  const latencies = []
  let samples = 0
  let failure

  const sender = async (index, until, measure) => {
    const stream = idBytes()
    const workload = createWorkload({ seriesCount, startMs: Date.now() - 7 * 864e5, seed: index + 1 })
    for (let sequence = 0; performance.now() < until && !failure; sequence++) {
      const body = workload.batch(rows, stream, sequence)
      const sentAt = performance.now()
      const response = await pool.request({ path: '/v1/ingest', method: 'POST', headers, body })
      const answer = Buffer.from(await response.body.arrayBuffer())
      if (response.statusCode !== 200) failure = `${response.statusCode} ${answer}`
      else if (decodeAck(answer).accepted !== rows) failure = `accepted ${decodeAck(answer).accepted} of ${rows}`
      if (measure) {
        latencies.push(performance.now() - sentAt)
        samples += rows
      }
    }
  }
  const run = (seconds, measure) => {
    const until = performance.now() + seconds * 1000
    return Promise.all(Array.from({ length: connections }, (_, i) => sender(i, until, measure)))
  }
  try {
    await run(2, false)
    const cpu = collector.cpuSeconds()
    const startedAt = performance.now()
    await run(Number(flags.seconds), true)
    const seconds = (performance.now() - startedAt) / 1000
    if (failure) throw new Error(failure)
    return {
      samplesPerSecond: samples / seconds,
      cpuPerMillion: ((collector.cpuSeconds() - cpu) / samples) * 1e6,
      ackP50: median(latencies),
      ackP99: percentile(latencies, 0.99),
      peakRssMb: collector.peakRssMb(),
    }
  } finally {
    await pool.close()
    await collector.stop()
    collector.remove()
  }
}
