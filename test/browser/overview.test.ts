/** The page at `/`, as a newcomer sees it: a real collector with its demo, and Chromium. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'

/** What a browser writes by itself while a server is away, is coming up, and has forgotten the session of before. */
const connectionLost =
  /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket connection to|status of (401|503)/

let browser: Browser
const pages: Page[] = []

beforeAll(async () => {
  browser = await launch()
})
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()))
})
afterAll(() => browser?.close())

interface OpenOptions {
  width?: number
  dark?: boolean
  expected?: RegExp[]
}

async function open(url: string, { width = 1280, dark = false, expected = [] }: OpenOptions = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  })
  const page = await context.newPage()
  pages.push(page)
  const problems = watchProblems(page, expected)
  await page.goto(url)
  return { page, problems }
}

/** Text of every matching tag, as far as it is drawn: a shadow root's text, without its styles. */
function texts(page: Page, selector: string): Promise<string[]> {
  return page.$$eval(selector, (tags) =>
    tags.map((tag) =>
      [...(tag.shadowRoot?.children ?? [])].map((child) => (child as HTMLElement).textContent ?? '').join(' '),
    ),
  )
}

/**
 * How many distinct colours each chart has drawn; a blank canvas has one. Charts draw when they are seen, so that each is
 * scrolled to first.
 */
async function drawnColors(page: Page): Promise<number[]> {
  const counts: number[] = []
  for (const chart of await page.$$('metric-chart:not(details metric-chart)')) {
    await chart.scrollIntoViewIfNeeded()
    counts.push(
      await chart.evaluate((element) => {
        const canvas = element.shadowRoot?.querySelector('canvas')
        if (!canvas?.width) return 0
        // Read from a copy: reading back a canvas that is drawn to makes the browser warn.
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })
        copy?.drawImage(canvas, 0, 0)
        const pixels = copy?.getImageData(0, 0, canvas.width, canvas.height).data
        return new Set(new Uint32Array(pixels?.buffer ?? new ArrayBuffer(0))).size
      }),
    )
  }
  return counts
}

/** Waits until every chart on the page has lines, not only a blank canvas. */
async function allDrawn(page: Page, charts: number): Promise<void> {
  const drawn = async () => (await drawnColors(page)).filter((count) => count > 4).length
  await expect.poll(drawn, { timeout: 60_000, interval: 500 }).toBe(charts)
  // Cards rest while they are out of sight.
  await page.evaluate(() => scrollTo(0, 0))
}

const overflows = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

describe('with the demo, on this machine', () => {
  let collector: CollectorProcess
  beforeAll(async () => {
    collector = await CollectorProcess.start(['--demo', '--local-viewer'])
  })
  afterAll(() => collector?.dispose())

  test('shows live figures, drawn charts and task runs, and keeps to its own policy', async () => {
    const { page, problems } = await open(`${collector.url}/?range=5m`)
    await page.getByText('Live', { exact: true }).first().waitFor()
    await expect
      .poll(async () => (await texts(page, 'metric-card')).filter((text) => /\d/.test(text)).length, {
        timeout: 60_000,
      })
      .toBe(5)
    await allDrawn(page, 6)
    await expect
      .poll(async () => (await texts(page, 'task-table'))[0], { timeout: 30_000 })
      .toMatch(/email\.send|image\.resize/)

    const before = (await texts(page, 'metric-card')).join()
    await expect.poll(async () => (await texts(page, 'metric-card')).join(), { timeout: 20_000 }).not.toBe(before)
    expect(problems).toEqual([])
  })

  test('keeps the range in the address and tells every widget', async () => {
    const { page, problems } = await open(collector.url)
    await page.getByLabel('1 h', { exact: true }).check()
    expect(new URL(page.url()).searchParams.get('range')).toBe('1h')
    await page.reload()
    await page.getByLabel('1 h', { exact: true }).waitFor()
    expect(await page.getByLabel('1 h', { exact: true }).isChecked()).toBe(true)
    const ranges = await page.$$eval('metric-chart', (charts) => charts.map((chart) => chart.getAttribute('range')))
    expect(new Set(ranges)).toEqual(new Set(['1h']))
    expect(problems).toEqual([])
  })

  test.each([
    { width: 390, dark: false },
    { width: 390, dark: true },
    { width: 768, dark: false },
  ])('fits a page of $width pixels (dark: $dark)', async ({ width, dark }) => {
    const { page, problems } = await open(collector.url, { width, dark })
    await allDrawn(page, 6)
    expect(await overflows(page)).toBe(false)
    expect(problems).toEqual([])
  })

  test('a foreign page gets no session, and a chart in it works with a read key', async () => {
    const key = await collector.createKey('read')
    const embed = readFileSync('examples/embed.html', 'utf8')
      .replaceAll('http://127.0.0.1:8000', collector.url)
      .replace('token="TOKEN"', `token="${key}"`)
    const site = await serve(embed)
    try {
      const { page, problems } = await open(site.url, { expected: [/favicon/] })
      await allDrawn(page, 1)
      await expect.poll(async () => (await texts(page, 'metric-card'))[0], { timeout: 30_000 }).toMatch(/\d/)
      expect(problems).toEqual([])
      const refused = await page.evaluate(
        (url) =>
          fetch(`${url}/app/session`).then(
            (response) => String(response.status),
            () => 'blocked',
          ),
        collector.url,
      )
      expect(refused).toBe('blocked')
    } finally {
      await site.close()
    }
  })

  // Last: it takes the collector down.
  test('says that the collector is away, and recovers by itself when it is back', async () => {
    const { page, problems } = await open(`${collector.url}/?range=5m`, { expected: [connectionLost] })
    await allDrawn(page, 6)
    await collector.end('SIGKILL')
    await page.getByRole('alert').filter({ hasText: 'has not answered since' }).waitFor({ timeout: 15_000 })
    expect(await page.locator('#connection').textContent()).toBe('Reconnecting')

    await collector.start()
    await page.locator('#connection[data-state="live"]').waitFor({ timeout: 30_000 })
    await expect.poll(() => page.locator('#outage').isHidden()).toBe(true)
    await expect
      .poll(
        async () =>
          (await texts(page, 'metric-chart, metric-card')).filter((text) => /No connection|reconnect/i.test(text)),
        {
          timeout: 60_000,
        },
      )
      .toEqual([])
    const before = (await texts(page, 'metric-card')).join()
    await expect.poll(async () => (await texts(page, 'metric-card')).join(), { timeout: 30_000 }).not.toBe(before)
    expect(problems).toEqual([])
  })
})

describe('without a local viewer', () => {
  let collector: CollectorProcess
  beforeAll(async () => {
    collector = await CollectorProcess.start()
  })
  afterAll(() => collector?.dispose())
  const expected = [/status of 40[13]/]

  test('an admin gets a key into the three lines, which works as it stands', async () => {
    const { page, problems } = await open(collector.url, { expected })
    await page.getByLabel('Read key', { exact: true }).fill(await collector.createKey('admin', 'new'))
    await page.getByRole('button', { name: 'Show the overview' }).click()
    await page.getByRole('button', { name: 'Make one and put it in' }).click()
    await expect.poll(() => page.locator('#snippet').textContent()).toMatch(/apiKey: 'tt_ingest_\w+'/)
    const [, apiKey] = /apiKey: '(\w+)'/.exec((await page.locator('#snippet').textContent())!)!
    await sendFirstRun(collector, apiKey)
    await page.getByText('Your first sample is here').waitFor({ timeout: 15_000 })
    expect(problems).toEqual([])
  })

  test('a wrong key is refused in words, a right one leads to the first run, and the first sample to the board', async () => {
    const { page, problems } = await open(collector.url, { expected })
    await page.getByRole('heading', { name: 'Sign in with a read key' }).waitFor()
    const submit = page.getByRole('button', { name: 'Show the overview' })
    const field = page.getByLabel('Read key', { exact: true })

    await submit.click()
    await page.getByText('Paste a read key').waitFor()
    await field.fill('tt_read_not-a-key')
    await submit.click()
    await page.getByText('does not know this key').waitFor()
    await field.fill(await collector.createKey('ingest'))
    await submit.click()
    await page.getByText('may not read').waitFor()

    await field.fill(await collector.createKey('read'))
    await submit.click()
    await page.getByRole('heading', { name: 'Ready for your first sample' }).waitFor()
    expect(await page.locator('#snippet').textContent()).toContain(collector.url)

    await sendFirstRun(collector)
    await page.getByText('Your first sample is here').waitFor({ timeout: 15_000 })
    await expect.poll(() => page.locator('#board').isVisible(), { timeout: 10_000 }).toBe(true)

    await page.reload()
    await page.locator('#board').waitFor({ state: 'visible' })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in with a read key' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in with a read key' }).waitFor()
    expect(problems).toEqual([])
  })
})

/** One task run, through the SDK as it is published. */
async function sendFirstRun(collector: CollectorProcess, key?: string): Promise<void> {
  const { init, withTaskMetrics, close } = await import('@telltale/sdk-node')
  const apiKey = key ?? (await collector.createKey('ingest'))
  init({ endpoint: collector.url, apiKey, service: 'first-run' })
  await withTaskMetrics('email.send', () => undefined)
  await close()
}

async function serve(html: string): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
