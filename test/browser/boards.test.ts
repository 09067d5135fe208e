/**
 * Boards as people meet them: built from nothing by touch and by keys alone, restored, embedded elsewhere for one tenant, saved
 * as a file that opens; and what they must not do: jump while they load, or be too small for a thumb.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Kind } from '@telltale/protocol'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { get, postJson, sampleBatch, sendBatch, type Target } from '../support/batches.js'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'
import { openPdf } from '../support/pdf.js'
import { Site } from '../support/site.js'

let browser: Browser
let collector: CollectorProcess
let admin: Target
const pages: Page[] = []
const metric = 'orders.paid'

interface Board {
  id: string
  version: number
  name: string
  widgets: {
    id: string
    type: string
    position: { x: number; y: number; w: number; h: number }
    layouts?: { '1'?: { y: number } }
    config: { title?: string; metric?: string }
  }[]
}

beforeAll(async () => {
  ;[browser, collector] = await Promise.all([launch(), CollectorProcess.start(['--local-viewer'])])
  admin = { url: collector.url, key: await collector.createKey('admin') }
  const ingest = await collector.createKey('ingest')
  const nowMs = Date.now()
  const rows = ['acme', 'globex'].flatMap((org, i) =>
    Array.from({ length: 20 }, (_, at) => ({
      ...{ metric, kind: Kind.counter, value: i === 0 ? 3 : 700, timeMs: nowMs - at * 30_000 },
      attributes: { 'org.id': org, country: at % 2 === 0 ? 'NL' : 'JP' },
    })),
  )
  await sendBatch({ url: collector.url, key: ingest }, sampleBatch(rows))
})
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()))
})
afterAll(async () => {
  await browser?.close()
  await collector?.dispose()
})

async function open(url: string, options: BrowserContextOptions = {}, expected: RegExp[] = []) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  pages.push(page)
  const problems = watchProblems(page, expected)
  await page.goto(url.startsWith('/') ? collector.url + url : url)
  return { page, problems }
}

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const inBoard = (page: Page, selector: string) => page.locator(`metric-dashboard >> ${selector}`)
const stored = async (id: string) => (await get(admin, `/api/v1/dashboards/${id}`)).body as Board
const chart = (id: string, x: number, config: object = {}) => ({
  ...{ id, type: 'chart', position: { x, y: 0, w: 6, h: 4 } },
  config: { title: `Chart ${id}`, metric, aggregation: 'sum', group_by: ['org.id'], ...config },
})

async function make(name: string, widgets: object[] = [chart('a', 0), chart('b', 6)]): Promise<Board> {
  const { status, body } = await postJson(admin, '/api/v1/dashboards', { name, widgets })
  expect(status).toBe(201)
  return body as Board
}

/** The id of the board that the page has just made. */
async function madeId(page: Page): Promise<string> {
  await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}/)
  return new URL(page.url()).pathname.split('/').pop() as string
}

test('built from nothing by touch on a phone, and there after a reload', async () => {
  const { page, problems } = await open('/dashboards', phone)
  await page.getByRole('button', { name: 'New dashboard' }).tap()
  const id = await madeId(page)
  await inBoard(page, '.blank .action').tap()
  await inBoard(page, '.tile').first().tap()
  await inBoard(page, '.panel input').first().fill('Paid')
  await inBoard(page, '.panel-head .tool').tap()
  await inBoard(page, '.toolbar .add').tap()
  await inBoard(page, '.tile').nth(1).tap()
  await expect.poll(() => inBoard(page, '.item').count()).toBe(2)
  await inBoard(page, '.panel-head .tool').tap()
  // The first goes below the second.
  await expect.poll(async () => (await stored(id)).widgets.length).toBe(2)
  const [first, second] = (await stored(id)).widgets
  const height = await inBoard(page, '.item')
    .nth(1)
    .evaluate((item) => item.getBoundingClientRect().height)
  await inBoard(page, '.item .grip').first().scrollIntoViewIfNeeded()
  const grip = (await inBoard(page, '.item .grip').first().boundingBox())!
  const client = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', dy: number) =>
    client.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: type === 'touchEnd' ? [] : [{ x: grip.x + 60, y: grip.y + 14 + dy }],
    })
  await touch('touchStart', 0)
  for (let step = 1; step <= 8; step++) await touch('touchMove', (step / 8) * height)
  await touch('touchEnd', 0)
  await inBoard(page, '.toggle').tap()
  const narrow = async () => (await stored(id)).widgets.map(({ layouts }) => layouts?.['1']?.y)
  await expect.poll(async () => (await narrow())[0]).toBeGreaterThan(0)
  expect([first.type, second.type]).toEqual(['chart', 'card'])
  await page.reload()
  await inBoard(page, '.item >> nth=1').waitFor()
  const order = await inBoard(page, '.item').evaluateAll((items) =>
    items.map((item) => (item as HTMLElement).dataset.id),
  )
  expect(order).toEqual([second.id, first.id])
  expect(problems).toEqual([])
})

/** Tab until it has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let press = 0; press < 80; press++) {
    const isThere = await target.evaluate((element) => (element.getRootNode() as ShadowRoot).activeElement === element)
    if (isThere) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${target}`)
}

test('built from nothing by keys alone, and there after a reload', async () => {
  const { page, problems } = await open('/dashboards')
  await tabTo(page, page.getByRole('button', { name: 'New dashboard' }))
  await page.keyboard.press('Enter')
  const id = await madeId(page)
  for (const nth of [0, 1]) {
    await tabTo(page, inBoard(page, nth === 0 ? '.blank .action' : '.toolbar .add'))
    await page.keyboard.press('Enter')
    await tabTo(page, inBoard(page, '.tile').nth(nth))
    await page.keyboard.press('Enter')
    await expect.poll(() => inBoard(page, '.item').count()).toBe(nth + 1)
  }
  await tabTo(page, inBoard(page, '.panel input').first())
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Paid in all')
  await tabTo(page, inBoard(page, '.item .grip').nth(1))
  for (const key of ['Space', 'ArrowUp', 'ArrowRight', 'Shift+ArrowRight', 'Space']) await page.keyboard.press(key)
  await tabTo(page, inBoard(page, '.toggle'))
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await stored(id)).widgets[1]?.config.title).toBe('Paid in all')
  await expect.poll(async () => (await stored(id)).widgets[1]?.position.w).toBe(4)
  await page.reload()
  await expect.poll(() => inBoard(page, 'metric-card').count()).toBe(1)
  expect(problems).toEqual([])
})

test('an older version is looked at, restored, and the restoring undone', async () => {
  const { id, version } = await make('As it was')
  const changed = await stored(id)
  const put = await fetch(`${collector.url}/api/v1/dashboards/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${admin.key}`, 'content-type': 'application/json', 'if-match': `"${version}"` },
    body: JSON.stringify({ ...changed, name: 'As it is', widgets: [changed.widgets[0]] }),
  })
  expect(put.status).toBe(200)
  const { page, problems } = await open(`/dashboards/${id}`)
  await inBoard(page, '.toolbar .more').click()
  await page.getByRole('menuitem', { name: 'Version history' }).click()
  await expect
    .poll(() => inBoard(page, '.version .what').allTextContents())
    .toEqual(['Removed Chart b · Renamed', 'Made'])
  await inBoard(page, '.version').nth(1).click()
  await expect.poll(() => inBoard(page, '.item').count()).toBe(2)
  expect((await stored(id)).widgets).toHaveLength(1)
  await inBoard(page, 'div.past .primary').click()
  await expect.poll(async () => (await stored(id)).widgets.length).toBe(2)
  await inBoard(page, 'div.past .action').click()
  await expect.poll(async () => (await stored(id)).name).toBe('As it is')
  expect(problems).toEqual([])
})

test('in a page of another origin a token for one org sees that org alone, in every widget and file', async () => {
  const widgets = [
    chart('a', 0),
    { ...chart('b', 6, { metric: 'hidden.metric', group_by: [] }) },
    {
      ...{ id: 't', type: 'table', position: { x: 0, y: 4, w: 12, h: 4 } },
      config: { metric, aggregation: 'sum', group_by: ['org.id'] },
    },
  ]
  const { id } = await make('Embedded', widgets)
  const made = await postJson(admin, '/api/v1/embed-tokens', {
    ...{ metrics: ['orders.*'], filters: { 'org.id': 'acme' }, dashboards: [id] },
  })
  const { token } = made.body as { token: string }
  const site = await Site.start()
  site.set('/', {
    body: `<!doctype html><title>Host</title><link rel="icon" href="data:,"><script type="module" src="${collector.url}/widgets.js"></script>
      <metric-provider endpoint="${collector.url}" token="${token}"><metric-dashboard dashboard="${id}" editable></metric-dashboard></metric-provider>`,
  })
  try {
    const { page } = await open(site.url, {}, [/status of 40[34]/])
    await expect.poll(() => inBoard(page, 'metric-table tbody').textContent()).toContain('acme')
    await expect.poll(() => inBoard(page, '.item[data-id=b] >> .state').textContent()).toContain('does not cover')
    const text = await page.evaluate(() => {
      const words = (node: Element | ShadowRoot): string =>
        [...node.children].map((child) => (child.shadowRoot ? words(child.shadowRoot) : '') + words(child)).join(' ') +
        [...node.childNodes].map((child) => (child.nodeType === 3 ? child.textContent : '')).join('')
      return words(document.body)
    })
    expect(text).not.toContain('globex')
    const csv = await page.evaluate(async () => {
      const table = document
        .querySelector('metric-dashboard')!
        .shadowRoot!.querySelector('metric-table') as HTMLElement & {
        export(format: string): Promise<Blob>
      }
      return (await table.export('csv')).text()
    })
    expect(csv).toContain('acme')
    expect(csv).not.toContain('globex')
    // The token may not change the board, whatever the page lets its reader try.
    const put = await fetch(`${collector.url}/api/v1/dashboards/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'mine now' }),
    })
    expect(put.status).toBe(403)
  } finally {
    await site.close()
  }
})

test('is saved as a PDF from its menu, which opens to its picture', async () => {
  const { id } = await make('Für den Bericht')
  const { page, problems } = await open(`/dashboards/${id}`)
  await expect.poll(() => inBoard(page, 'metric-chart canvas').count()).toBe(2)
  await inBoard(page, '.toolbar .more').first().click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as PDF' }).click(),
  ])
  const pdf = openPdf(readFileSync(await download.path()))
  expect(pdf).toMatchObject({ title: 'Für den Bericht', pages: 1 })
  expect(pdf.image.width).toBeGreaterThan(2000)
  // White paper alone would be one.
  expect(pdf.image.colors).toBeGreaterThan(50)
  expect(problems).toEqual([])
})

test('an annotation that is made on the board stands in the collector', async () => {
  const { id } = await make('Annotated')
  const { page, problems } = await open(`/dashboards/${id}`)
  await expect.poll(() => inBoard(page, 'metric-chart canvas').count()).toBe(2)
  await inBoard(page, '.toolbar .more').first().click()
  await page.getByRole('menuitem', { name: 'Annotate' }).click()
  await inBoard(page, 'form.form').waitFor()
  const plot = (await inBoard(page, 'metric-chart .plot').first().boundingBox())!
  await page.mouse.click(plot.x + plot.width * 0.9, plot.y + plot.height / 2)
  await page.getByLabel('What happened').fill('Deploy 1.4')
  await page.getByRole('button', { name: 'Add annotation' }).click()
  await inBoard(page, '.notes li').waitFor()
  const { data } = (await get(admin, '/api/v1/annotations')).body as { data: { title: string; time: string }[] }
  expect(data.map(({ title }) => title)).toEqual(['Deploy 1.4'])
  // Where the click was, not now.
  expect(Date.now() - Date.parse(data[0].time)).toBeGreaterThan(60_000)
  expect(problems).toEqual([])
})

test('what the widgets of a board ask goes out as one request', async () => {
  const config = { metric, aggregation: 'sum' }
  const kinds = ['card', 'card', 'card', 'table', 'heatmap', 'bar', 'chart']
  const { id } = await make(
    'Together',
    kinds.map((type, i) => ({
      ...{ id: `w${i}`, type, position: { x: (i % 4) * 3, y: i < 4 ? 0 : 4, w: 3, h: 4 } },
      config: { ...config, title: `Widget ${i}`, ...(type === 'table' ? { group_by: ['org.id'] } : {}) },
    })),
  )
  const { page, problems } = await open('about:blank')
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (request.method() === 'POST' && pathname.startsWith('/api/v1/metrics/')) asked.push(pathname)
  })
  await page.goto(`${collector.url}/dashboards/${id}`)
  await expect.poll(() => inBoard(page, 'metric-card .value').count()).toBe(3)
  await expect.poll(() => inBoard(page, 'metric-table tbody tr').count()).toBeGreaterThan(0)
  expect(asked.slice(0, 1)).toEqual(['/api/v1/metrics/batch'])
  // A reader's first look; later rounds are asked every few seconds.
  expect(asked.length).toBeLessThanOrEqual(2)
  expect(problems).toEqual([])
})

const still = () =>
  make('Still', [
    chart('a', 0),
    chart('b', 6),
    { ...chart('c', 0), type: 'card', position: { x: 0, y: 4, w: 4, h: 3 } },
  ])

test.each([
  ['wide', { viewport: { width: 1280, height: 900 } }],
  ['narrow', phone],
])('%s: nothing jumps while a board loads', async (_, options) => {
  const { id } = await still()
  const site = await Site.start()
  site.set('/', {
    body: `<!doctype html><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><script type="module" src="${collector.url}/widgets.js"></script>
      <metric-provider endpoint="${collector.url}" token="${admin.key}"><metric-dashboard dashboard="${id}" editable></metric-dashboard></metric-provider>`,
  })
  try {
    const { page, problems } = await open('about:blank', options)
    await page.addInitScript(`globalThis.shifts = 0
      new PerformanceObserver((list) => { for (const { value } of list.getEntries()) globalThis.shifts += value })
        .observe({ type: 'layout-shift', buffered: true })`)
    await page.goto(site.url)
    await expect.poll(() => inBoard(page, 'metric-card .value').textContent()).toMatch(/\d/)
    await expect.poll(() => inBoard(page, 'metric-chart canvas').count()).toBe(2)
    await page.evaluate(() => new Promise((later) => requestAnimationFrame(() => requestAnimationFrame(later))))
    expect(await page.evaluate('globalThis.shifts')).toBeLessThan(0.02)
    expect(problems).toEqual([])
  } finally {
    await site.close()
  }
})

test.each([
  ['wide', { viewport: { width: 1280, height: 900 } }],
  ['on a phone', phone],
])('%s: axe finds nothing, and each target is large enough', async (_, options) => {
  const { id } = await still()
  const { page, problems } = await open(`/dashboards/${id}`, options)
  await expect.poll(() => inBoard(page, 'metric-card .value').textContent()).toMatch(/\d/)
  await page.evaluate(axe.source)
  const found = () =>
    page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document)
      return violations.map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html).join(' ')}`)
    })
  expect(await found()).toEqual([])
  await inBoard(page, '.toggle').click()
  await inBoard(page, '.item .grip').first().waitFor()
  expect(await found()).toEqual([])
  const leastPx = options === phone ? 43.5 : 23.5
  const small = await inBoard(page, '.toolbar button, .handles button').evaluateAll(
    (buttons, least) =>
      buttons.flatMap((button) => {
        const { width, height } = button.getBoundingClientRect()
        return width === 0 || Math.min(width, height) >= least ? [] : [`${button.className} ${width}×${height}`]
      }),
    leastPx,
  )
  expect(small).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
  expect(problems).toEqual([])
})

test('the example that writes a board in code makes one that opens', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['examples/boards/task-runs.mjs', collector.url], {
    env: { ...process.env, TELLTALE_API_KEY: admin.key },
  })
  const { page, problems } = await open(stdout.trim())
  await expect.poll(() => inBoard(page, '.item').count()).toBe(6)
  expect(problems).toEqual([])
})
