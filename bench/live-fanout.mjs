/**
 * A thousand watchers on one collector: WebSocket clients with twenty subscriptions each at an interval of 1 s, a tenth of
 * which stop reading. How far behind the data are the others, what does it cost, and does memory stay flat?
 * "Behind": from the tick of the clock at which a frame is due to its arrival; samples stamped with the time before that
 * tick are stored beforehand, so it holds everything between the data and the reader.
 * Usage: node bench/live-fanout.mjs [--clients 1000] [--subscriptions 20] [--stalled 100] [--seconds 60]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { encodeBatch, Kind } from '../packages/protocol/dist/index.js'
import { median, percentile, startCollector } from './lib/collector.mjs'
import { RawClient } from './lib/raw-websocket.mjs'
import { idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    subscriptions: { type: 'string', default: '20' },
    stalled: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '60' },
  },
})
const clientCount = Number(flags.clients)
const subscriptionCount = Number(flags.subscriptions)
const stalledCount = Number(flags.stalled)
const seconds = Number(flags.seconds)
const settleSeconds = 15

const collector = await startCollector({ core: 0 })
const clients = []
try {
  const ingestKey = collector.key('ingest')
  const readKey = collector.key('read')
  const pool = new Pool(collector.url, { connections: 2 })
  let isFeeding = true
  const feeding = feed(pool, ingestKey, () => isFeeding)
  await sleep(2_000)

  const { hostname, port } = new URL(collector.url)
  for (let c = 0; c < clientCount; c++) {
    clients.push(new RawClient(createConnection({ host: hostname, port: Number(port) }), readKey, queries()))
    // As pages would come: not all in the same moment.
    if (c % 20 === 19) await sleep(20)
  }
  await Promise.all(clients.map((client) => client.subscribed))
  for (const client of clients.slice(0, stalledCount)) client.stall()
  const readers = clients.slice(stalledCount)
  await sleep(settleSeconds * 1000)

  for (const client of readers) client.startCounting()
  const rss = []
  const cpuBefore = collector.cpuSeconds()
  const startedAt = performance.now()
  while (performance.now() - startedAt < seconds * 1000) {
    await sleep(1_000)
    rss.push(collector.rssMb())
  }
  const cpuSeconds = collector.cpuSeconds() - cpuBefore
  const behind = readers.flatMap((client) => client.behindMs)
  const frames = readers.reduce((sum, client) => sum + client.frames, 0)
  isFeeding = false
  await feeding
  const third = Math.floor(rss.length / 3)
  const result = {
    clients: clientCount,
    'subscriptions each': subscriptionCount,
    stalled: stalledCount,
    'stalled and closed': clients.slice(0, stalledCount).filter((client) => client.isClosed).length,
    'readers lost': readers.filter((client) => client.isClosed).length,
    'frames/s': Math.round(frames / seconds),
    'behind p50 ms': Number(median(behind).toFixed(1)),
    'behind p99 ms': Number(percentile(behind, 0.99).toFixed(1)),
    'behind max ms': Number(behind.reduce((most, each) => Math.max(most, each), 0).toFixed(1)),
    'core, percent': Number(((cpuSeconds / seconds) * 100).toFixed(1)),
    'CPU us a frame': Number(((cpuSeconds / (frames + (frames * stalledCount) / readers.length)) * 1e6).toFixed(1)),
    'rss MB, first third': Number(median(rss.slice(0, third)).toFixed(0)),
    'rss MB, last third': Number(median(rss.slice(-third)).toFixed(0)),
  }
  console.table(result)
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
  writeFileSync(
    new URL('results/live-fanout.json', import.meta.url),
    `${JSON.stringify({ machine, result }, null, 2)}\n`,
  )
  await pool.close()
} finally {
  for (const client of clients) client.destroy()
  await collector.stop()
  collector.remove()
}

/** Twenty panels of one dashboard, the same for every viewer. */
function queries() {
  return Array.from({ length: subscriptionCount }, (_, i) => ({
    metric_name: `fan.${i}`,
    aggregation: i % 2 === 0 ? 'last' : 'avg',
    group_by: ['host'],
    range: '5m',
    step: '1s',
  }))
}

/** Ten times a second a point of each series, stamped with its time. */
async function feed(pool, key, isOn) {
  const stream = idBytes()
  const hosts = ['a', 'b', 'c', 'd', 'e']
  const strings = ['', 'host', ...hosts]
  const series = []
  for (let metric = 0; metric < subscriptionCount; metric++) {
    const name = strings.push(`fan.${metric}`) - 1
    for (let host = 0; host < hosts.length; host++) {
      series.push({ name, kind: Kind.gauge, unit: 0, description: 0, attributes: [1, 2 + host] })
    }
  }
  for (let sequence = 0; isOn(); sequence++) {
    const now = Date.now()
    const body = encodeBatch({
      ...{ sentTimeMs: now, batchId: idBytes(), streamId: stream, sequence, baseTimeMs: now },
      ...{ strings, resource: [], drops: [], series },
      samples: {
        count: series.length,
        series: series.map((_, i) => i),
        timeMs: series.map(() => now),
        value: series.map((_, i) => Math.sin(now / 1000 + i) * 100),
      },
    })
    const response = await pool.request({
      path: '/v1/ingest',
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-protobuf' },
      body,
    })
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${await response.body.text()}`)
    await response.body.dump()
    // Between the ticks of the collector's clock, so that the last sample before one is stored when it comes.
    await sleep(100 - ((Date.now() + 50) % 100))
  }
}
