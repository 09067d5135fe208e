/**
 * Acked sample → pixel: a real collector, a chart with `interval="live"` in Chromium, and samples that make its newest point
 * jump. Timed from the collector's 200 to the first animation frame in which the canvas shows the jump.
 * Usage: node bench/live-pixel.mjs [--samples 100]     (CHROMIUM names another browser)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { Pool } from 'undici'
import { encodeBatch, Kind } from '../packages/protocol/dist/index.js'
import { median, percentile, startCollector } from './lib/collector.mjs'
import { idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({ options: { samples: { type: 'string', default: '100' } } })
const metric = 'bench.pixel'
const waitMs = 2_000
const collector = await startCollector()
const ingestKey = collector.key('ingest')
const readKey = collector.key('read')
const pool = new Pool(collector.url, { connections: 1 })
const server = createServer((_, response) => {
  response.setHeader('content-type', 'text/html')
  response.end(`<!doctype html><script type="module" src="${collector.url}/widgets.js"></script>
    <metric-provider endpoint="${collector.url}" token="${readKey}">
      <metric-chart metric="${metric}" aggregation="last" range="10s" step="1s" interval="live" theme="light"></metric-chart>
    </metric-provider>`)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
})

try {
  const stream = idBytes()
  let sequence = 0
  await send(0)
  const page = await browser.newPage({ viewport: { width: 500, height: 360 } })
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.evaluate(watch)
  for (let i = 0; i < 8; i++) {
    await send(i % 2 === 0 ? 0 : 1000)
    await sleep(500)
  }
  const delays = []
  let missed = 0
  for (let i = 0; i < Number(flags.samples); i++) {
    const isHigh = i % 2 === 0
    await send(isHigh ? 1000 : 0)
    const ackedMs = Date.now()
    let seenMs = 0
    while (seenMs < ackedMs - 100 && Date.now() - ackedMs < waitMs) {
      await sleep(50)
      seenMs = await page.evaluate((high) => globalThis.jumps.findLast((jump) => jump.high === high)?.atMs ?? 0, isHigh)
    }
    if (seenMs >= ackedMs - 100) delays.push(Math.max(0, seenMs - ackedMs))
    else missed++
    // A pace that falls on every phase of the seconds and of the stream's gathering.
    await sleep(150 + ((i * 37) % 100))
  }
  const result = {
    samples: delays.length,
    'not seen within 2 s': missed,
    'p50 ms': Number(median(delays).toFixed(1)),
    'p99 ms': Number(percentile(delays, 0.99).toFixed(1)),
    'max ms': Number(Math.max(...delays).toFixed(1)),
  }
  console.table(result)
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(
    new URL('results/live-pixel.json', import.meta.url),
    `${JSON.stringify({ machine, result }, null, 2)}\n`,
  )

  async function send(value) {
    const now = Date.now()
    const body = encodeBatch({
      ...{ sentTimeMs: now, batchId: idBytes(), streamId: stream, sequence: sequence++, baseTimeMs: now },
      ...{ strings: ['', metric], resource: [], drops: [] },
      series: [{ name: 1, kind: Kind.gauge, unit: 0, description: 0, attributes: [] }],
      samples: { count: 1, series: [0], timeMs: [now], value: [value] },
    })
    const response = await pool.request({
      path: '/v1/ingest',
      method: 'POST',
      headers: { authorization: `Bearer ${ingestKey}`, 'content-type': 'application/x-protobuf' },
      body,
    })
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${await response.body.text()}`)
    await response.body.dump()
  }
} finally {
  await browser.close()
  server.close()
  await pool.close()
  await collector.stop()
  collector.remove()
}

/** Runs in the page: looks in every frame at which height the line ends on the right. */
function watch() {
  globalThis.jumps = []
  let wasHigh
  const look = () => {
    const canvas = document.querySelector('metric-chart')?.shadowRoot?.querySelector('canvas')
    if (canvas?.width) {
      const { width, height } = canvas
      const from = Math.floor(width * 0.75)
      const { data } = canvas.getContext('2d').getImageData(from, 0, width - from, height - 22)
      const high = endsHigh(data, width - from, height - 22)
      if (high !== undefined && high !== wasHigh) {
        wasHigh = high
        globalThis.jumps.push({ high, atMs: Date.now() })
      }
    }
    requestAnimationFrame(look)
  }
  const endsHigh = (data, columns, rows) => {
    for (let x = columns - 1; x >= 0; x--) {
      for (let y = 0; y < rows; y++) {
        const at = (y * columns + x) * 4
        const least = Math.min(data[at], data[at + 1], data[at + 2])
        if (data[at + 3] > 128 && Math.max(data[at], data[at + 1], data[at + 2]) - least > 90) return y < rows / 2
      }
    }
    return undefined
  }
  requestAnimationFrame(look)
}
