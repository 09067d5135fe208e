/**
 * A month of data in the store: what sealing with rollups and compaction cost, what a sample takes on the disk, and the
 * queries of a dashboard on rollups, beside the same questions asked of the raw rows.
 * Usage: node bench/rollups.mjs [--series 1000] [--days 30] [--runs 20]
 *
 * Costs and sizes are those of the last day: as many gauges as histograms, each reporting every 10 s. Then come the days
 * before it, on which the gauges report every 5 minutes. Tags group the series by 20.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleStore } from './lib/bundled-store.mjs'

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '1000' },
    days: { type: 'string', default: '30' },
    runs: { type: 'string', default: '20' },
  },
})
const SERIES = Number(flags.series)
const DAYS = Number(flags.days)
const RUNS = Number(flags.runs)
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const START_MS = Date.UTC(2026, 0, 5)
const END_MS = START_MS + DAYS * DAY_MS
const GAUGE = 3
const HISTOGRAM = 4
const GROUPS = 20
const BATCH_POINTS = 10
/** Batches in flight. */
const SENDERS = 8
/** The data has fixed dates: it must not grow too old to be kept. */
const retention = Object.fromEntries(
  ['rawMs', '1mMs', '5mMs', '1hMs', '1dMs', 'eventsMs'].map((name) => [name, Number.MAX_SAFE_INTEGER]),
)

const random = seeded(1)
const { createStore, workerUrl, remove } = await bundleStore()
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-rollups-'))
const store = createStore({ dataDir: join(folder, 'data'), workerUrl, retention, sealIntervalMs: 0 })
let samples = 0
/** Time spent on making batches, which is no cost of the store. */
let makingMs = 0
const costs = []
const queries = []
const sizes = []
try {
  await store.open(() => [])
  await cost('append and seal', async () => {
    await fill(GAUGE, 0, END_MS - DAY_MS, END_MS, 10 * SECOND_MS)
    await fill(HISTOGRAM, SERIES, END_MS - DAY_MS, END_MS, 10 * SECOND_MS)
    await store.seal()
  })
  await addSizes('sealed')
  await cost('compact', () => store.maintain())
  await addSizes('compacted')
  await fill(GAUGE, 0, START_MS, END_MS - DAY_MS, 5 * MINUTE_MS)
  await store.seal()
  await store.maintain()
  await measureQueries()
} finally {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
  remove()
}
console.log(`${samples / 1e6} M samples, of which costs and sizes are of the last day's`)
console.table(costs)
console.table(sizes)
console.table(queries)
const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, node: process.version }
const results = fileURLToPath(new URL('results/', import.meta.url))
mkdirSync(results, { recursive: true })
const options = { series: SERIES, days: DAYS, runs: RUNS, samples }
writeFileSync(
  join(results, 'rollups.json'),
  `${JSON.stringify({ machine, options, costs, sizes, queries }, null, 2)}\n`,
)

async function fill(kind, firstSeries, startMs, endMs, stepMs) {
  let at = startMs
  let sequence = 0
  const walk = new Float64Array(SERIES).fill(50)
  const streamId = Uint8Array.from({ length: 16 }, () => random() * 256)
  const send = async () => {
    while (at < endMs) {
      const batchStartMs = at
      at = Math.min(endMs, at + BATCH_POINTS * stepMs)
      await append(makeBatch(kind, firstSeries, batchStartMs, at, stepMs, walk, streamId, sequence++))
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
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

/** Gauges walk by whole numbers; observations are latencies with one decimal. Times jitter by up to a second. */
function makeBatch(kind, firstSeries, startMs, endMs, stepMs, walk, streamId, sequence) {
  const beganMs = performance.now()
  const points = Math.ceil((endMs - startMs) / stepMs)
  const count = points * SERIES
  const series = new Uint32Array(count)
  const timeMs = new Float64Array(count)
  const value = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const id = i % SERIES
    series[i] = firstSeries + id + 1
    timeMs[i] = startMs + Math.floor(i / SERIES) * stepMs + Math.floor(random() * SECOND_MS)
    walk[id] += Math.round(random() * 6 - 3)
    value[i] = kind === GAUGE ? walk[id] : Math.round(Math.exp(3 + random() + random() - 1) * 10) / 10
  }
  samples += count
  makingMs += performance.now() - beganMs
  const newSeries = sequence > 0 ? [] : Array.from({ length: SERIES }, (_, i) => definition(firstSeries + i + 1, kind))
  return {
    ...{ project: 1, receivedMs: startMs, streamId, sequence, newSeries, accepted: count, rejected: [] },
    payload: new Uint8Array(64),
    columns: { samples: { count, series, timeMs, value } },
  }
}

function definition(id, kind) {
  const attributes = [['host', `host-${id}`]]
  return { id, project: 1, metric: kind === GAUGE ? 'load' : 'latency', kind, unit: '', description: '', attributes }
}

async function cost(what, run) {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  makingMs = 0
  await run()
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - startedAt) / 1000
  costs.push({ what, 'CPU s/M': round((user + system - makingMs * 1000) / samples), seconds: round(seconds) })
}

async function addSizes(when) {
  const { tables } = await store.stats()
  const bytes = tables.reduce((sum, of) => sum + of.bytes, 0)
  const segments = tables.reduce((sum, of) => sum + of.segments, 0)
  sizes.push({ when, table: 'all', segments, 'bytes/sample': round(bytes / samples) })
  for (const of of tables.toSorted((a, b) => b.bytes - a.bytes)) {
    sizes.push({ when, table: of.table, segments: of.segments, 'bytes/sample': round(of.bytes / samples) })
  }
}

async function measureQueries() {
  // Ranges end in the middle of a bucket, as those of dashboards do.
  const endMs = END_MS - 17 * MINUTE_MS - 23_456
  const gauges = { kind: GAUGE, first: 1, want: { sum: true } }
  const histograms = { kind: HISTOGRAM, first: SERIES + 1, want: { sketch: true, minMax: true } }
  const asked = {
    '1h by tag, 10 s': { ...gauges, rangeMs: HOUR_MS, stepMs: 10 * SECOND_MS },
    '24h by tag, 1 min': { ...gauges, rangeMs: DAY_MS - HOUR_MS, stepMs: MINUTE_MS },
    '24h by tag, 5 min': { ...gauges, rangeMs: DAY_MS - HOUR_MS, stepMs: 5 * MINUTE_MS },
    '30d by tag, 1 h': { ...gauges, rangeMs: (DAYS - 1) * DAY_MS, stepMs: HOUR_MS },
    '30d by tag, 1 d': { ...gauges, rangeMs: (DAYS - 1) * DAY_MS, stepMs: DAY_MS },
    'p95, p99 of 24h': { ...histograms, rangeMs: DAY_MS - HOUR_MS, stepMs: 0 },
    'p95, p99 of 24h by tag, 1 h': { ...histograms, rangeMs: DAY_MS - HOUR_MS, stepMs: HOUR_MS },
    'one series, 24h, 1 min': { ...gauges, count: 1, rangeMs: DAY_MS - HOUR_MS, stepMs: MINUTE_MS },
  }
  for (const [query, ask] of Object.entries(asked)) {
    const startMs = endMs - ask.rangeMs
    queries.push({ query, ...(await timesOf(request(ask, startMs, endMs, 0))) })
    // Half a minute off: no rollup has buckets that fit, so this is the price of the raw rows.
    if (ask.stepMs > 0 && ask.stepMs < MINUTE_MS) continue
    const raw = { ...ask, stepMs: ask.stepMs || 2 * DAY_MS }
    queries.push({ query: `${query}, on raw rows`, ...(await timesOf(request(raw, startMs, endMs, 30_000))) })
  }
}

function request({ kind, first, want, stepMs, count = SERIES }, startMs, endMs, originMs) {
  const series = Uint32Array.from({ length: count }, (_, i) => first + i)
  const group = series.map((id) => id % GROUPS)
  return { project: 1, kind, series, group, startMs, endMs, originMs, stepMs, want, timeoutMs: 60_000 }
}

async function timesOf(asked) {
  const times = []
  let resolution
  for (let i = 0; i < RUNS + 3; i++) {
    const startedAt = performance.now()
    resolution = (await store.aggregate(asked)).resolution
    if (i >= 3) times.push(performance.now() - startedAt)
  }
  return { resolution, 'p50 ms': round(quantile(times, 0.5)), 'p95 ms': round(quantile(times, 0.95)) }
}

function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

function round(value) {
  return Math.round(value * 100) / 100
}

function seeded(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
