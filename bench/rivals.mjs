/**
 * The race: the same seeded samples into us and into the rivals that Debian packages, each server on one core, the sender on
 * another, bodies made beforehand; then disk, after compaction; then the queries of a dashboard, warm and uncached. Rivals
 * that are much slower get a fifth of the samples.
 * Usage: node bench/rivals.mjs [--samples 10000000] [--series 1000,10000] [--rows 10000] [--repeats 20]
 *   [--only telltale,victoria,prometheus,influx]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, percentile } from './lib/collector.mjs'
import { influx } from './lib/rivals/influx.mjs'
import { prometheus } from './lib/rivals/prometheus.mjs'
import { telltale } from './lib/rivals/telltale.mjs'
import { victoria } from './lib/rivals/victoria.mjs'

const { values: flags } = parseArgs({
  options: {
    samples: { type: 'string', default: '10000000' },
    series: { type: 'string', default: '1000,10000' },
    rows: { type: 'string', default: '10000' },
    repeats: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
  },
})
const allSamples = Number(flags.samples)
const rows = Number(flags.rows)
const only = flags.only.split(',').filter(Boolean)
const contestants = [telltale, victoria, prometheus, influx].filter(({ name, missing }) => {
  if (only.length > 0 && !only.some((one) => name.toLowerCase().startsWith(one))) return false
  const how = missing()
  if (how) console.log(`${name} is left out; to have it: ${how}`)
  return !how
})

const results = []
for (const seriesCount of flags.series.split(',').map(Number)) {
  for (const contestant of contestants) {
    results.push({ server: contestant.name, series: seriesCount, ...(await race(contestant, seriesCount)) })
    console.table(results.slice(-1))
  }
}
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
writeFileSync(
  new URL('results/rivals.json', import.meta.url),
  `${JSON.stringify({ machine, rows, results }, null, 2)}\n`,
)

async function race(contestant, seriesCount) {
  const samples = allSamples * (contestant.share ?? 1)
  const spanMs = (samples / seriesCount) * 10_000
  const endMs = Math.floor((Date.now() - 60_000) / 60_000) * 60_000
  const startMs = endMs - spanMs
  const bodies = contestant.bodies({ seriesCount, samples, rows, startMs })
  const server = await contestant.start()
  try {
    const cpu = server.cpuSeconds()
    const startedAt = performance.now()
    let next = 0
    const sender = async () => {
      while (next < bodies.length) await server.send(bodies[next++])
    }
    await Promise.all(Array.from({ length: contestant.senders ?? 8 }, sender))
    const seconds = (performance.now() - startedAt) / 1000
    await server.settle()
    const result = {
      'M samples': samples / 1e6,
      'M samples/s': round(samples / seconds / 1e6),
      'CPU s a million': round(((server.cpuSeconds() - cpu) / samples) * 1e6),
      'bytes a sample': round(server.diskBytes() / samples),
      'peak RSS MB': Math.round(server.peakRssMb()),
    }
    for (const [name, question] of Object.entries(questions(startMs, endMs))) {
      result[`${name}, p50/p95 ms`] = await ask(server, question)
    }
    return result
  } finally {
    await server.stop()
  }
}

function questions(startMs, endMs) {
  const dayMs = Math.min(864e5, endMs - startMs)
  return {
    '1 h, 10 s, avg by 20': {
      metric: 'bench.level',
      aggregation: 'avg',
      by: 'task_type',
      startMs: endMs - 36e5,
      endMs,
      step: 10,
    },
    '24 h, 1 min, max by 5': {
      metric: 'bench.level',
      aggregation: 'max',
      by: 'region',
      startMs: endMs - dayMs,
      endMs,
      step: 60,
    },
    '24 h, p95 by 20': { metric: 'bench.latency', aggregation: 'p95', by: 'task_type', startMs: endMs - dayMs, endMs },
  }
}

/** Each time the range moves by a minute: nothing that was asked before can answer it. */
async function ask(server, question) {
  const times = []
  for (let i = 0; i < Number(flags.repeats) + 3; i++) {
    const shiftMs = i * 60_000
    const askedAt = performance.now()
    const groups = await server.query({
      ...question,
      startMs: question.startMs - shiftMs,
      endMs: question.endMs - shiftMs,
    })
    if (groups === 0) throw new Error('a query found nothing')
    if (i >= 3) times.push(performance.now() - askedAt)
  }
  return `${round(median(times))} / ${round(percentile(times, 0.95))}`
}

function round(value) {
  return Number(value.toPrecision(3))
}
