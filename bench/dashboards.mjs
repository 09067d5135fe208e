/**
 * The queries of dashboards through HTTP, ours beside VictoriaMetrics over the same samples: a month in which every series
 * reports each five minutes, and a last day in which it reports every ten seconds. Each server on one core, the client on
 * another; warm, and each time over a range that has moved, so that no answer is used twice.
 * Usage: node bench/dashboards.mjs [--series 1000] [--days 30] [--repeats 40] [--only telltale,victoriametrics]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, percentile } from './lib/collector.mjs'
import { telltale } from './lib/rivals/telltale.mjs'
import { victoria } from './lib/rivals/victoria.mjs'

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '1000' },
    days: { type: 'string', default: '30' },
    repeats: { type: 'string', default: '40' },
    only: { type: 'string', default: '' },
  },
})
const seriesCount = Number(flags.series)
const hourMs = 36e5
const dayMs = 24 * hourMs
const rows = 10_000
const warmUps = 5
const only = flags.only.split(',').filter(Boolean)
const contestants = [telltale, victoria].filter(({ name, missing }) => {
  if (only.length > 0 && !only.some((one) => name.toLowerCase().startsWith(one))) return false
  const how = missing()
  if (how) console.log(`${name} is left out; to have it: ${how}`)
  return !how
})

const endMs = Math.floor((Date.now() - 60_000) / 60_000) * 60_000
const questions = {
  '1 h, 10 s, avg by 20': { ...level('avg', 'task_type'), rangeMs: hourMs, step: 10 },
  '24 h, 1 min, avg by 20': { ...level('avg', 'task_type'), rangeMs: dayMs, step: 60 },
  '24 h, 1 min, max by 5': { ...level('max', 'region'), rangeMs: dayMs, step: 60 },
  '30 d, 1 h, avg by 20': { ...level('avg', 'task_type'), rangeMs: Number(flags.days) * dayMs, step: 3600 },
  '24 h, p95 by 20': { metric: 'bench.latency', aggregation: 'p95', by: 'task_type', rangeMs: dayMs },
  '24 h, p99 by 20': { metric: 'bench.latency', aggregation: 'p99', by: 'task_type', rangeMs: dayMs },
}

const table = []
for (const contestant of contestants) {
  const server = await contestant.start()
  try {
    await fill(contestant, server)
    await server.settle()
    for (const [query, question] of Object.entries(questions)) {
      table.push({ server: contestant.name.split(' ')[0], query, ...(await ask(server, question)) })
    }
  } finally {
    await server.stop()
  }
}
console.table(table)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
const options = { series: seriesCount, days: Number(flags.days) }
writeFileSync(
  new URL('results/dashboards.json', import.meta.url),
  `${JSON.stringify({ machine, options, table }, null, 2)}\n`,
)

function level(aggregation, by) {
  return { metric: 'bench.level', aggregation, by }
}

async function fill(contestant, server) {
  const lastDayMs = endMs - dayMs
  const parts = [
    { startMs: endMs - Number(flags.days) * dayMs, stepMs: 5 * 60_000, untilMs: lastDayMs },
    { startMs: lastDayMs, stepMs: 10_000, untilMs: endMs },
  ]
  for (const { startMs, stepMs, untilMs } of parts) {
    const samples = Math.ceil((((untilMs - startMs) / stepMs) * seriesCount) / rows) * rows
    const bodies = contestant.bodies({ seriesCount, samples, rows, startMs, stepMs })
    let next = 0
    const sender = async () => {
      while (next < bodies.length) await server.send(bodies[next++])
    }
    await Promise.all(Array.from({ length: 8 }, sender))
  }
}

async function ask(server, { rangeMs, ...question }) {
  const times = []
  let cpu = 0
  for (let i = 0; i < Number(flags.repeats) + warmUps; i++) {
    // Not by whole buckets: ranges of dashboards end now.
    const shiftMs = i * 61_000
    const askedAt = performance.now()
    if (i === warmUps) cpu = server.cpuSeconds()
    const shifted = { ...question, startMs: endMs - rangeMs - shiftMs, endMs: endMs - shiftMs }
    if ((await server.query(shifted)) === 0) throw new Error('a query found nothing')
    if (i >= warmUps) times.push(performance.now() - askedAt)
  }
  return {
    'p50 ms': round(median(times)),
    'p95 ms': round(percentile(times, 0.95)),
    'CPU ms': round(((server.cpuSeconds() - cpu) * 1000) / times.length),
  }
}

function round(value) {
  return Number(value.toPrecision(3))
}
