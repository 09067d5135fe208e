/**
 * A scan of raw samples, grouped: what a range costs that no rollup fits. As many gauges report every 10 s as it takes; tags
 * group them by 20. Beside it the same question where rollups fit.
 * Usage: node bench/scan.mjs [--samples 50000000] [--series 10000] [--runs 9]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bundleStore } from './lib/bundled-store.mjs'

const { values: flags } = parseArgs({
  options: {
    samples: { type: 'string', default: '50000000' },
    series: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '9' },
  },
})
const seriesCount = Number(flags.series)
const samples = Number(flags.samples)
const stepMs = 10_000
const startMs = Date.UTC(2026, 0, 5)
const endMs = startMs + (samples / seriesCount) * stepMs
const gauge = 3
const pointsABatch = Math.max(1, Math.floor(10_000 / seriesCount))
const retention = Object.fromEntries(
  ['rawMs', '1mMs', '5mMs', '1hMs', '1dMs', 'eventsMs'].map((name) => [name, Number.MAX_SAFE_INTEGER]),
)

const { createStore, workerUrl, remove } = await bundleStore()
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-scan-'))
const store = createStore({ dataDir: join(folder, 'data'), workerUrl, retention, sealIntervalMs: 0 })
const table = []
try {
  await store.open(() => [])
  await fill()
  await store.seal()
  await store.maintain()
  const series = Uint32Array.from({ length: seriesCount }, (_, i) => i + 1)
  const asked = {
    project: 1,
    kind: gauge,
    series,
    group: series.map((id) => id % 20),
    startMs,
    endMs,
    timeoutMs: 60_000,
  }
  // A step that begins half a minute off a minute fits no rollup.
  const offMs = startMs - 30_000
  await measure('raw, one value a group', { ...asked, originMs: offMs, stepMs: 10 * (endMs - startMs) })
  await measure('raw, 10 min', { ...asked, originMs: offMs, stepMs: 600_000 })
  await measure('rollups, 10 min', { ...asked, originMs: startMs, stepMs: 600_000 })
} finally {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  remove()
}
console.log(`${samples / 1e6} M samples of ${seriesCount} series`)
console.table(table)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, node: process.version }
writeFileSync(
  new URL('results/scan.json', import.meta.url),
  `${JSON.stringify({ machine, samples, series: seriesCount, table }, null, 2)}\n`,
)

async function fill() {
  const walk = new Float64Array(seriesCount).fill(50)
  const streamId = Uint8Array.from({ length: 16 }, () => Math.random() * 256)
  let at = startMs
  let sequence = 0
  const send = async () => {
    while (at < endMs) {
      const fromMs = at
      at = Math.min(endMs, at + pointsABatch * stepMs)
      await append(batchOf(fromMs, at, walk, streamId, sequence++))
    }
  }
  await Promise.all(Array.from({ length: 8 }, send))
}

function batchOf(fromMs, toMs, walk, streamId, sequence) {
  const count = ((toMs - fromMs) / stepMs) * seriesCount
  const columns = {
    count,
    series: new Uint32Array(count),
    timeMs: new Float64Array(count),
    value: new Float64Array(count),
  }
  for (let i = 0; i < count; i++) {
    const id = i % seriesCount
    walk[id] += Math.round(Math.random() * 6 - 3)
    columns.series[i] = id + 1
    columns.timeMs[i] = fromMs + Math.floor(i / seriesCount) * stepMs + Math.floor(Math.random() * 1000)
    columns.value[i] = walk[id]
  }
  const newSeries = sequence > 0 ? [] : Array.from({ length: seriesCount }, (_, i) => definition(i + 1))
  return {
    ...{ project: 1, receivedMs: fromMs, streamId, sequence, newSeries, accepted: count, rejected: [] },
    payload: new Uint8Array(64),
    columns: { samples: columns },
  }
}

function definition(id) {
  const attributes = [['host', `host-${id}`]]
  return { id, project: 1, metric: 'load', kind: gauge, unit: '', description: '', attributes }
}

/** Sends again while sealing cannot keep up, as senders do. */
async function append(batch) {
  for (;;) {
    try {
      return await store.append(batch)
    } catch (error) {
      if (error.code !== 'overloaded') throw error
      await setTimeout(50)
    }
  }
}

async function measure(query, request) {
  const times = []
  let resolution
  let cpu = process.cpuUsage()
  for (let i = 0; i < Number(flags.runs) + 2; i++) {
    if (i === 2) cpu = process.cpuUsage()
    const startedAt = performance.now()
    resolution = (await store.aggregate({ ...request, want: { sum: true } })).resolution
    if (i >= 2) times.push(performance.now() - startedAt)
  }
  const { user, system } = process.cpuUsage(cpu)
  const sorted = times.toSorted((a, b) => a - b)
  table.push({
    query,
    resolution,
    'p50 ms': Math.round(sorted[sorted.length >> 1]),
    'CPU ms': Math.round((user + system) / 1000 / times.length),
  })
}
