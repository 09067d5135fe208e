/**
 * The store in its thread: durable appends, what a sample costs in CPU and on the disk, dashboard-like queries and replay,
 * beside one row a sample in SQLite (same file system, same fsync at each batch).
 * Usage: node bench/store.mjs [--samples 4000000] [--series 1000] [--peer-samples 500000]
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { bundleStore } from './lib/bundled-store.mjs'

const { values: flags } = parseArgs({
  options: {
    samples: { type: 'string', default: '4000000' },
    series: { type: 'string', default: '1000' },
    'peer-samples': { type: 'string', default: '500000' },
  },
})
const SAMPLES = Number(flags.samples)
const SERIES = Number(flags.series)
const PEER_SAMPLES = Number(flags['peer-samples'])
/** Requests in flight, as from as many senders. */
const SENDERS = 32
const STEP_MS = 10_000
const START_MS = Date.UTC(2026, 0, 5)
const GAUGE = 3
/** The data has fixed dates: it must not grow too old to be kept. */
const retention = Object.fromEntries(
  ['rawMs', '1mMs', '5mMs', '1hMs', '1dMs', 'eventsMs'].map((name) => [name, Number.MAX_SAFE_INTEGER]),
)

const { createStore, workerUrl, remove } = await bundleStore()
const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-store-'))
const rows = []
const queries = []
const bytesByTable = []
try {
  for (const batchSamples of [1000, 10_000]) rows.push(await measureStore(batchSamples))
  rows.push(measureSqlite(1000))
} finally {
  rmSync(folder, { recursive: true, force: true })
  remove()
}
console.table(rows)
console.table(queries)
console.table(bytesByTable)
const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, node: process.version }
const options = { samples: SAMPLES, series: SERIES, peer_samples: PEER_SAMPLES, senders: SENDERS }
const results = fileURLToPath(new URL('results/', import.meta.url))
mkdirSync(results, { recursive: true })
writeFileSync(
  join(results, 'store.json'),
  `${JSON.stringify({ machine, options, writing: rows, queries, bytes_by_table: bytesByTable }, null, 2)}\n`,
)

async function measureStore(batchSamples) {
  const dataDir = join(folder, `store-${batchSamples}`)
  const batches = makeBatches(SAMPLES, batchSamples)
  const columnsBySeq = new Map()
  // Sealing is asked for, so that its cost can be told from that of appending.
  const options = { dataDir, workerUrl, sealRows: SAMPLES * 2, sealBytes: Number.MAX_SAFE_INTEGER, retention }
  let store = createStore(options)
  await store.open(() => [])

  const latencies = []
  let next = 0
  const appendCost = await costOf(() =>
    Promise.all(
      Array.from({ length: SENDERS }, async () => {
        while (next < batches.length) {
          const batch = batches[next++]
          const startedAt = performance.now()
          const { seq } = await store.append(batch)
          latencies.push(performance.now() - startedAt)
          columnsBySeq.set(seq, batch.columns)
        }
      }),
    ),
  )

  await store.close()
  store = createStore(options)
  // The store's share of a replay: rows are handed back as they are, without decoding.
  const replayCost = await costOf(async () => {
    await store.open((entries) => entries.map(({ seq }) => columnsBySeq.get(seq)))
    await store.aggregate(request({ endMs: START_MS + 1 }))
  })
  if (batchSamples === 1000) await measureQueries(store, 'hot')
  const sealCost = await costOf(() => store.seal())
  if (batchSamples === 1000) await measureQueries(store, 'sealed')
  const { segmentBytes, segmentRows, tables } = await store.stats()
  await store.close()
  for (const { table, bytes } of tables) {
    if (batchSamples === 1000) bytesByTable.push({ table, 'bytes/sample': round(bytes / SAMPLES) })
  }
  if (segmentRows !== SAMPLES) throw new Error(`${segmentRows} rows are sealed, not ${SAMPLES}`)
  return {
    contender: `store, ${batchSamples} samples a batch`,
    'M samples/s': perSecond(SAMPLES, appendCost.ms),
    'ack p50 ms': round(quantile(latencies, 0.5)),
    'ack p99 ms': round(quantile(latencies, 0.99)),
    'CPU s/M': round(appendCost.cpuSeconds / (SAMPLES / 1e6)),
    'with seal': round((appendCost.cpuSeconds + sealCost.cpuSeconds) / (SAMPLES / 1e6)),
    'replay M/s': perSecond(SAMPLES, replayCost.ms),
    'bytes/sample': round(segmentBytes / segmentRows),
  }
}

/** One row a sample, keyed by series and time; each batch a transaction that is flushed to the disk. */
function measureSqlite(batchSamples) {
  const file = join(folder, 'peer.db')
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE samples (series INTEGER, ts INTEGER, value REAL, PRIMARY KEY (series, ts)) WITHOUT ROWID')
  const insert = db.prepare('INSERT OR REPLACE INTO samples VALUES (?, ?, ?)')
  const append = db.transaction(({ series, timeMs, value }) => {
    for (let i = 0; i < series.length; i++) insert.run(series[i], timeMs[i], value[i])
  })
  const latencies = []
  const batches = makeBatches(PEER_SAMPLES, batchSamples)
  const startedAt = performance.now()
  const cpu = process.cpuUsage()
  for (const { columns } of batches) {
    const began = performance.now()
    append(columns.samples)
    latencies.push(performance.now() - began)
  }
  const ms = performance.now() - startedAt
  const cpuSeconds = secondsOf(process.cpuUsage(cpu))
  db.pragma('wal_checkpoint(TRUNCATE)')
  const sql = `SELECT series % 20, (ts - ?) / 60000, sum(value), count(*) FROM samples WHERE ts >= ? AND ts < ? GROUP BY 1, 2`
  const statement = db.prepare(sql).raw()
  const end = endOf(PEER_SAMPLES)
  const times = timesOf(5, () => statement.all(START_MS, START_MS, end))
  queries.push({ query: `SQLite rows: all, 1 min, average by 20 (${PEER_SAMPLES} samples)`, ...summary(times) })
  db.close()
  return {
    contender: `SQLite rows, ${batchSamples} samples a batch`,
    'M samples/s': perSecond(PEER_SAMPLES, ms),
    'ack p50 ms': round(quantile(latencies, 0.5)),
    'ack p99 ms': round(quantile(latencies, 0.99)),
    'CPU s/M': round(cpuSeconds / (PEER_SAMPLES / 1e6)),
    'bytes/sample': round(statSync(file).size / PEER_SAMPLES),
  }
}

async function measureQueries(store, where) {
  const end = endOf(SAMPLES)
  const asked = {
    'last hour, 10 s, average by 20': { startMs: end - 3_600_000, stepMs: 10_000 },
    'all, 1 min, average and max by 20': { stepMs: 60_000, want: { sum: true, minMax: true } },
    'all, sketch by 20': { stepMs: 0, want: { sketch: true } },
    'all, sum by series': { stepMs: 0, group: (id) => id },
    'last value of every series': { stepMs: 0, group: (id) => id, want: { last: true } },
    'one series, last hour, 1 min': { startMs: end - 3_600_000, stepMs: 60_000, series: [SERIES >> 1] },
  }
  for (const [query, ask] of Object.entries(asked)) {
    const times = []
    for (let i = 0; i < 12; i++) {
      const startedAt = performance.now()
      await store.aggregate(request({ endMs: end, ...ask }))
      if (i >= 2) times.push(performance.now() - startedAt)
    }
    queries.push({ query: `${query} (${where})`, ...summary(times) })
  }
}

function request({ series = Array.from({ length: SERIES }, (_, i) => i + 1), group = (id) => id % 20, ...rest }) {
  return {
    project: 1,
    kind: GAUGE,
    series: Uint32Array.from(series),
    group: Uint32Array.from(series, group),
    startMs: START_MS,
    originMs: 0,
    stepMs: 0,
    want: { sum: true },
    timeoutMs: 60_000,
    ...rest,
  }
}

/** Jittered 10 s points: random walks and latencies with one decimal. Payloads are noise of a batch's usual size. */
function makeBatches(samples, batchSamples) {
  const random = seeded(1)
  const walk = new Float64Array(SERIES).fill(50)
  const payload = Uint8Array.from({ length: batchSamples * 14 }, () => random() * 256)
  return Array.from({ length: samples / batchSamples }, (_, b) => {
    const series = new Uint32Array(batchSamples)
    const timeMs = new Float64Array(batchSamples)
    const value = new Float64Array(batchSamples)
    for (let i = 0; i < batchSamples; i++) {
      const n = b * batchSamples + i
      const id = n % SERIES
      series[i] = id + 1
      timeMs[i] = START_MS + Math.floor(n / SERIES) * STEP_MS + Math.floor(random() * 1000)
      if (id % 2 === 0) walk[id] += Math.round(random() * 6 - 3)
      value[i] = id % 2 === 0 ? walk[id] : Math.round(Math.exp(3 + random() + random() - 1) * 10) / 10
    }
    return {
      project: 1,
      receivedMs: START_MS,
      streamId: new Uint8Array(16).fill(b % SENDERS),
      sequence: Math.floor(b / SENDERS),
      payload,
      newSeries: [],
      columns: { samples: { count: batchSamples, series, timeMs, value } },
      accepted: batchSamples,
      rejected: [],
    }
  })
}

function endOf(samples) {
  return START_MS + Math.ceil(samples / SERIES) * STEP_MS
}

async function costOf(run) {
  const startedAt = performance.now()
  const cpu = process.cpuUsage()
  await run()
  return { ms: performance.now() - startedAt, cpuSeconds: secondsOf(process.cpuUsage(cpu)) }
}

function secondsOf({ user, system }) {
  return (user + system) / 1e6
}

function timesOf(count, run) {
  return Array.from({ length: count }, () => {
    const startedAt = performance.now()
    run()
    return performance.now() - startedAt
  })
}

function summary(times) {
  return { 'p50 ms': round(quantile(times, 0.5)), 'p95 ms': round(quantile(times, 0.95)) }
}

function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

function perSecond(count, ms) {
  return round(count / ms / 1000)
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
