/**
 * The chart beside uPlot, Chart.js and ECharts, in headless Chromium with software raster: a redraw by number of points,
 * making a chart, the first picture of twenty, what twenty live charts cost a second, and the bytes of the tags.
 * Usage: node bench/widgets.mjs [--rounds 15] [--seconds 10]     (CHROMIUM names another browser)
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { limits, measure } from '../scripts/lib/sizes.mjs'
import { measureCreate, measureFirstPaint, measureLive, measureRedraw } from './lib/charts/measure.mjs'

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, seconds: { type: 'string', default: '10' } },
})
const rounds = Number(flags.rounds)
const seconds = Number(flags.seconds)
const root = fileURLToPath(new URL('..', import.meta.url))
const versionOf = (name) =>
  `${name} ${JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8')).version}`
const names = ['telltale', 'uPlot', 'Chart.js', 'ECharts']

async function bundle(contents, name) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts', sourcefile: `${name}.ts` },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@telltale/source', 'module', 'import', 'default'],
  })
  return outputFiles[0].text
}

const bytes = {}
for (const limit of limits) bytes[limit.name] = (await measure(limit)).bytes
bytes['uPlot alone'] = gzipSync(await bundle(`import uPlot from 'uplot'; globalThis.uPlot = uPlot`, 'uplot')).length

const script = await bundle(`import './bench/lib/charts/page.js'`, 'page')
const server = createServer((request, response) => {
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(
    isScript ? script : '<!doctype html><body style="margin:0"><script type="module" src="/page.js"></script>',
  )
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

async function open() {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await tab.goto(`http://127.0.0.1:${server.address().port}/`)
  await tab.waitForFunction('globalThis.contenders !== undefined')
  const session = await tab.context().newCDPSession(tab)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return { tab, session }
}

/** CPU time of the page's main thread so far, ms: script, style, layout and paint. */
async function cpuMs(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]

async function firstPaint() {
  const taken = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < 5; round++) {
    for (const name of names) {
      const { tab } = await open()
      taken[name].push(await tab.evaluate(measureFirstPaint, { name, charts: 20, points: 1000 }))
      await tab.close()
    }
  }
  return Object.fromEntries(names.map((name) => [name, Number(median(taken[name]).toFixed(1))]))
}

async function live() {
  const rows = {}
  for (const name of ['telltale tags', ...names]) {
    const { tab, session } = await open()
    const input = { name, charts: 20, points: 600, hz: 10 }
    await tab.evaluate(measureLive, { ...input, seconds: 2 })
    const before = await cpuMs(session)
    const { longTasks } = await tab.evaluate(measureLive, { ...input, seconds })
    const after = await cpuMs(session)
    rows[name] = {
      'main thread ms/s': Number(((after - before) / seconds).toFixed(1)),
      'long tasks': longTasks,
    }
    await tab.close()
  }
  return rows
}

try {
  const { tab } = await open()
  const redraw = await tab.evaluate(measureRedraw, { names, counts: [1_000, 10_000, 100_000, 1_000_000], rounds })
  const create = await tab.evaluate(measureCreate, { names, points: 1_000, rounds })
  await tab.close()
  const paint = await firstPaint()
  const cost = await live()
  const result = {
    peers: ['uplot', 'chart.js', 'echarts'].map(versionOf),
    measured_at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim(),
    gzip_bytes: bytes,
    redraw_ms: redraw,
    create_ms: create,
    first_paint_20_charts_ms: paint,
    live_20_charts: cost,
  }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(new URL('results/widgets.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`)

  console.log('redraw of one line, 900 × 300, ms (median); "moved": the same data, another window')
  console.table(redraw)
  console.log('a chart of 1,000 points made and drawn, warm, ms (median)')
  console.table(create)
  console.log('20 charts × 1,000 points, from the first call to the picture, fresh page, ms (median of 5)')
  console.table(paint)
  console.log(`20 charts × 600 points × 10 a second, ${seconds} s: CPU time of the page`)
  console.table(cost)
  console.log('gzip, bytes')
  console.table(bytes)
} finally {
  await browser.close()
  server.close()
}
