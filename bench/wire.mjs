/**
 * What a sample costs on the wire: 1,000 samples over 100 series with three attributes each, ours beside
 * protobufjs (our columns, rows, OTLP) and JSON, in the same run.
 * Usage: node bench/wire.mjs [--samples 1000] [--series 100] [--rounds 21]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { interleave } from './lib/interleave.mjs'
import { importSource } from './lib/source.mjs'
import { wirePeers } from './lib/wire-peers.mjs'

const { values: flags } = parseArgs({
  options: {
    samples: { type: 'string', default: '1000' },
    series: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '21' },
  },
})
const { decodeBatch, encodeBatch, Kind, SchemaCache, WireWriter } = await importSource(
  '../packages/protocol/src/index.ts',
)

const count = Number(flags.samples)
const batch = makeBatch(count, Number(flags.series))
const writer = new WireWriter()
const schemas = new SchemaCache()
const contenders = {
  Telltale: { encode: () => encodeBatch(batch, writer), decode: (bytes) => decodeBatch(bytes) },
  'Telltale, schema seen before': {
    encode: () => encodeBatch(batch, writer),
    decode: (bytes) => decodeBatch(bytes, { schemas }),
  },
  ...wirePeers(batch),
}
const encoded = Object.fromEntries(Object.entries(contenders).map(([name, { encode }]) => [name, encode().slice()]))
const options = { rounds: Number(flags.rounds), perCall: count }
const write = interleave(
  map((_, { encode }) => encode),
  options,
)
const read = interleave(
  map(
    (name, { decode }) =>
      () =>
        decode(encoded[name]),
  ),
  options,
)

const results = Object.keys(contenders).map((name) => ({
  format: name,
  'bytes a sample': round(encoded[name].length / count),
  'write ns': round(write[name].ns),
  'read ns': round(read[name].ns),
  'write ×': round(write[name].ns / write.Telltale.ns),
  'read ×': round(read[name].ns / read.Telltale.ns),
}))
console.table(results)
mkdirSync(new URL('results/', import.meta.url), { recursive: true })
writeFileSync(
  new URL('results/wire.json', import.meta.url),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, samples: count, series: batch.series.length, results, write, read }, null, 2)}\n`,
)

function map(pick) {
  return Object.fromEntries(Object.entries(contenders).map(([name, contender]) => [name, pick(name, contender)]))
}

function round(value) {
  return Math.round(value * 10) / 10
}

/** Latencies rounded to 1 µs beside whole numbers, at irregular times. */
function makeBatch(count, seriesCount) {
  let state = 12345
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const strings = ['']
  const refs = new Map()
  const ref = (text) => {
    if (!refs.has(text)) refs.set(text, strings.push(text) - 1)
    return refs.get(text)
  }
  const names = ['http.server', 'db.query', 'job', 'cache', 'queue'].map((area) => `app.${area}.duration`)
  const series = Array.from({ length: seriesCount }, (_, i) => ({
    name: ref(names[i % names.length]),
    kind: Kind.gauge,
    unit: ref('ms'),
    description: 0,
    attributes: [
      ref('service'),
      ref(`svc-${i % 4}`),
      ref('route'),
      ref(`/api/v1/resource${i % 50}`),
      ref('status'),
      ref(['ok', 'error', 'timeout'][i % 3]),
    ],
  }))
  const baseTimeMs = 1_760_000_000_000
  const samples = {
    count,
    series: new Uint32Array(count),
    timeMs: new Float64Array(count),
    value: new Float64Array(count),
  }
  let now = baseTimeMs
  for (let i = 0; i < count; i++) {
    now += random() * 5
    samples.series[i] = Math.floor(random() * seriesCount)
    samples.timeMs[i] = Math.floor(now)
    samples.value[i] = i & 1 ? Math.floor(Math.exp(random() * 8)) : Math.round(Math.exp(random() * 6 - 2) * 1e3) / 1e3
  }
  const id = (seed) => new Uint8Array(16).fill(seed)
  return {
    sentTimeMs: now,
    batchId: id(1),
    streamId: id(2),
    sequence: 1,
    baseTimeMs,
    strings,
    resource: [],
    series,
    samples,
    drops: [],
  }
}
