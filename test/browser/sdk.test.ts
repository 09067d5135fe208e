/** The browser SDK in Chromium, on the page of another origin, against a real collector: nothing is lost, nothing counted twice. */

import { readFileSync } from 'node:fs'
import type * as Sdk from '@telltale/sdk-browser'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postJson, sumOf, type Target } from '../support/batches.js'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'
import { Site } from '../support/site.js'

declare const telltale: typeof Sdk

/** Often enough that tests need not wait: what another page left is taken over after half a second. */
const flushIntervalMs = 100

/** What a browser writes by itself about requests that fail on purpose. */
const failed = /Failed to load resource|net::ERR|telltale: not delivered/

let browser: Browser
let collector: CollectorProcess
let site: Site
let key: string
let reader: Target
let context: BrowserContext
/** Names of events of one test: tests share the collector. */
let run = 0

beforeAll(async () => {
  collector = await CollectorProcess.start()
  key = await collector.createKey('ingest', 'default', true)
  reader = { url: collector.url, key: await collector.createKey('read') }
  site = await Site.start()
  site.set('/sdk.js', { body: readFileSync('packages/collector/dist/public/sdk.js', 'utf8'), type: 'text/javascript' })
  browser = await launch(['--disable-back-forward-cache'])
})
beforeEach(async () => {
  run++
  serve({})
  context = await browser.newContext()
})
afterEach(() => context.close())
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await collector?.dispose()
})

/** Every path of the site is a page with the SDK, started with these options. */
function serve(options: Sdk.ClientOptions, headers: Record<string, string> = {}): void {
  const given = { endpoint: collector.url, apiKey: key, service: `shop${run}`, flushIntervalMs, ...options }
  site.set('/boot.js', { body: `telltale.init(${JSON.stringify(given)})`, type: 'text/javascript' })
  const body = '<!doctype html><title>Shop</title><script src="/sdk.js"></script><script src="/boot.js"></script>'
  site.set('*', { body, headers })
}

async function open(path = '/', expected: RegExp[] = []): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage()
  const problems = watchProblems(page, expected)
  await page.goto(site.url + path)
  return { page, problems }
}

interface Row {
  value: number
  tags: Record<string, string | null>
}

async function events(event: string, groupBy: string[] = [], measure = 'count'): Promise<Row[]> {
  const { body } = await postJson(reader, '/api/v1/events/query', {
    kind: 'trend',
    event,
    measure,
    group_by: groupBy,
    filters: { service: `shop${run}` },
    time_range: { start: 'now-1h', end: 'now+1m' },
  })
  return (body as { data: Row[] }).data
}

async function count(event: string): Promise<number> {
  return (await events(event)).reduce((sum, { value }) => sum + value, 0)
}

const eventually = { timeout: 15_000, interval: 50 }

describe('a visit', () => {
  test('every call is acknowledged, and the collector has the same sums', async () => {
    const { page, problems } = await open('/cart?token=secret')
    const stats = await page.evaluate(async () => {
      telltale.identify('u1', { plan: 'pro' })
      telltale.group('acme')
      for (let i = 0; i < 500; i++)
        telltale.track('added', { i, big: (2n ** 60n) as never, at: new Date(0), list: [1] as never })
      const clicks = telltale.counter('page.clicks', { attributes: ['button'] })
      for (let i = 0; i < 1000; i++) clicks.add(2, { button: i % 2 ? 'a' : 'b' })
      telltale.gauge('page.depth').set(7)
      const latency = telltale.histogram('page.latency', { unit: 'ms' })
      for (let i = 1; i <= 1000; i++) latency.record(i)
      await telltale.withTaskMetrics('search', async (task) => task.step('found'), {
        metricAttributes: ['kind'],
        attributes: { kind: 'x' },
      })
      await telltale.withTaskMetrics('search', () => Promise.reject(new TypeError('no'))).catch(() => {})
      telltale.counter('page.clicks').add(-1)
      telltale.gauge('page.depth').set(Number.NaN)
      await telltale.flush()
      return telltale.stats()
    })
    const own = 2 // session.start and page.viewed
    expect(stats).toEqual({
      recorded: own + 2 + 500 + 1000 + 1 + 1000 + 2 + 2,
      acked: own + 2 + 500 + 1000 + 1 + 1000 + 2,
      rejected: 0,
      buffered: 0,
      dropped: { negative_value: 1, not_finite: 1 },
    })
    expect(await count('added')).toBe(500)
    const tags = { 'user.id': 'u1', 'org.id': 'acme', at: '1970-01-01T00:00:00.000Z', big: `${2n ** 60n}` }
    expect(await events('added', Object.keys(tags))).toMatchObject([{ value: 500, tags }])
    expect(await events('added', ['list'])).toMatchObject([{ value: 500, tags: { list: null } }])
    expect(await sumOf(reader, 'page.clicks')).toBe(2000)
    expect(await sumOf(reader, 'page.latency')).toBe(500_500)
    expect(await quantile('page.latency', 'p99')).toBeCloseTo(990, -1)
    expect(await sumOf(reader, 'task.execution.count')).toBe(2)
    expect(await events('page.viewed', ['url.path', 'page.referrer'])).toMatchObject([
      { tags: { 'url.path': '/cart' } },
    ])
    expect(problems).toEqual([])
  })

  test('flushes that follow each other leave nothing behind', async () => {
    const { page } = await open()
    const left = await page.evaluate(async () => {
      const buffered: number[] = []
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 400; i++) telltale.track('rounds', { text: 'x'.repeat(200) })
        await telltale.flush()
        buffered.push(telltale.stats().buffered)
      }
      return buffered
    })
    expect(left).toEqual([0, 0, 0, 0, 0])
    expect(await count('rounds')).toBe(2000)
  })

  test('is a journey: views over the History API and fragments, with referrer and time on page', async () => {
    const { page } = await open('/a')
    await page.evaluate(async () => {
      history.pushState(null, '', '/b?x=1')
      history.replaceState(null, '', '/b?x=2')
      location.hash = '#section'
      location.hash = '#/route?q=1'
      history.back()
      await new Promise((moved) => addEventListener('popstate', moved, { once: true }))
      await telltale.flush()
    })
    const views = await events('page.viewed', ['url.path', 'page.referrer'])
    expect(new Set(views.map(({ tags }) => `${tags['page.referrer']} → ${tags['url.path']}`))).toEqual(
      new Set(['null → /a', '/a → /b', '/b → /b#/route', '/b#/route → /b']),
    )
    expect(await count('page.left')).toBe(3)
    expect(await events('session.start', ['url.path'])).toMatchObject([{ value: 1, tags: { 'url.path': '/a' } }])
    expect(await events('page.viewed', [], 'sessions')).toMatchObject([{ value: 1 }])
  })

  test('ends after idle time, and the next session names it', async () => {
    serve({ sessionIdleMs: 1000 })
    const { page } = await open()
    await page.waitForTimeout(1200)
    await page.evaluate(async () => {
      telltale.track('back')
      await telltale.flush()
    })
    const starts = await events('session.start', ['session.id', 'session.previous_id'])
    const [first, second] = starts.sort((a) => (a.tags['session.previous_id'] ? 1 : -1)).map(({ tags }) => tags)
    expect(starts.length).toBe(2)
    expect(second['session.previous_id']).toBe(first['session.id'])
    expect(await events('back', ['session.id'])).toMatchObject([{ tags: { 'session.id': second['session.id'] } }])
  })
})

async function quantile(metric: string, aggregation: string): Promise<number> {
  const time_range = { start: 'now-1h', end: 'now+1m' }
  const { body } = await postJson(reader, '/api/v1/metrics/query', { metric_name: metric, time_range, aggregation })
  return (body as { data: Row[] }).data[0].value
}

describe('nothing is lost', () => {
  test('when the page is reloaded and closed at once', async () => {
    const { page } = await open()
    for (let i = 0; i < 5; i++) {
      await page.evaluate(() => {
        for (let n = 0; n < 20; n++) telltale.track('hurried', { n })
        telltale.counter('hurried.count').add(20)
        location.reload()
      })
      await page.waitForLoadState('load')
      await page.waitForFunction(() => 'telltale' in globalThis)
    }
    await page.evaluate(() => telltale.track('hurried'))
    await page.close({ runBeforeUnload: true })
    await expect.poll(() => count('hurried'), eventually).toBe(101)
    await expect.poll(() => sumOf(reader, 'hurried.count'), eventually).toBe(100)
    await expect.poll(() => count('page.left'), eventually).toBe(6)
    expect(await events('hurried', [], 'sessions')).toMatchObject([{ value: 1 }])
  })

  test('while the collector is away, through a reload and the end of the page', async () => {
    const { page } = await open('/', [failed])
    await page.evaluate(() => telltale.flush())
    await collector.end('SIGKILL')
    const before = await page.evaluate(async () => {
      for (let n = 0; n < 300; n++) telltale.track('stored', { n, text: 'x'.repeat(300) })
      await new Promise((later) => setTimeout(later, 500))
      return telltale.stats()
    })
    expect(before.buffered).toBe(300)
    await page.reload()
    await page.evaluate(() => telltale.track('stored'))
    await page.waitForTimeout(300)
    expect(await stored(page)).toBeGreaterThan(4)
    await page.close()
    await collector.start()
    const { page: next } = await open('/', [failed])
    await expect.poll(() => count('stored'), eventually).toBe(301)
    await expect.poll(() => stored(next), eventually).toBe(0)
    expect(await count('stored')).toBe(301)
    expect(await count('page.viewed')).toBe(3)
  })

  test('when the network comes back, with no page in between', async () => {
    const { page } = await open('/', [failed])
    await context.setOffline(true)
    await page.evaluate(() => {
      for (let n = 0; n < 50; n++) telltale.track('tunnel', { n })
    })
    await page.waitForTimeout(400)
    await context.setOffline(false)
    await expect.poll(() => count('tunnel'), eventually).toBe(50)
    await expect.poll(() => page.evaluate(() => telltale.stats().buffered), eventually).toBe(0)
    expect((await page.evaluate(() => telltale.stats())).dropped).toEqual({})
  })

  test('in two tabs: one session, exact sums, and each batch once on the wire after an outage', async () => {
    const sent: string[] = []
    context.on('requestfinished', (request) => {
      if (request.url().includes('/v1/rows')) sent.push(JSON.parse(request.postData() ?? '{}').batch_id)
    })
    const tabs = [await open('/one', [failed]), await open('/two', [failed])].map(({ page }) => page)
    await Promise.all(tabs.map((page) => page.evaluate(() => telltale.flush())))
    await context.setOffline(true)
    for (const page of tabs) {
      await page.evaluate(async () => {
        for (let n = 0; n < 100; n++) {
          telltale.track('tabbed', { n })
          telltale.counter('tabbed.count').add(1)
          if (n % 20 === 0) await new Promise((later) => setTimeout(later, 120))
        }
      })
    }
    await tabs[0].waitForTimeout(700)
    sent.length = 0
    await context.setOffline(false)
    await expect.poll(() => count('tabbed'), eventually).toBe(200)
    for (const page of tabs) {
      await expect.poll(() => page.evaluate(() => telltale.stats().buffered), eventually).toBe(0)
      const { recorded, acked } = await page.evaluate(() => telltale.stats())
      expect(acked).toBe(recorded)
    }
    expect(await sumOf(reader, 'tabbed.count')).toBe(200)
    expect(await events('tabbed', [], 'sessions')).toMatchObject([{ value: 1 }])
    expect(sent.length).toBe(new Set(sent).size)
  })

  test('over the back/forward cache, and the SDK does not keep pages out of it', async () => {
    const { page } = await open('/first')
    let restored: { kept: boolean; reasons: string } = { kept: false, reasons: 'null' }
    let trips = 0
    // Browsers short of memory drop pages for reasons that they mask; anything else would be ours.
    while (!restored.kept && /^null$|"masked"/.test(restored.reasons) && trips < 4) {
      trips++
      await page.evaluate(() => {
        Object.assign(globalThis, { kept: true })
        telltale.track('cached')
      })
      await page.goto(`${site.url.replace('127.0.0.1', 'localhost')}/second`)
      await page.waitForTimeout(300)
      await page.goBack({ waitUntil: 'commit' })
      await page.waitForFunction(() => 'telltale' in globalThis)
      restored = await page.evaluate(() => {
        const [entry] = performance.getEntriesByType('navigation') as { notRestoredReasons?: unknown }[]
        return { kept: 'kept' in globalThis, reasons: JSON.stringify(entry.notRestoredReasons ?? null) }
      })
    }
    expect(restored).toEqual({ kept: true, reasons: 'null' })
    await page.evaluate(async () => {
      telltale.track('cached')
      await telltale.flush()
    })
    await expect.poll(() => count('cached'), eventually).toBe(trips + 1)
    expect(await page.evaluate(() => telltale.stats().buffered)).toBe(0)
    const views = async () =>
      (await events('page.viewed', ['url.path'])).map(({ tags, value }) => [tags['url.path'], value])
    await expect.poll(views, eventually).toEqual([
      ['/first', trips + 1],
      ['/second', trips],
    ])
  })
})

/** Batches in IndexedDB, over all databases of the page's origin. */
function stored(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let batches = 0
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((opened) => {
        const request = indexedDB.open(name ?? '')
        request.onsuccess = () => opened(request.result)
      })
      batches += await new Promise<number>((counted) => {
        const request = db.transaction('batches').objectStore('batches').count()
        request.onsuccess = () => counted(request.result)
      })
      db.close()
    }
    return batches
  })
}
