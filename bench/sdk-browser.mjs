/**
 * The browser SDK: bytes that a page loads, and what calls cost in Chromium, with OpenTelemetry's metrics SDK in the same page.
 * Requests are answered by the bench itself, so that the page pays for encoding and sending too.
 * Usage: node bench/sdk-browser.mjs [--rounds 15]     (CHROMIUM names another browser)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(flags.rounds)
const root = fileURLToPath(new URL('..', import.meta.url))

/** Minified; the entry, and the chunks that it loads later. */
async function bundle(contents, external = []) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external,
    conditions: ['@telltale/source', 'module', 'import', 'default'],
    write: false,
    outdir: 'out',
    logLevel: 'error',
  })
  return outputFiles.map(({ path, text }) => ({ name: path.split('/').at(-1), text }))
}

const gzip = (files) => files.reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0)

const core = await bundle(`export * from './packages/sdk-browser/src/index.ts'`)
const named = 'init, track, withTaskMetrics, counter, gauge, histogram, identify, group, page'
const peer = `import { MeterProvider } from '@opentelemetry/sdk-metrics'; export { MeterProvider }`
const sizes = {
  'core, every export (limit 6144)': gzip(core.slice(0, 1)),
  'core, the nine functions of a usual page': gzip(
    (await bundle(`export { ${named} } from './packages/sdk-browser/src/index.ts'`)).slice(0, 1),
  ),
  'queue on disk, loaded after init': gzip(core.slice(1)),
}
for (const name of ['vitals', 'errors', 'clicks', 'fetch']) {
  const files = await bundle(`export * from './packages/sdk-browser/src/entries/${name}.ts'`, ['@telltale/sdk-browser'])
  sizes[`/${name}`] = gzip(files)
}
sizes['everything in one: /sdk.js'] = gzip(await bundle(`export * from './packages/sdk-browser/src/entries/script.ts'`))
sizes['peer: @opentelemetry/sdk-metrics, without an exporter'] = gzip(await bundle(peer))
console.table(Object.entries(sizes).map(([what, bytes]) => ({ what, 'bytes, gzip': bytes })))

const page = await bundle(`
  import * as telltale from './packages/sdk-browser/src/index.ts'
  ${peer.replace('export { MeterProvider }', '')}
  Object.assign(globalThis, { telltale, MeterProvider })
`)
const server = createServer((request, response) => {
  const path = request.url.replace(/\?.*/, '')
  if (path === '/v1/rows') {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { batch_id } = JSON.parse(Buffer.concat(chunks).toString())
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ batch_id, rejected: 0, duplicate: false }))
    })
    return
  }
  const file = page.find(({ name }) => path === `/${name}`)
  response.setHeader('content-type', file ? 'text/javascript' : 'text/html')
  response.end(file ? file.text : `<!doctype html><script type="module" src="/${page[0].name}"></script>`)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update'],
})
const tab = await browser.newPage()
await tab.goto(`http://127.0.0.1:${server.address().port}/`)
await tab.waitForFunction('globalThis.telltale !== undefined')

const { costs, initMs, stats } = await tab.evaluate(
  async ({ rounds }) => {
    const { telltale, MeterProvider } = globalThis
    const startedMs = performance.now()
    telltale.init({
      endpoint: location.origin,
      apiKey: 'pk_bench',
      service: 'bench',
      maxQueueBytes: 2 ** 30,
      logger: false,
    })
    const initMs = performance.now() - startedMs
    const clicks = telltale.counter('clicks', { attributes: ['button'] })
    const latency = telltale.histogram('latency', { unit: 'ms' })
    const bound = clicks.with({ button: 'save' })
    const boundLatency = latency.with({})
    const meter = new MeterProvider().getMeter('bench')
    const otelCounter = meter.createCounter('clicks')
    const otelHistogram = meter.createHistogram('latency')
    const attributes = { button: 'save' }
    let n = 0
    const cases = {
      'counter.with(…) kept, add': [20_000, () => bound.add(1)],
      'counter.add, one attribute': [5000, () => clicks.add(1, attributes)],
      'OpenTelemetry counter.add, one attribute': [5000, () => otelCounter.add(1, attributes)],
      'histogram.with(…) kept, record': [20_000, () => boundLatency.record(n++ % 1000)],
      'OpenTelemetry histogram.record': [5000, () => otelHistogram.record(n++ % 1000)],
      'track, three properties': [2000, () => telltale.track('opened', { page: 'cart', items: n++, member: true })],
      'withTaskMetrics, synchronous': [2000, () => telltale.withTaskMetrics('search', () => n++)],
    }
    const ns = Object.fromEntries(Object.keys(cases).map((name) => [name, []]))
    for (let round = -2; round < rounds; round++) {
      for (const [name, [calls, run]] of Object.entries(cases)) {
        const fromMs = performance.now()
        for (let i = 0; i < calls; i++) run()
        if (round >= 0) ns[name].push(((performance.now() - fromMs) * 1e6) / calls)
      }
      // Sending is the page's work as well, but not the call's: it happens in between.
      await telltale.flush()
    }
    const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
    const costs = Object.fromEntries(Object.entries(ns).map(([name, values]) => [name, Math.round(median(values))]))
    return { costs, initMs, stats: telltale.stats() }
  },
  { rounds },
)
console.table(Object.entries(costs).map(([call, ns]) => ({ call, 'ns a call': ns })))
console.log(`init: ${initMs.toFixed(1)} ms; books: ${JSON.stringify(stats)}`)
await browser.close()
server.close()
server.closeAllConnections()

const results = fileURLToPath(new URL('results', import.meta.url))
mkdirSync(results, { recursive: true })
const cpu = cpus()[0]?.model.trim()
writeFileSync(
  `${results}/sdk-browser.json`,
  `${JSON.stringify({ cpu, node: process.version, sizes, costs, initMs }, null, 2)}\n`,
)
