/** The last moment of a page in Chromium: what leaves with it, by which door and within which bounds; the rest the next page sends. */
import { readFileSync } from 'node:fs'
import type * as Sdk from '@telltale/sdk-browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { postJson, type Target } from '../support/batches.js'
import { launch } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'
import { Site } from '../support/site.js'

declare const telltale: typeof Sdk

/** What the last page sent when it was hidden or left: kept over its end by the tab. */
interface Sent {
  by: 'keepalive' | 'beacon'
  bytes: number
}

let browser: Browser
let collector: CollectorProcess
let site: Site
let reader: Target
let context: BrowserContext

beforeAll(async () => {
  collector = await CollectorProcess.start()
  const apiKey = await collector.createKey('ingest', 'default', true)
  reader = { url: collector.url, key: await collector.createKey('read') }
  site = await Site.start()
  site.set('/sdk.js', { body: readFileSync('packages/collector/dist/public/sdk.js', 'utf8'), type: 'text/javascript' })
  // Nothing is flushed by the clock: what leaves, leaves because the page ends. The next page takes over what is left soon.
  const options = JSON.stringify({ endpoint: collector.url, apiKey, service: 'shop' })
  const boot = `telltale.init({ ...${options}, flushIntervalMs: location.pathname === '/next' ? 100 : 3600000 })`
  site.set('/boot.js', { body: boot, type: 'text/javascript' })
  const script = (src: string) => `<script src="${src}"></script>`
  site.set('*', { body: `<!doctype html><title>Shop</title>${script('/sdk.js')}${script('/boot.js')}` })
  site.set('/elsewhere', { body: '<!doctype html><title>Elsewhere</title>' })
  browser = await launch()
})
beforeEach(async () => {
  context = await browser.newContext()
  await context.addInitScript(() => {
    const note = (by: string, body: unknown) => {
      const sent = JSON.parse(sessionStorage.getItem('sent') ?? '[]')
      sent.push({ by, bytes: new Blob([body as string]).size })
      sessionStorage.setItem('sent', JSON.stringify(sent))
    }
    const { fetch } = globalThis
    globalThis.fetch = (input, init) => {
      if (init?.keepalive) note('keepalive', init.body)
      // A network that takes its time, as far as the first page gets to see.
      else if (location.pathname === '/slow') return new Promise(() => {})
      return fetch(input, init)
    }
    const { sendBeacon } = Navigator.prototype
    Navigator.prototype.sendBeacon = function (url, body) {
      note('beacon', body)
      return sendBeacon.call(this, url, body)
    }
  })
})
afterEach(() => context.close())
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await collector?.dispose()
})

async function count(event: string): Promise<number> {
  const time_range = { start: 'now-1h', end: 'now+1m' }
  const question = { kind: 'trend', event, measure: 'count', time_range }
  const { body } = await postJson(reader, '/api/v1/events/query', question)
  return (body as { data: { value: number }[] }).data.reduce((sum, { value }) => sum + value, 0)
}

/** Ends the page by going to one that knows nothing of the SDK. */
async function leave(page: Page): Promise<Sent[]> {
  await page.evaluate(() => sessionStorage.removeItem('sent'))
  await page.goto(`${site.url}/elsewhere`)
  return page.evaluate(() => JSON.parse(sessionStorage.getItem('sent') ?? '[]'))
}

/** Batches that wait on disk. */
function stored(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const [{ name }] = await indexedDB.databases()
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name!)
      request.onsuccess = () => resolve(request.result)
      request.onerror = reject
    })
    return new Promise<number>((resolve) => {
      const request = db.transaction('batches').objectStore('batches').count()
      request.onsuccess = () => {
        db.close()
        resolve(request.result)
      }
    })
  })
}

const eventually = { timeout: 15_000, interval: 50 }

test('at most 60 KiB leave by requests that outlive the page; what is beyond waits for the next page, and comes once', async () => {
  const page = await context.newPage()
  await page.goto(`${site.url}/slow`)
  await page.evaluate(() => {
    for (let i = 0; i < 40; i++) {
      telltale.track('parted', { i, text: 'x'.repeat(5000) })
      // Each flush makes a batch of its own.
      if (i % 2 === 1) void telltale.flush()
    }
  })
  await expect.poll(() => stored(page), eventually).toBeGreaterThanOrEqual(20)
  const sent = await leave(page)
  const bytes = sent.reduce((sum, one) => sum + one.bytes, 0)
  expect(sent.map(({ by }) => by)).toEqual(sent.map(() => 'keepalive'))
  expect(bytes).toBeGreaterThan(40 * 1024)
  expect(bytes).toBeLessThanOrEqual(60 * 1024)
  await page.goto(`${site.url}/next`)
  await expect.poll(() => count('parted'), eventually).toBe(40)
  await page.evaluate(() => telltale.flush())
  expect(await count('parted')).toBe(40)
})

test('where requests cannot outlive the page, a beacon leaves with it, and what it brought counts once', async () => {
  await context.addInitScript(() => {
    delete (Request.prototype as { keepalive?: unknown }).keepalive
  })
  const page = await context.newPage()
  await page.goto(`${site.url}/slow`)
  await page.evaluate(() => {
    for (let i = 0; i < 10; i++) telltale.track('flown', { i })
    void telltale.flush()
  })
  await expect.poll(() => stored(page), eventually).toBeGreaterThanOrEqual(1)
  const sent = await leave(page)
  expect(sent.map(({ by }) => by)).toContain('beacon')
  expect(sent.map(({ by }) => by)).not.toContain('keepalive')
  // Before any other page: it was the beacon that brought them.
  await expect.poll(() => count('flown'), eventually).toBe(10)
  await page.goto(`${site.url}/next`)
  // The batch is still stored, as a beacon tells nothing of its answer: it goes out again, and counts no second time.
  const again = await page.waitForRequest((request) => request.postData()?.includes('flown') === true)
  expect(await (await again.response())?.json()).toMatchObject({ duplicate: true })
  await page.evaluate(() => telltale.flush())
  expect(await count('flown')).toBe(10)
})
