/**
 * The sketch beside prom-client's histogram (fixed buckets), its summary's t-digest, and bucket indices by logarithm: what a call of
 * `record` costs in time and heap, and what merging and a quantile cost.
 * Usage: node --expose-gc bench/sketch.mjs [--rounds 21]     (without --expose-gc, no heap figures)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { Histogram, Registry, Summary } from 'prom-client'
import { bytesPerCall, interleave, sink } from './lib/interleave.mjs'
import { importSource } from './lib/source.mjs'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } })
const options = { rounds: Number(flags.rounds) }
const { keyOf, quantileOfSorted, Sketch } = await importSource('../packages/protocol/src/index.ts')

const size = 4096
const random = seeded(1)
const latencies = Float64Array.from({ length: size }, () => Math.exp(3 + normal()))

const sketch = new Sketch()
const registers = [new Registry()]
const histogram = new Histogram({ name: 'h', help: 'h', registers })
const summary = new Summary({ name: 's', help: 's', registers })
const logarithmic = new Map()
const perLogarithm = 64 / Math.LN2
let next = 0

// Each loops over the latencies itself: at a few nanoseconds a call, calling through a variable would be what is measured.
const record = {
  'Sketch.record': () => {
    for (let i = 0; i < size; i++) sketch.record(latencies[i])
  },
  'keyOf alone': () => {
    for (let i = 0; i < size; i++) sink.value = keyOf(latencies[i])
  },
  'Math.log and a Map': () => {
    for (let i = 0; i < size; i++) {
      const index = Math.ceil(Math.log(latencies[i]) * perLogarithm) - 1
      logarithmic.set(index, (logarithmic.get(index) ?? 0) + 1)
    }
  },
  'prom-client histogram, 11 buckets': () => {
    for (let i = 0; i < size; i++) histogram.observe(latencies[i])
  },
  'prom-client summary (t-digest)': () => {
    for (let i = 0; i < size; i++) summary.observe(latencies[i])
  },
  'reading the values (baseline)': () => {
    for (let i = 0; i < size; i++) sink.value = latencies[i] > 1
  },
}
const recordNs = interleave(record, { ...options, perCall: size })
const recording = Object.entries(record).map(([name, run]) => ({
  record: name,
  'ns a call': round(recordNs[name].ns),
  'bytes a call': round(bytesPerCall(run, 200) / size),
  '×': round(recordNs[name].ns / recordNs['Sketch.record'].ns),
}))
console.table(recording)

const parts = Array.from({ length: 64 }, () => filled(1000))
const total = new Sketch()
const { key, bucketCount } = filled(1_000_000).toColumns()
const digest = summary.hashMap[''].td
const use = {
  'merge one sketch': () => total.merge(parts[next++ & 63]),
  'Sketch.quantile': () => sketch.quantile(0.95),
  quantileOfSorted: () => quantileOfSorted(key, bucketCount, 0, key.length, 1_000_000, 0.95),
  't-digest percentile': () => digest.percentile(0.95),
}
const useNs = interleave(use, options)
const using = Object.keys(use).map((name) => ({
  operation: name,
  ns: Math.round(useNs[name].ns),
  buckets: name.startsWith('merge') ? parts[0].size : name.startsWith('t-') ? digest.size() : key.length,
}))
console.table(using)

mkdirSync(new URL('results/', import.meta.url), { recursive: true })
writeFileSync(
  new URL('results/sketch.json', import.meta.url),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, recording, using }, null, 2)}\n`,
)

function filled(count) {
  const one = new Sketch()
  for (let i = 0; i < count; i++) one.record(Math.exp(3 + normal()))
  return one
}

function round(number) {
  return Number.isNaN(number) ? undefined : Math.round(number * 10) / 10
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function seeded(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
