/**
 * Time from the start of the process to /readyz 200 (and to the first answer) with data on disk: sealed segments of
 * full-entropy doubles, the journal left as kill -9 left it.
 * Usage: node bench/ready.mjs [--gb 1] [--rounds 5]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { encodeBatch, Kind } from '../packages/protocol/dist/index.js'
import { median, startCollector } from './lib/collector.mjs'
import { idBytes, random } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: { gb: { type: 'string', default: '1' }, rounds: { type: 'string', default: '5' } },
})
const env = { TELLTALE_INGEST_MAX_AGE: '3650d' }
const seriesCount = 1000
const strings = ['', 'bench.noise', 'host', ...Array.from({ length: seriesCount }, (_, i) => `host-${i}`)]
const series = Array.from({ length: seriesCount }, (_, i) => ({
  name: 1,
  kind: Kind.gauge,
  unit: 0,
  description: 0,
  attributes: [2, i + 3],
}))

let collector = await startCollector({ env })
const { dataDir } = collector
try {
  const readKey = collector.key('read')
  const pool = new Pool(collector.url, { connections: 4 })
  const headers = { authorization: `Bearer ${collector.key('ingest')}`, 'content-type': 'application/x-protobuf' }
  const next = random(3)
  const startMs = Date.now() - 2 * 864e5
  let samples = 0
  const folderMb = () => Number(execFileSync('du', ['-sm', dataDir]).toString().split('\t')[0])
  const fill = async () => {
    const streamId = idBytes()
    for (let sequence = 0; ; sequence++) {
      if (sequence % 100 === 0 && folderMb() >= Number(flags.gb) * 1000) return
      const rows = 10_000
      const base = startMs + (samples / seriesCount) * 1000
      const columns = {
        count: rows,
        series: new Uint32Array(rows),
        timeMs: new Float64Array(rows),
        value: new Float64Array(rows),
      }
      for (let i = 0; i < rows; i++) {
        columns.series[i] = i % seriesCount
        columns.timeMs[i] = Math.floor(base + Math.floor(i / seriesCount) * 1000 + next() * 1000)
        columns.value[i] = next()
      }
      samples += rows
      const body = encodeBatch({
        sentTimeMs: base,
        batchId: idBytes(),
        streamId,
        sequence,
        baseTimeMs: base,
        strings,
        resource: [],
        series,
        samples: columns,
        drops: [],
      })
      const response = await pool.request({ path: '/v1/ingest', method: 'POST', headers, body })
      const text = await response.body.text()
      if (response.statusCode === 503) await new Promise((resolve) => setTimeout(resolve, 200))
      else if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text}`)
    }
  }
  await Promise.all([fill(), fill(), fill(), fill()])
  await pool.close()
  await collector.kill()

  const ready = []
  const first = []
  for (let i = 0; i < Number(flags.rounds); i++) {
    collector = await startCollector({ dataDir, env })
    ready.push(collector.readyMs)
    const askedAt = performance.now()
    const answer = await fetch(`${collector.url}/api/v1/metrics/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${readKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        metric_name: 'bench.noise',
        aggregation: 'avg',
        time_range: { start: startMs, end: startMs + 36e5 },
        step: '1m',
      }),
    })
    if (answer.status !== 200) throw new Error(await answer.text())
    await answer.arrayBuffer()
    first.push(performance.now() - askedAt)
    await collector.kill()
  }
  const results = [
    {
      'data MB': folderMb(),
      'samples, millions': Number((samples / 1e6).toFixed(1)),
      'ready ms, median': Math.round(median(ready)),
      'ready ms, worst': Math.round(Math.max(...ready)),
      'first answer ms, median': Math.round(median(first)),
    },
  ]
  console.table(results)
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(
    new URL('results/ready.json', import.meta.url),
    `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, results }, null, 2)}\n`,
  )
} finally {
  await collector.kill()
  collector.remove()
}
