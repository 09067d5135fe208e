/**
 * The last step of a percentile timeline: sketch rows of a day in one-minute buckets become 1,440 values of p99. Typed
 * arrays beside maps of objects, and beside DuckDB's window functions over the same rows. DuckDB's figure has its reading of a
 * table in it, the others start from columns that were read already.
 * Usage: node bench/query.mjs [--rounds 15] [--samples 500]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { interleave } from './lib/interleave.mjs'
import { importSource } from './lib/source.mjs'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, samples: { type: 'string', default: '500' } },
})
const rounds = Number(flags.rounds)
const minuteMs = 60_000
const dayMs = 1440 * minuteMs
const startMs = Date.UTC(2026, 0, 15)
const quantile = 0.99

const { finaliseCells, foldCells } = await importSource('../packages/collector/src/query/finalise.ts')
const { axisOf } = await importSource('../packages/collector/src/query/buckets.ts')
const { zoneOf } = await importSource('../packages/collector/src/query/zone.ts')
const { keyOf, keyValue } = await importSource('../packages/protocol/src/index.ts')

const partials = sketchPartials(Number(flags.samples))
const { sketch } = partials
const range = { startMs, endMs: startMs + dayMs }
const utc = zoneOf('UTC')
const byMinute = axisOf(range, { type: 'fixed', ms: minuteMs }, utc)
const byHour = axisOf(range, { type: 'fixed', ms: 60 * minuteMs }, utc)
const measure = { reducer: 'quantile', quantile, over: 'last', want: { sketch: true, minMax: true } }

const typed = (axis) => finaliseCells(partials, foldCells(partials, axis, 1, measure.want), axis, 1, measure).values
const contenders = {
  'typed arrays, 1m → 1m': () => typed(byMinute),
  'typed arrays, 1m merged into 1h': () => typed(byHour),
  'maps of objects, 1m → 1m': mapsOfObjects,
}
const times = interleave(contenders, { rounds, roundMs: 30 })
const sql = await sqlWindows()
agree([...typed(byMinute)], mapsOfObjects(), sql.values)

const table = [
  ...Object.keys(contenders).map((name) => ({ name, ms: round(times[name].ns / 1e6) })),
  { name: 'DuckDB windows, one thread, 1m → 1m', ms: round(sql.ms) },
].map((row, _, all) => ({ ...row, '×': round(row.ms / all[0].ms) }))
console.log(`${sketch.rows} sketch rows → p99 of a day`)
console.table(table)

mkdirSync(new URL('results/', import.meta.url), { recursive: true })
writeFileSync(
  new URL('results/query.json', import.meta.url),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, rows: sketch.rows, table }, null, 2)}\n`,
)

/** Lognormal latencies, as the store would answer them. */
function sketchPartials(samples) {
  const random = seeded(7)
  const cells = []
  for (let minute = 0; minute < 1440; minute++) {
    const counts = new Map()
    for (let i = 0; i < samples; i++) {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      const key = keyOf(Math.exp(3 + 0.3 * normal))
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    for (const [key, count] of [...counts].sort(([a], [b]) => a - b)) {
      cells.push({ bucketMs: startMs + minute * minuteMs, key, count })
    }
  }
  const none = new Float64Array(0)
  const minutes = Float64Array.from({ length: 1440 }, (_, minute) => startMs + minute * minuteMs)
  return {
    rows: 1440,
    group: new Uint32Array(1440),
    bucketMs: minutes,
    count: new Float64Array(1440).fill(samples),
    sum: none,
    min: new Float64Array(1440).fill(0),
    max: new Float64Array(1440).fill(1e9),
    last: none,
    lastMs: none,
    sketch: {
      rows: cells.length,
      group: new Uint32Array(cells.length),
      bucketMs: Float64Array.from(cells, (cell) => cell.bucketMs),
      key: Int32Array.from(cells, (cell) => cell.key),
      count: Float64Array.from(cells, (cell) => cell.count),
    },
  }
}

/** The way that comes to mind first: rows as objects, grouped in maps. */
function mapsOfObjects() {
  const buckets = new Map()
  for (let i = 0; i < sketch.rows; i++) {
    const row = { bucketMs: sketch.bucketMs[i], key: sketch.key[i], count: sketch.count[i] }
    const rows = buckets.get(row.bucketMs)
    if (rows === undefined) buckets.set(row.bucketMs, [row])
    else rows.push(row)
  }
  return [...buckets.values()].map((rows) => {
    const rank = Math.max(1, Math.ceil(quantile * rows.reduce((total, { count }) => total + count, 0)))
    let at = 0
    for (let seen = rows[0].count; seen < rank; seen += rows[at].count) at++
    return keyValue(rows[at].key)
  })
}

async function sqlWindows() {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  await connection.run('CREATE TABLE sketch (bucket DOUBLE, key INTEGER, count DOUBLE)')
  const appender = await connection.createAppender('sketch')
  for (let i = 0; i < sketch.rows; i++) {
    appender.appendDouble(sketch.bucketMs[i])
    appender.appendInteger(sketch.key[i])
    appender.appendDouble(sketch.count[i])
    appender.endRow()
  }
  appender.closeSync()
  const statement = await connection.prepare(`
    WITH seen AS (
      SELECT bucket, key, sum(count) OVER (PARTITION BY bucket ORDER BY key) AS upto,
             sum(count) OVER (PARTITION BY bucket) AS total
      FROM sketch)
    SELECT bucket, min(key) AS key FROM seen WHERE upto >= ceil(${quantile} * total) GROUP BY bucket ORDER BY bucket`)
  const timesMs = []
  let keys = []
  for (let i = 0; i < rounds + 3; i++) {
    const startedAt = performance.now()
    keys = (await (await statement.run()).getColumns())[1]
    if (i >= 3) timesMs.push(performance.now() - startedAt)
  }
  connection.closeSync()
  instance.closeSync()
  return { ms: timesMs.toSorted((a, b) => a - b)[timesMs.length >> 1], values: keys.map(keyValue) }
}

/** A fast wrong answer is no benchmark. */
function agree(...answers) {
  for (const answer of answers) {
    const isSame = answer.length === 1440 && answer.every((value, i) => value === answers[0][i])
    if (!isSame) throw new Error('the contenders disagree')
  }
}

function seeded(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function round(number) {
  return Math.round(number * 100) / 100
}
