/** The app, as people use it: boards built by mouse, by touch and by keys; two tabs; a link; an embed in another page. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'

let browser: Browser
let collector: CollectorProcess
let key: string
const pages: Page[] = []

beforeAll(async () => {
  ;[browser, collector] = await Promise.all([launch(), CollectorProcess.start(['--demo', '--local-viewer'])])
  key = await collector.createKey('admin')
})
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()))
})
afterAll(async () => {
  await browser?.close()
  await collector?.dispose()
})

async function open(path: string, options: BrowserContextOptions = {}, expected: RegExp[] = []) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  pages.push(page)
  const problems = watchProblems(page, expected)
  await page.goto(path.startsWith('http') ? path : collector.url + path)
  return { page, problems }
}

interface Board {
  id: string
  name: string
  version: number
  is_public: boolean
  public_link: string | null
  widgets: { id: string; type: string; position: { x: number; y: number; w: number; h: number }; config: object }[]
}

async function api<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(collector.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  expect(response.ok, `${method} ${path}`).toBe(true)
  return (await response.json()) as T
}

const metric = 'task.execution.duration'
const board = (name: string) =>
  api<Board>('POST', '/api/v1/dashboards', {
    name,
    widgets: ['a', 'b'].map((id, i) => ({
      id,
      type: 'chart',
      position: { x: i * 6, y: 0, w: 6, h: 4 },
      config: { title: `Chart ${id}`, metric, aggregation: 'p95' },
    })),
  })
const stored = (id: string) => api<Board>('GET', `/api/v1/dashboards/${id}`)
const inBoard = (page: Page, selector: string) => page.locator(`metric-dashboard >> ${selector}`)

async function edit(page: Page): Promise<void> {
  await inBoard(page, '.toggle').click()
  await inBoard(page, '.toolbar .add').waitFor()
}

describe('a dashboard', () => {
  test('is built from nothing by mouse, and is there after a reload', async () => {
    const { page, problems } = await open('/dashboards')
    await page.getByRole('button', { name: 'New dashboard' }).click()
    await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}/)
    const id = page.url().split('/').pop() as string
    await inBoard(page, '.blank .action').click()
    await inBoard(page, '.tile').first().click()
    await inBoard(page, '.item').waitFor()
    await inBoard(page, '.panel input').first().fill('Durations')
    await inBoard(page, '.toolbar input.name').fill('Mine')
    await inBoard(page, '.toolbar .add').click()
    await inBoard(page, '.tile').nth(1).click()
    await expect.poll(() => inBoard(page, '.item').count()).toBe(2)
    await inBoard(page, '.panel-head .tool').click()
    // The number goes to the right of the chart.
    const grip = await inBoard(page, '.item .grip').nth(1).boundingBox()
    await page.mouse.move(grip!.x + 30, grip!.y + 12)
    await page.mouse.down()
    await page.mouse.move(grip!.x + 500, grip!.y - 100, { steps: 6 })
    await page.mouse.move(grip!.x + 900, grip!.y - 320, { steps: 6 })
    await page.mouse.up()
    await inBoard(page, '.toggle').click()
    await expect.poll(async () => (await stored(id)).widgets.length).toBe(2)
    await expect.poll(async () => (await stored(id)).name).toBe('Mine')
    const [chart, card] = (await stored(id)).widgets
    expect([chart.config, card.position.y]).toMatchObject([{ title: 'Durations' }, 0])
    await page.reload()
    await inBoard(page, 'metric-card').waitFor()
    expect(await inBoard(page, '.item').count()).toBe(2)
    expect(problems).toEqual([])
  })

  test('is arranged by keys', async () => {
    const { id } = await board('Keys')
    const { page, problems } = await open(`/dashboards/${id}`)
    await edit(page)
    await inBoard(page, '.item[data-id=a] .grip').focus()
    for (const press of ['Space', 'ArrowRight', 'ArrowRight', 'Shift+ArrowDown', 'Space'])
      await page.keyboard.press(press)
    await expect.poll(async () => (await stored(id)).widgets.find((widget) => widget.id === 'a')?.position.h).toBe(5)
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await stored(id)).widgets.find((widget) => widget.id === 'a')?.position.h).toBe(4)
    expect(problems).toEqual([])
  })

  test('is arranged by touch, on a phone, without moving the wide board', async () => {
    const { id, widgets } = await board('Touch')
    const { page, problems } = await open(`/dashboards/${id}`, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
    await inBoard(page, '.toggle').tap()
    const grip = await inBoard(page, '.item[data-id=a] .grip').boundingBox()
    const client = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y: number) =>
      client.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: grip!.x + 60, y: grip!.y + 14 + y }],
      })
    await touch('touchStart', 0)
    for (const y of [60, 120, 180, 230, 260]) await touch('touchMove', y)
    await touch('touchEnd', 0)
    type Layouts = { layouts?: { '1'?: { y: number } } }
    const narrowY = async () =>
      ((await stored(id)).widgets.find((widget) => widget.id === 'a') as Layouts).layouts?.['1']?.y
    await expect.poll(narrowY).toBe(4)
    expect((await stored(id)).widgets.map(({ position }) => position)).toEqual(widgets.map(({ position }) => position))
    const overflows = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect([overflows, problems]).toEqual([false, []])
  })

  test('two tabs: different widgets are merged, the same one is asked about', async () => {
    const { id } = await board('Two tabs')
    const conflict = [/status of 412/]
    const [{ page: one, problems }, { page: two }] = await Promise.all([
      open(`/dashboards/${id}`, {}, conflict),
      open(`/dashboards/${id}`, {}, conflict),
    ])
    const rename = async (page: Page, widget: string, title: string) => {
      await inBoard(page, `.item[data-id=${widget}]`).hover()
      await inBoard(page, `.item[data-id=${widget}] .act`).first().click()
      await inBoard(page, '.panel input').first().fill(title)
    }
    const titles = async () => (await stored(id)).widgets.map(({ config }) => (config as { title: string }).title)
    await Promise.all([edit(one), edit(two)])
    await rename(one, 'a', 'One')
    await expect.poll(titles).toEqual(['One', 'Chart b'])
    await rename(two, 'b', 'Two')
    await expect.poll(titles).toEqual(['One', 'Two'])
    await rename(two, 'a', 'Mine')
    await expect.poll(titles).toEqual(['Mine', 'Two'])
    await rename(one, 'a', 'Theirs')
    await inBoard(one, 'div.conflict').waitFor()
    await inBoard(one, 'div.conflict .action').first().click()
    await expect.poll(() => inBoard(one, '.saved').textContent()).toBe('Saved')
    expect(await titles()).toEqual(['Mine', 'Two'])
    expect(problems).toEqual([])
  })

  test('is shared by a link, which ends when it is taken back', async () => {
    const { id } = await board('Shared')
    const { page } = await open(`/dashboards/${id}`)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByLabel('Whoever has the link may look').check()
    await expect.poll(async () => (await stored(id)).public_link).not.toBeNull()
    const link = `/public/${(await stored(id)).public_link}`
    const { page: guest, problems } = await open(link)
    await inBoard(guest, 'metric-chart').first().waitFor()
    expect(await inBoard(guest, '.toggle').count()).toBe(0)
    await page.getByLabel('Whoever has the link may look').uncheck()
    await expect.poll(async () => (await stored(id)).public_link).toBeNull()
    expect(problems).toEqual([])
    const { page: late } = await open(link, {}, [/status of 404/])
    await late.getByText('not shared').waitFor()
  })

  test('works in a page of another origin, with a token for one board and one tenant', async () => {
    const { id } = await board('Embedded')
    const { token } = await api<{ token: string }>('POST', '/api/v1/embed-tokens', {
      metrics: ['task.*'],
      filters: { 'task.type': 'email.send' },
      dashboards: [id],
    })
    const site =
      await serve(`<!doctype html><title>Host</title><script type="module" src="${collector.url}/widgets.js"></script>
      <metric-provider endpoint="${collector.url}" token="${token}"><metric-dashboard dashboard="${id}"></metric-dashboard></metric-provider>`)
    try {
      const { page, problems } = await open(site.url, {}, [/favicon/])
      await inBoard(page, 'metric-chart').first().waitFor()
      const pdf = await page.evaluate(async () => {
        const element = document.querySelector('metric-dashboard') as HTMLElement & {
          export(format: string): Promise<Blob>
        }
        return (await (await element.export('pdf')).text()).slice(0, 8)
      })
      expect([pdf, problems]).toEqual(['%PDF-1.7', []])
    } finally {
      await site.close()
    }
  })
})

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
