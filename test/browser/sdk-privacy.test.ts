/** What the browser SDK does not do: store or send before consent, break a page's policy, tell more than it was told to. */
import { readFileSync } from 'node:fs'
import type * as Sdk from '@telltale/sdk-browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postJson, type Target } from '../support/batches.js'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'
import { Site } from '../support/site.js'

declare const telltale: typeof Sdk & Record<'vitals' | 'errors' | 'clicks' | 'requests', () => () => void>

let browser: Browser
let collector: CollectorProcess
let site: Site
let key: string
let reader: Target
let context: BrowserContext
let run = 0
let service: string

beforeAll(async () => {
  collector = await CollectorProcess.start()
  key = await collector.createKey('ingest', 'default', true)
  reader = { url: collector.url, key: await collector.createKey('read') }
  site = await Site.start()
  site.set('/sdk.js', { body: readFileSync('packages/collector/dist/public/sdk.js', 'utf8'), type: 'text/javascript' })
  site.set('/data', { body: '{}', type: 'application/json' })
  browser = await launch()
})
beforeEach(async () => {
  service = `privacy${++run}`
  context = await browser.newContext()
})
afterEach(() => context.close())
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await collector?.dispose()
})

async function open(
  options: Sdk.ClientOptions | undefined,
  { body = '', headers = {} }: { body?: string; headers?: Record<string, string> } = {},
): Promise<{ page: Page; problems: string[]; requests: string[] }> {
  const given = { endpoint: collector.url, apiKey: key, service, flushIntervalMs: 100, ...options }
  site.set('/boot.js', { body: options ? `telltale.init(${JSON.stringify(given)})` : '', type: 'text/javascript' })
  const scripts = body.includes('sdk.js') ? '' : '<script src="/sdk.js"></script><script src="/boot.js"></script>'
  site.set('/page', { body: `<!doctype html><title>Shop</title>${scripts}${body}`, headers })
  const page = await context.newPage()
  const problems = watchProblems(page)
  const requests: string[] = []
  page.on('request', (request) => {
    if (request.url().startsWith(collector.url)) requests.push(request.url())
  })
  await page.goto(`${site.url}/page?token=secret`)
  return { page, problems, requests }
}

interface Row {
  value: number
  tags: Record<string, string | null>
}

async function events(event: string, group_by: string[] = []): Promise<Row[]> {
  const time_range = { start: 'now-1h', end: 'now+1m' }
  const query = { kind: 'trend', event, group_by, filters: { service }, time_range }
  return ((await postJson(reader, '/api/v1/events/query', query)).body as { data: Row[] }).data
}

async function metric(metric_name: string, group_by: string[], aggregation = 'count'): Promise<Row[]> {
  const query = {
    metric_name,
    aggregation,
    group_by,
    filters: { service },
    time_range: { start: 'now-1h', end: 'now+1m' },
  }
  return ((await postJson(reader, '/api/v1/metrics/query', query)).body as { data?: Row[] }).data ?? []
}

function stored(page: Page): Promise<{ keys: string[]; databases: number; cookie: string }> {
  return page.evaluate(async () => ({
    keys: Object.keys(localStorage),
    databases: (await indexedDB.databases()).length,
    cookie: document.cookie,
  }))
}

const nothing = { keys: [], databases: 0, cookie: '' }

describe('consent', () => {
  test('before it, nothing is stored or sent; with it, all that waited', async () => {
    const { page, requests } = await open({ consent: 'pending' })
    await page.evaluate(() => telltale.track('waited'))
    await page.waitForTimeout(300)
    expect([await stored(page), requests]).toEqual([nothing, []])
    expect((await page.evaluate(() => telltale.stats())).buffered).toBe(3)
    await page.evaluate(async () => {
      telltale.setConsent('granted')
      await telltale.flush()
    })
    expect(await events('waited')).toMatchObject([{ value: 1 }])
    expect((await stored(page)).keys.length).toBe(1)
  })

  test('denied, everything is forgotten, what earlier pages stored as well', async () => {
    const { page } = await open({})
    await expect.poll(async () => (await stored(page)).databases).toBe(1)
    await page.evaluate(() => telltale.flush())
    await page.route('**/v1/rows**', (route) => route.abort())
    const stats = await page.evaluate(async () => {
      for (let i = 0; i < 10; i++) telltale.track('private')
      await new Promise((later) => setTimeout(later, 300))
      telltale.setConsent('denied')
      telltale.track('later')
      return telltale.stats()
    })
    expect(stats).toMatchObject({ buffered: 0, dropped: { no_consent: 11 } })
    await expect.poll(() => stored(page)).toEqual(nothing)
    await page.unroute('**/v1/rows**')
    await page.waitForTimeout(300)
    expect(await events('private')).toEqual([])
  })

  test('Do Not Track counts as denied where the page says so', async () => {
    await context.addInitScript(() => Object.defineProperty(navigator, 'doNotTrack', { value: '1' }))
    const { page, requests } = await open({ respectDoNotTrack: true })
    const stats = await page.evaluate(async () => {
      telltale.setConsent('granted')
      telltale.track('seen')
      await telltale.flush()
      return telltale.stats()
    })
    expect(stats).toMatchObject({ acked: 0, buffered: 0 })
    expect([await stored(page), requests]).toEqual([nothing, []])
  })
})

test('a sample takes sessions whole, by their id, in every page', async () => {
  let taken = 0
  for (let i = 0; i < 6; i++) {
    const visitor = await browser.newContext()
    const sums: number[] = []
    for (let n = 0; n < 2; n++) {
      site.set('/boot.js', {
        body: `telltale.init(${JSON.stringify({ endpoint: collector.url, apiKey: key, service, sampleRate: 0.5 })})`,
        type: 'text/javascript',
      })
      site.set('/page', { body: '<!doctype html><script src="/sdk.js"></script><script src="/boot.js"></script>' })
      const page = await visitor.newPage()
      await page.goto(`${site.url}/page`)
      const { recorded, acked, dropped } = await page.evaluate(async () => {
        telltale.track('sampled')
        telltale.counter('sampled.count').add(1)
        await telltale.flush()
        return telltale.stats()
      })
      expect(acked + (dropped.sampled_out ?? 0)).toBe(recorded)
      sums.push(acked)
      await page.close()
    }
    expect(sums[0] === 0).toBe(sums[1] === 0)
    if (sums[0] > 0) taken += 2
    await visitor.close()
  }
  expect((await events('sampled'))[0]?.value ?? 0).toBe(taken)
})

test('a strict policy with Trusted Types holds, and the tag alone starts everything', async () => {
  const { port } = new URL(collector.url)
  const source = `http://127.0.0.1:${port}`
  const body = `<script src="${source}/sdk.js" data-api-key="${key}" data-service="${service}" data-with="vitals errors clicks fetch"></script><main><button data-telltale="export" data-telltale-format="pdf"><b>PDF</b></button></main>`
  const policy = `default-src 'none'; script-src ${source}; connect-src 'self' ${source}; require-trusted-types-for 'script'; trusted-types 'none'`
  await context.addInitScript(() => {
    const violations: string[] = []
    Object.assign(globalThis, { violations })
    addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))
  })
  const { page, problems } = await open(undefined, { body, headers: { 'content-security-policy': policy } })
  await page.click('b')
  await page.evaluate(async () => {
    await fetch('/data?token=secret')
    await fetch('/orders/1234').catch(() => {})
    const request = new XMLHttpRequest()
    request.open('get', '/data')
    await new Promise((done) => {
      request.onloadend = done
      request.send()
    })
    setTimeout(() => {
      throw new TypeError('broken at http://x/y?token=secret')
    })
    for (let i = 0; i < 3; i++) void Promise.reject(new RangeError('again'))
    await new Promise((later) => setTimeout(later, 50))
    await telltale.flush()
  })
  expect(await events('feature.used', ['feature', 'format'])).toMatchObject([
    { value: 1, tags: { feature: 'export', format: 'pdf' } },
  ])
  expect(await events('page.viewed', ['url.path'])).toMatchObject([{ tags: { 'url.path': '/page' } }])
  expect(await events('exception', ['exception.message'])).toMatchObject([
    { value: 1, tags: { 'exception.message': 'again' } },
    { value: 1, tags: { 'exception.message': 'broken at http://x/y' } },
  ])
  const errors = await metric('browser.errors', ['error.type'], 'sum')
  expect(new Map(errors.map(({ tags, value }) => [tags['error.type'], value]))).toEqual(
    new Map([
      ['TypeError', 1],
      ['RangeError', 3],
    ]),
  )
  const requests = await metric('http.client.request.duration', ['url.route', 'http.response.status_code'])
  expect(
    new Map(requests.map(({ tags, value }) => [`${tags['url.route']} ${tags['http.response.status_code']}`, value])),
  ).toEqual(
    new Map([
      ['/data 200', 2],
      ['/orders/:id 404', 1],
    ]),
  )
  expect(await page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations)).toEqual([])
  expect((await stored(page)).cookie).toBe('')
  expect(problems.filter((text) => !/404|broken|again/.test(text))).toEqual([])
  await page.close({ runBeforeUnload: true })
  const vitals = ['lcp', 'cls', 'ttfb', 'fcp']
  await expect
    .poll(
      async () => Promise.all(vitals.map(async (name) => (await metric(`browser.web_vital.${name}`, []))[0]?.value)),
      {
        timeout: 15_000,
      },
    )
    .toEqual([1, 1, 1, 1])
})
