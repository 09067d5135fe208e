/**
 * Boards in a real Chromium on a real collector: how soon twenty widgets over thirty days stand on the page when script and
 * answers are warm, with how many requests; and how evenly frames come while one of twenty live charts is dragged over the
 * board. The collector is pinned to one core. CPU is that of the page's main thread: it tells more than time where the machine
 * does other work.
 * Usage: node bench/boards.mjs [--series 400] [--days 30] [--rounds 9] [--seconds 4]     (CHROMIUM names another browser)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { Pool } from 'undici'
import { liveBoard, monthBoard } from './lib/boards/boards.mjs'
import { watchBoard, watchFrames } from './lib/boards/in-page.mjs'
import { median, percentile, startCollector } from './lib/collector.mjs'
import { createWorkload, idBytes } from './lib/workload.mjs'

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '400' },
    days: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '4' },
  },
})
const seriesCount = Number(flags.series)
const dayMs = 86_400_000
const collector = await startCollector({
  core: 0,
  env: { TELLTALE_INGEST_MAX_AGE: '3650d', TELLTALE_STORAGE_SEAL_INTERVAL: '10s' },
})
const key = collector.key('admin')
const pool = new Pool(collector.url, { connections: 4 })
const stream = idBytes()
let sequence = 0
const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end(`<!doctype html><meta charset="utf-8"><body style="margin:16px">
    <script type="module" src="${collector.url}/widgets.js"></script>
    <metric-provider endpoint="${collector.url}" token="${key}">
      <metric-dashboard dashboard="${request.url.slice(1)}" editable theme="light"></metric-dashboard>
    </metric-provider>`)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
})

try {
  await fill()
  const load = await loadMonth(await make(monthBoard))
  const drag = await dragLive(await make(liveBoard))
  console.table(load)
  console.table(drag)
  const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version }
  const options = { series: seriesCount, days: Number(flags.days) }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  writeFileSync(
    new URL('results/boards.json', import.meta.url),
    `${JSON.stringify({ machine, options, load, drag }, null, 2)}\n`,
  )
} finally {
  await browser.close()
  server.close()
  await pool.close()
  await collector.stop()
  collector.remove()
}

/** Each series every five minutes, and the last hour every ten seconds. */
async function fill() {
  const endMs = Date.now()
  const hourMs = 36e5
  for (const { startMs, untilMs, stepMs } of [
    { startMs: endMs - Number(flags.days) * dayMs, untilMs: endMs - hourMs, stepMs: 300_000 },
    { startMs: endMs - hourMs, untilMs: endMs, stepMs: 10_000 },
  ]) {
    const workload = createWorkload({ seriesCount, startMs, stepMs })
    const samples = ((untilMs - startMs) / stepMs) * seriesCount
    for (let sent = 0; sent < samples; sent += 10_000) await send(workload.batch(10_000, stream, sequence++))
  }
  // Until it is sealed and merged.
  await sleep(15_000)
}

async function send(body) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-protobuf' }
  const response = await pool.request({ path: '/v1/ingest', method: 'POST', headers, body })
  const text = await response.body.text()
  if (response.statusCode === 200) return
  if (response.statusCode !== 503) throw new Error(`${response.statusCode} ${text}`)
  await sleep(100)
  await send(body)
}

async function make(board) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify(board)
  const response = await pool.request({ path: '/api/v1/dashboards', method: 'POST', headers, body })
  const answer = await response.body.json()
  if (response.statusCode !== 201) throw new Error(JSON.stringify(answer))
  return answer.id
}

/** A page that is tall enough to show the whole board: what is out of sight would not be asked for. */
async function loadMonth(id) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1900 } })
  const page = await context.newPage()
  const widgets = monthBoard.widgets.length
  await page.addInitScript(watchBoard, widgets)
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const rounds = []
  for (let round = 0; round < Number(flags.rounds) + 2; round++) {
    let requests = []
    const asked = (request) => {
      const { pathname } = new URL(request.url())
      if (pathname.startsWith('/api/')) requests.push(pathname)
    }
    page.on('request', asked)
    const serverBefore = collector.cpuSeconds()
    await page.goto(`http://127.0.0.1:${server.address().port}/${id}`)
    await page.waitForFunction('globalThis.drawn.allMs > 0', undefined, { timeout: 20_000 }).catch(async (error) => {
      throw new Error(`not drawn: ${await page.evaluate('globalThis.drawn.missing.join()')}`, { cause: error })
    })
    const { firstMs, allMs } = await page.evaluate('globalThis.drawn')
    // The counter begins anew with each document.
    const cpu = await cpuMs(session)
    const serverCpu = (collector.cpuSeconds() - serverBefore) * 1000
    page.off('request', asked)
    requests = requests.filter((path) => !path.startsWith('/api/v1/dashboards'))
    if (round >= 2) rounds.push({ firstMs, allMs, cpu, serverCpu, requests })
    else if (round === 0) console.log(`requests of ${widgets} widgets besides the socket:`, requests)
    await sleep(500)
  }
  await context.close()
  const of = (pick) => Math.round(median(rounds.map(pick)))
  return {
    widgets,
    requests: of(({ requests }) => requests.length),
    'first drawn, ms': of(({ firstMs }) => firstMs),
    'all drawn, ms': of(({ allMs }) => allMs),
    "page's main thread, CPU ms": of(({ cpu }) => cpu),
    'collector, CPU ms': of(({ serverCpu }) => serverCpu),
  }
}

async function dragLive(id) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1500 } })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.addInitScript(watchBoard, liveBoard.widgets.length)
  await page.goto(`http://127.0.0.1:${server.address().port}/${id}`)
  await page.waitForFunction('globalThis.drawn.allMs > 0', undefined, { timeout: 20_000 })
  await page.locator('metric-dashboard >> .toggle').click()
  const grip = await page.locator('metric-dashboard >> .item .grip').first().boundingBox()
  const workload = createWorkload({ seriesCount, startMs: Date.now(), stepMs: 1000 })
  let isLive = true
  const sending = (async () => {
    while (isLive) {
      await send(workload.batch(seriesCount, stream, sequence++))
      await sleep(1000)
    }
  })()
  await sleep(2000)
  const idle = await framesWhile(page, session, () => sleep(Number(flags.seconds) * 1000))
  const mouse = (type, x, y) =>
    session.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: 1, clickCount: 1 })
  const at = { x: grip.x + 40, y: grip.y + 14 }
  await mouse('mousePressed', at.x, at.y)
  const dragged = await framesWhile(page, session, async () => {
    const startMs = performance.now()
    for (;;) {
      const t = (performance.now() - startMs) / 1000
      if (t > Number(flags.seconds)) return
      // A figure of eight over most of the board, a few hundred pixels a second.
      const x = at.x + 480 * (1 - Math.cos(t * 1.3))
      const y = at.y + 420 * Math.abs(Math.sin(t * 0.9))
      await mouse('mouseMoved', x, y)
      await sleep(8)
    }
  })
  await mouse('mouseReleased', at.x, at.y)
  isLive = false
  await sending
  await context.close()
  return { 'at rest': idle, dragged }
}

async function framesWhile(page, session, run) {
  await page.evaluate(watchFrames)
  const before = await cpuMs(session)
  const startMs = performance.now()
  await run()
  const lengths = await page.evaluate('globalThis.endFrames()')
  const cpu = (await cpuMs(session)) - before
  return {
    frames: lengths.length,
    'p50 ms': round(median(lengths)),
    'p95 ms': round(percentile(lengths, 0.95)),
    'over 20 ms': `${round((100 * lengths.filter((ms) => ms > 20).length) / lengths.length)} %`,
    'main thread, CPU ms/s': round((cpu * 1000) / (performance.now() - startMs)),
    'CPU ms a frame': round(cpu / lengths.length),
  }
}

/** CPU time of the page's main thread so far: script, style, layout and paint. */
async function cpuMs(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000
}

function round(value) {
  return Number(value.toFixed(1))
}
