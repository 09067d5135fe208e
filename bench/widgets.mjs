/**
 * The chart beside uPlot, in headless Chromium with software raster: what a redraw costs by number of points, what twenty
 * live charts cost a second, and the bytes of the tags.
 * Usage: node bench/widgets.mjs [--rounds 15]     (CHROMIUM names another browser)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(flags.rounds)
const require = createRequire(import.meta.url)
const { version: peerVersion } = require('uplot/package.json')
const root = fileURLToPath(new URL('..', import.meta.url))

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

const tags = './packages/widgets/src'
const sizes = {
  'metric-chart and metric-provider, with lit': await bundle(
    `import '${tags}/components/metric-provider/index.js'; import '${tags}/components/metric-chart/index.js'`,
    'chart',
  ),
  'all tags, with lit': await bundle(`import '${tags}/index.js'`, 'all'),
  'uPlot alone': await bundle(`import uPlot from 'uplot'; globalThis.uPlot = uPlot`, 'uplot'),
}
const bytes = Object.fromEntries(
  Object.entries(sizes).map(([name, text]) => [name, gzipSync(text, { level: 9 }).length]),
)

const page = await bundle(
  `import uPlot from 'uplot'
   import { TimePlot } from '${tags}/chart/time-plot.js'
   import { buildChartData, listSeries } from '${tags}/chart/model.js'
   Object.assign(globalThis, { uPlot, TimePlot, buildChartData, listSeries })`,
  'page',
)
const server = createServer((request, response) => {
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? page : '<!doctype html><body style="margin:0"><script type="module" src="/page.js"></script>')
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

try {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await tab.goto(`http://127.0.0.1:${server.address().port}/`)
  await tab.waitForFunction('globalThis.TimePlot !== undefined')
  const redraw = await tab.evaluate(measureRedraw, { counts: [1_000, 10_000, 100_000, 1_000_000], rounds })
  const live = await tab.evaluate(measureLive, { charts: 20, points: 600, hz: 10, seconds: 5 })
  const result = {
    peer: `uPlot ${peerVersion}`,
    measured_at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim(),
    gzip_bytes: bytes,
    redraw_ms: redraw,
    live_ms_per_second: live,
  }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(new URL('results/widgets.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`)

  console.log('redraw of one line, 900 × 300, ms (median)')
  console.table(redraw)
  console.log('20 charts × 600 points × 10 a second: script and raster, ms a second')
  console.table(live)
  console.log('gzip, bytes')
  console.table(bytes)
} finally {
  await browser.close()
  server.close()
}

/** Runs in the page. Reading one pixel back makes the raster happen inside of the measurement. */
function measureRedraw({ counts, rounds }) {
  const colors = { series: ['#3557e0'], muted: '#667', grid: '#eee', font: 'sans-serif' }
  const settle = (canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1)
  const rows = {}
  for (const count of counts) {
    const times = Float64Array.from({ length: count }, (_, i) => 1.7e12 + i * 1000)
    const values = times.map((_, i) => 100 + 40 * Math.sin(i / (count / 20)) + 20 * Math.random())
    const box = document.body.appendChild(document.createElement('div'))
    box.style.cssText = 'position:relative;width:900px;height:300px'
    const view = { timesMs: times, columns: [values] }
    const series = window.listSeries([{}], [values], 'latency')
    const data = window.buildChartData(view, series, new Set(), 'line', 1000, false)
    const listener = { cursor() {}, zoom() {}, reset() {}, click() {} }
    const style = { type: 'line', unit: 'ms', colors }
    const plot = new window.TimePlot(box, data, new Set(), style, listener)
    plot.setSize(900, 300)
    const peer = new window.uPlot(
      {
        width: 900,
        height: 300,
        ms: 1,
        legend: { show: false },
        series: [{}, { stroke: '#3557e0', width: 1, points: { show: false } }],
      },
      [times, values],
      document.body,
    )
    const end = times[count - 1]
    const contenders = {
      telltale: () => {
        plot.draw(window.buildChartData(view, series, new Set(), 'line', 1000, false), style, times[0], end)
        settle(box.querySelector('canvas'))
      },
      uPlot: () => {
        peer.batch(() => peer.setData([times, values]))
        settle(peer.ctx.canvas)
      },
    }
    const taken = { telltale: [], uPlot: [] }
    for (let round = -3; round < rounds; round++) {
      for (const [name, run] of Object.entries(contenders)) {
        const startedAt = performance.now()
        run()
        if (round >= 0) taken[name].push(performance.now() - startedAt)
      }
    }
    const median = (list) => Number(list.sort((a, b) => a - b)[list.length >> 1].toFixed(2))
    rows[count.toLocaleString('en')] = { telltale: median(taken.telltale), uPlot: median(taken.uPlot) }
    plot.destroy()
    peer.destroy()
    box.remove()
  }
  return rows
}

/** Runs in the page: the window moves and a point comes, for every chart, `hz` times a second. */
async function measureLive({ charts, points, hz, seconds }) {
  const colors = { series: ['#3557e0'], muted: '#667', grid: '#eee', font: 'sans-serif' }
  const grid = document.body.appendChild(document.createElement('div'))
  grid.style.cssText = 'display:grid;grid-template-columns:repeat(5,1fr);gap:4px'
  const cells = Array.from({ length: charts }, () => {
    const cell = grid.appendChild(document.createElement('div'))
    cell.style.cssText = 'position:relative;width:240px;height:160px'
    return cell
  })
  const stepMs = 1000 / hz
  const at = (n) => Float64Array.from({ length: points }, (_, i) => 1.7e12 + (n + i) * stepMs)
  const valuesAt = (n, c) =>
    Float64Array.from({ length: points }, (_, i) => 100 + 40 * Math.sin((n + i) / 30 + c) + (((n + i) * 7919 + c) % 13))
  const run = async (step) => {
    let spent = 0
    const startedAt = performance.now()
    for (let tick = 0; tick < seconds * hz; tick++) {
      const wait = startedAt + (tick + 1) * stepMs - performance.now()
      await new Promise((resolve) => setTimeout(resolve, wait))
      const from = performance.now()
      step(tick)
      spent += performance.now() - from
    }
    return Number((spent / seconds).toFixed(1))
  }
  const style = { type: 'line', unit: 'ms', colors }
  const ours = cells.map((cell, c) => {
    const view = { timesMs: at(0), columns: [valuesAt(0, c)] }
    const series = window.listSeries([{}], view.columns, 'm')
    const data = window.buildChartData(view, series, new Set(), 'line', stepMs, false)
    const plot = new window.TimePlot(cell, data, new Set(), style, { cursor() {}, zoom() {}, reset() {}, click() {} })
    plot.setSize(240, 160)
    return { plot, series }
  })
  const telltale = await run((tick) => {
    const times = at(tick)
    ours.forEach(({ plot, series }, c) => {
      const view = { timesMs: times, columns: [valuesAt(tick, c)] }
      plot.draw(
        window.buildChartData(view, series, new Set(), 'line', stepMs, false),
        style,
        times[0],
        times[points - 1],
      )
    })
  })
  for (const { plot } of ours) plot.destroy()
  const peers = cells.map(
    (cell, c) =>
      new window.uPlot(
        {
          width: 240,
          height: 160,
          ms: 1,
          legend: { show: false },
          series: [{}, { stroke: '#3557e0', width: 1, points: { show: false } }],
        },
        [at(0), valuesAt(0, c)],
        cell,
      ),
  )
  const uPlot = await run((tick) => {
    const times = at(tick)
    peers.forEach((peer, c) => {
      peer.batch(() => peer.setData([times, valuesAt(tick, c)]))
    })
  })
  for (const peer of peers) peer.destroy()
  grid.remove()
  return { telltale, uPlot }
}
