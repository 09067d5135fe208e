/**
 * What a call on the Node SDK costs its host: nanoseconds and bytes of heap, with prom-client,
 * OpenTelemetry's metrics and posthog-node beside it in the same run.
 * Usage: node bench/sdk.mjs [--rounds 41]
 */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { build } from 'esbuild'
import { PostHog } from 'posthog-node'
import prom from 'prom-client'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '41' } } })
const rounds = Number(flags.rounds)
const roundMs = 4
/** Few enough for no batch to be sealed and no garbage to be collected in between: either would hide what calls allocate. */
const allocationCalls = 1500

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
const at = (path) => fileURLToPath(new URL(path, import.meta.url))

const sdk = await bundled('../packages/sdk-node/src/index.ts', 'sdk-node')
const { decodeBatch, encodeAck } = await bundled('../packages/protocol/src/index.ts', 'protocol')
const collector = await fakeCollector()
const client = sdk.init({
  endpoint: collector.endpoint,
  service: 'bench',
  logger: false,
  maxQueueBytes: 256 * 1024 * 1024,
  flushTimeoutMs: 60_000,
})

const cases = makeCases()
const results = Object.fromEntries(
  Object.entries(cases).map(([name, run]) => [name, { run, calls: 0, ns: [], bytes: [] }]),
)
for (const one of Object.values(results)) one.calls = await calibrate(one.run)
for (let round = 0; round < rounds; round++) {
  for (const one of inTurns(Object.values(results), round)) one.ns.push(await time(one.run, one.calls))
}
for (let round = 0; round < 9; round++) {
  for (const one of Object.values(results)) one.bytes.push(await allocated(one.run))
}

const table = Object.entries(results).map(([name, one]) => ({
  call: name,
  'ns a call': round1(median(one.ns)),
  'bytes a call': Math.max(0, Math.round(median(one.bytes))),
}))
console.table(table)
const million = []
for (let round = 0; round < 5; round++) million.push(await heapGrowth(() => cases['histogram handle.record'](1e6)))
console.log(`heap after a million records between two flushes: ${median(million)} bytes more`)
const books = client.stats()
const sum = books.acked + books.rejected + books.buffered + Object.values(books.dropped).reduce((a, b) => a + b, 0)
console.log(`stats: ${JSON.stringify(books)}; the sum ${sum === books.recorded ? 'is right' : `is wrong: ${sum}`}`)
await client.close()
collector.server.close()
mkdirSync(at('results'), { recursive: true })
writeFileSync(
  at('results/sdk.json'),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, rounds, results: table }, null, 2)}\n`,
)

function makeCases() {
  const routes = ['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h']
  const statuses = ['200', '500']
  const values = Float64Array.from({ length: 4096 }, () => Math.exp(Math.random() * 6 - 2))
  const counter = sdk.counter('bench.counter', { attributes: ['route'] }).with({ route: '/a' })
  const gauge = sdk.gauge('bench.gauge').with({})
  const vector = sdk.histogram('bench.histogram', { unit: 'ms', attributes: ['route', 'status'] })
  const histogram = vector.with({ route: '/a', status: '200' })
  const open = sdk.histogram('bench.open', { unit: 'ms' })
  const work = () => 1
  const asyncWork = async () => 1
  const off = { cpu: 'off' }

  const labelNames = ['route', 'status']
  const promCounter = new prom.Counter({ name: 'c', help: 'c', labelNames: ['route'] })
  const promChild = promCounter.labels({ route: '/a' })
  const promHistogram = new prom.Histogram({ name: 'h', help: 'h', labelNames })
  const promHistogramChild = promHistogram.labels({ route: '/a', status: '200' })

  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(1),
    exportIntervalMillis: 3_600_000,
  })
  const otel = new MeterProvider({
    readers: [reader],
    views: [{ instrumentName: 'h', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  }).getMeter('bench')
  const otelCounter = otel.createCounter('c')
  const otelHistogram = otel.createHistogram('h')
  // Nothing is sent: what is measured is the call.
  const posthog = new PostHog('phc_bench', {
    flushAt: 1e9,
    flushInterval: 3_600_000,
    maxQueueSize: 1000,
    disableGeoip: true,
    host: 'http://127.0.0.1:9',
  })

  return {
    'counter handle.add': (n) => {
      for (let i = 0; i < n; i++) counter.add(1)
    },
    'prom-client counter child.inc': (n) => {
      for (let i = 0; i < n; i++) promChild.inc(1)
    },
    'OpenTelemetry counter.add': (n) => {
      for (let i = 0; i < n; i++) otelCounter.add(1, { route: routes[i & 7] })
    },
    'histogram handle.record': (n) => {
      for (let i = 0; i < n; i++) histogram.record(values[i & 4095])
    },
    'prom-client histogram child.observe': (n) => {
      for (let i = 0; i < n; i++) promHistogramChild.observe(values[i & 4095])
    },
    'OpenTelemetry exponential histogram.record': (n) => {
      for (let i = 0; i < n; i++)
        otelHistogram.record(values[i & 4095], { route: routes[i & 7], status: statuses[i & 1] })
    },
    'gauge handle.set': (n) => {
      for (let i = 0; i < n; i++) gauge.set(values[i & 4095])
    },
    'histogram.with({route, status}), declared': (n) => {
      for (let i = 0; i < n; i++) vector.with({ route: routes[i & 7], status: statuses[i & 1] })
    },
    'histogram.with({route, status}).record(v), declared': (n) => {
      for (let i = 0; i < n; i++)
        vector.with({ route: routes[i & 7], status: statuses[i & 1] }).record(values[i & 4095])
    },
    'histogram.record(v, {route, status}), declared': (n) => {
      for (let i = 0; i < n; i++) vector.record(values[i & 4095], { route: routes[i & 7], status: statuses[i & 1] })
    },
    'histogram.record(v, {route, status}), not declared': (n) => {
      for (let i = 0; i < n; i++) open.record(values[i & 4095], { route: routes[i & 7], status: statuses[i & 1] })
    },
    'prom-client histogram.observe({route, status}, v)': (n) => {
      for (let i = 0; i < n; i++)
        promHistogram.observe({ route: routes[i & 7], status: statuses[i & 1] }, values[i & 4095])
    },
    "withTaskMetrics sync, cpu: 'off'": (n) => {
      for (let i = 0; i < n; i++) sdk.withTaskMetrics('bench.task', work, off)
    },
    "withTaskMetrics sync, cpu: 'auto'": (n) => {
      for (let i = 0; i < n; i++) sdk.withTaskMetrics('bench.task', work)
    },
    "withTaskMetrics sync, cpu: 'process'": (n) => {
      for (let i = 0; i < n; i++) sdk.withTaskMetrics('bench.task', work, { cpu: 'process' })
    },
    "withTaskMetrics async, cpu: 'off'": async (n) => {
      for (let i = 0; i < n; i++) await sdk.withTaskMetrics('bench.task', asyncWork, off)
    },
    'an await of the same function, bare': async (n) => {
      for (let i = 0; i < n; i++) await asyncWork()
    },
    'prom-client startTimer … end, sync': (n) => {
      for (let i = 0; i < n; i++) {
        const end = promHistogram.startTimer({ route: '/a', status: '200' })
        work()
        end()
      }
    },
    'track, 3 properties': (n) => {
      for (let i = 0; i < n; i++)
        sdk.track('bench.event', { type: routes[i & 7], status: statuses[i & 1], ms: values[i & 4095] })
    },
    'posthog-node capture, 3 properties': (n) => {
      for (let i = 0; i < n; i++) {
        const properties = { type: routes[i & 7], status: statuses[i & 1], ms: values[i & 4095] }
        posthog.capture({ distinctId: 'u1', event: 'bench.event', properties })
      }
    },
    'performance.now(), for comparison': (n) => {
      let sum = 0
      for (let i = 0; i < n; i++) sum += performance.now()
      return sum
    },
  }
}

async function calibrate(run) {
  let calls = 100
  for (;;) {
    const ms = ((await time(run, calls)) * calls) / 1e6
    if (ms >= roundMs) return calls
    calls = Math.ceil(calls * Math.min(4, Math.max(1.3, roundMs / Math.max(ms, 0.01))))
  }
}

/** Nanoseconds of CPU time a call, garbage collection included. What piled up is delivered before, outside of the measured time. */
async function time(run, calls) {
  await client.flush()
  const before = process.cpuUsage()
  await run(calls)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1e3) / calls
}

/** Bytes a call: from two lengths, so that what a run costs once falls out. */
async function allocated(run) {
  const short = await heapGrowth(() => run(allocationCalls))
  return ((await heapGrowth(() => run(allocationCalls * 3))) - short) / (allocationCalls * 2)
}

async function heapGrowth(work) {
  await client.flush()
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  const before = getHeapStatistics().used_heap_size
  await work()
  return getHeapStatistics().used_heap_size - before
}

/** Acknowledges whatever comes. */
async function fakeCollector() {
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { batchId } = decodeBatch(Buffer.concat(chunks))
      response.end(encodeAck({ batchId, accepted: 0, rejected: [], receivedTimeMs: Date.now(), duplicate: false }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, endpoint: `http://127.0.0.1:${server.address().port}` }
}

/** Bundled from source into node_modules/.cache, from where its dependencies resolve. */
async function bundled(entry, name) {
  const outfile = at(`../node_modules/.cache/bench/${name}.mjs`)
  await build({
    entryPoints: [at(entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: ['@telltale/source'],
  })
  return import(outfile)
}

function inTurns(list, round) {
  const start = round % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}

function round1(value) {
  return Math.round(value * 10) / 10
}
