/**
 * Cost growth: what appending and asking cost when a store holds 1, 10 and 100 days, and 1,000, 10,000 and 100,000 series.
 * The peer of each figure is the same one at the smallest size. Writes a table and a plot (results/growth.svg).
 * Usage: node bench/growth.mjs [--days 1,10,100] [--series 1000,10000,100000] [--runs 9]
 *
 * Days: 200 series that report each minute. Series: one day, each reports every 10 minutes. The data goes to the store itself.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { bundleStore } from './lib/bundled-store.mjs'
import { growthPlot } from './lib/growth-plot.mjs'

const { values: flags } = parseArgs({
  options: {
    days: { type: 'string', default: '1,10,100' },
    series: { type: 'string', default: '1000,10000,100000' },
    runs: { type: 'string', default: '9' },
  },
})
const RUNS = Number(flags.runs)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const END_MS = Date.UTC(2026, 5, 1)
const GAUGE = 3
const GROUPS = 20
const PROBE_SAMPLES = 1_000_000
const BATCH = 10_000
const retention = Object.fromEntries(
  ['rawMs', '1mMs', '5mMs', '1hMs', '1dMs', 'eventsMs'].map((name) => [name, Number.MAX_SAFE_INTEGER]),
)

const { createStore, workerUrl, remove } = await bundleStore()
const results = []
try {
  for (const days of flags.days.split(',').map(Number)) {
    results.push(await measure('days', days, { series: 200, days, stepMs: MINUTE_MS }))
    console.table(results.slice(-1))
  }
  for (const series of flags.series.split(',').map(Number)) {
    results.push(await measure('series', series, { series, days: 1, stepMs: 10 * MINUTE_MS }))
    console.table(results.slice(-1))
  }
} finally {
  remove()
}
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
writeFileSync(
  new URL('results/growth.json', import.meta.url),
  `${JSON.stringify({ machine, runs: RUNS, results }, null, 2)}\n`,
)
writeFileSync(new URL('results/growth.svg', import.meta.url), growthPlot(results))

async function measure(axis, size, { series, days, stepMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-growth-'))
  const store = createStore({ dataDir: folder, workerUrl, retention, sealIntervalMs: 0 })
  try {
    await store.open(() => [])
    const startMs = END_MS - days * DAY_MS
    const samples = series * Math.round((days * DAY_MS) / stepMs)
    await append(store, { series, startMs, stepMs, samples, stream: 1 })
    await store.seal()
    await store.maintain()
    const cost = await costOf(async () => {
      await append(store, { series, startMs: END_MS, stepMs, samples: PROBE_SAMPLES, stream: 2 })
      await store.seal()
    })
    await store.maintain()
    const { segments, segmentBytes } = await store.stats()
    const ask = (request) => timeOf(store, { series, endMs: END_MS, ...request })
    return {
      axis,
      size,
      'M samples': samples / 1e6,
      files: segments,
      MB: Math.round(segmentBytes / 1e6),
      'append and seal, CPU s a million': round(cost),
      'last hour by tag, 1 min, ms': await ask({ rangeMs: HOUR_MS, stepMs: MINUTE_MS }),
      'last day by tag, 5 min, ms': await ask({ rangeMs: DAY_MS, stepMs: 5 * MINUTE_MS }),
      'all of it by tag, 1 day, ms': await ask({ rangeMs: days * DAY_MS, stepMs: DAY_MS }),
      'one series, last day, 5 min, ms': await ask({ rangeMs: DAY_MS, stepMs: 5 * MINUTE_MS, count: 1 }),
    }
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Rounds of all series, one after the other; values walk by tenths. */
async function append(store, { series, startMs, stepMs, samples, stream }) {
  const streamId = new Uint8Array(16).fill(stream)
  let sequence = 0
  let at = 0
  const next = () => {
    const count = Math.min(BATCH, samples - at)
    const columns = {
      count,
      series: new Uint32Array(count),
      timeMs: new Float64Array(count),
      value: new Float64Array(count),
    }
    for (let i = 0; i < count; i++, at++) {
      const id = at % series
      columns.series[i] = id + 1
      columns.timeMs[i] = startMs + Math.floor(at / series) * stepMs + ((id * 7919) % 1000)
      columns.value[i] = Math.round(500 + 400 * Math.sin(at / 1e4 + id)) / 10
    }
    const newSeries = sequence === 0 && stream === 1 ? Array.from({ length: series }, (_, i) => definition(i + 1)) : []
    return {
      ...{ project: 1, receivedMs: startMs, streamId, sequence: sequence++, newSeries, accepted: count, rejected: [] },
      payload: new Uint8Array(64),
      columns: { samples: columns },
    }
  }
  const sender = async () => {
    while (at < samples) {
      const batch = next()
      while (!(await store.append(batch).then(() => true, isBusy))) await sleep(50)
    }
  }
  await Promise.all(Array.from({ length: 8 }, sender))
}

function isBusy(error) {
  if (error.code !== 'overloaded') throw error
  return false
}

function definition(id) {
  const attributes = [['host', `host-${id}`]]
  return { id, project: 1, metric: 'load', kind: GAUGE, unit: '', description: '', attributes }
}

async function costOf(run) {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / PROBE_SAMPLES
}

async function timeOf(store, { series: known, endMs, rangeMs, stepMs, count = known }) {
  const series = Uint32Array.from({ length: count }, (_, i) => i + 1)
  const group = series.map((id) => id % GROUPS)
  const times = []
  for (let i = 0; i < RUNS + 2; i++) {
    const startedAt = performance.now()
    await store.aggregate({
      ...{ project: 1, kind: GAUGE, series, group, startMs: endMs - rangeMs, endMs, originMs: 0, stepMs },
      ...{ want: { sum: true }, timeoutMs: 60_000 },
    })
    if (i >= 2) times.push(performance.now() - startedAt)
  }
  return round(times.sort((a, b) => a - b)[times.length >> 1])
}

function round(value) {
  return Number(value.toPrecision(3))
}
