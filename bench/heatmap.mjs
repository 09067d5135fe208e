/**
 * A heat map of 200,000 cells drawn again with new values, in headless Chromium with software raster: ours, a rectangle a cell
 * on the same canvas, and ECharts. Medians of whole redraws, ms.
 * Usage: node bench/heatmap.mjs [--rounds 30]     (TELLTALE_CHROMIUM names another browser)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '30' } } })
const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))

const { outputFiles } = await build({
  stdin: {
    contents: `import * as echarts from 'echarts'
      import { heatRange, paintHeat, shadeTable } from './packages/widgets/src/chart/heat.js'
      Object.assign(globalThis, { echarts, heatRange, paintHeat, shadeTable })`,
    resolveDir: root,
    loader: 'ts',
  },
  ...{ bundle: true, write: false, minify: true, format: 'esm', target: 'es2022' },
  conditions: ['@telltale/source', 'module', 'import', 'default'],
})
const server = createServer((request, response) => {
  const isScript = request.url === '/page.js'
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
  response.end(isScript ? outputFiles[0].text : '<!doctype html><script type="module" src="/page.js"></script>')
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({
  executablePath: process.env.TELLTALE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})

/** Runs in the page. */
function measure({ columns, rows, rounds }) {
  const { echarts, heatRange, paintHeat, shadeTable } = globalThis
  const count = columns * rows
  const values = (round) => Float64Array.from({ length: count }, (_, i) => (i * 7919 + round * 104_729) % 997)
  const stops = [
    [230, 235, 253],
    [24, 47, 138],
  ]
  const table = shadeTable(stops)
  const canvas = () => {
    const made = document.createElement('canvas')
    Object.assign(made, { width: columns * 2, height: rows * 2 })
    document.body.append(made)
    return made
  }
  const median = (list) => Number(list.sort((a, b) => a - b)[list.length >> 1].toFixed(2))
  const time = (draw, times) => {
    const taken = []
    for (let round = 0; round < times; round++) {
      const input = values(round)
      const start = performance.now()
      draw(input)
      taken.push(performance.now() - start)
    }
    return median(taken)
  }
  const own = canvas()
  const telltale = time((input) => {
    const grid = { columns, rows, values: input }
    paintHeat(own, grid, heatRange(grid), table)
  }, rounds)
  const plain = canvas().getContext('2d')
  const fillRect = time((input) => {
    for (let i = 0; i < count; i++) {
      const share = input[i] / 997
      plain.fillStyle = `rgb(${230 - 206 * share},${235 - 188 * share},${253 - 115 * share})`
      plain.fillRect((i % columns) * 2, Math.floor(i / columns) * 2, 2, 2)
    }
    // Reading one pixel waits for what was only recorded so far.
    plain.getImageData(0, 0, 1, 1)
  }, 3)
  const box = document.createElement('div')
  Object.assign(box.style, { width: `${columns * 2}px`, height: `${rows * 2}px` })
  document.body.append(box)
  const chart = echarts.init(box)
  const drawEcharts = time((input) => {
    const data = Array.from(input, (value, i) => [i % columns, Math.floor(i / columns), value])
    chart.setOption({
      animation: false,
      xAxis: { type: 'category' },
      yAxis: { type: 'category' },
      visualMap: { min: 0, max: 997, show: false },
      series: [{ type: 'heatmap', data, progressive: 0 }],
    })
    chart.getZr().flush()
  }, 3)
  return { telltale, 'fillRect, a cell each': fillRect, echarts: drawEcharts }
}

try {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.waitForFunction('globalThis.paintHeat !== undefined')
  const redraw = await page.evaluate(measure, { columns: 500, rows: 400, rounds: Number(flags.rounds) })
  const result = {
    peers: [`echarts ${require('echarts/package.json').version}`],
    measured_at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim(),
    cells: 200_000,
    redraw_ms: redraw,
  }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(new URL('results/heatmap.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`)
  console.log('a heat map of 200,000 cells drawn again, ms (median)')
  console.table(redraw)
} finally {
  await browser.close()
  server.close()
}
