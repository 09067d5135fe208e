/** The pages of the app: at their addresses, by links, keys and the palette, for everybody, and what each lets one do. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'

const axe = readFileSync(resolve('node_modules/axe-core/axe.min.js'), 'utf8')
const routes = [
  ['/', 'Overview'],
  ['/dashboards', 'Dashboards'],
  ['/explore?metric=task.execution.duration', 'Explore'],
  ['/tasks?status=error&against=same', 'Task runs'],
  ['/catalogue?metric=task.execution.duration', 'Metrics'],
  ['/settings', 'Settings'],
] as const

let browser: Browser
let collector: CollectorProcess
let key: string
const pages: Page[] = []

beforeAll(async () => {
  ;[browser, collector] = await Promise.all([launch(), CollectorProcess.start(['--demo', '--local-viewer'])])
  key = await collector.createKey('admin')
  // A page holds still once it knows what there is to show.
  const wanted = ['task.queue.depth', 'visitors.active', 'order.revenue', 'http.server.request.duration']
  for (let known = ''; !wanted.every((name) => known.includes(`"${name}"`)); ) {
    await sleep(300)
    known = await (
      await fetch(`${collector.url}/api/v1/metrics`, { headers: { authorization: `Bearer ${key}` } })
    ).text()
  }
})
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()))
})
afterAll(async () => {
  await browser?.close()
  await collector?.dispose()
})

async function open(path: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  pages.push(page)
  const problems = watchProblems(page)
  await page.goto(collector.url + path)
  return { page, problems }
}

/** As whoever signed in with a key of the scope admin. */
async function openAsAdmin(path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  pages.push(page)
  await page.route('**/app/session', (route) => route.fulfill({ status: 403, body: '{}' }))
  await context.addInitScript((value) => sessionStorage.setItem('telltale.key', value), key)
  await page.goto(collector.url + path)
  return page
}

const shifts = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((done) => {
        new PerformanceObserver((list) => {
          const moved = list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]
          done(moved.reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0))
        }).observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => done(0), 200)
      }),
  )

describe('every page', () => {
  test.each(routes)('%s stands at its own address, wide and narrow, and holds still', async (path, title) => {
    for (const width of [1280, 390]) {
      const { page, problems } = await open(path, { viewport: { width, height: 844 } })
      await page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' })
      expect(await page.locator('.nav [aria-current]').count()).toBe(1)
      await page.waitForLoadState('networkidle')
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
      expect(await shifts(page)).toBeLessThan(0.1)
      expect(problems).toEqual([])
    }
  })

  test.each(routes)('%s is for everybody, in light and dark', async (path, title) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open(path, { colorScheme })
      await page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' })
      await page.waitForLoadState('networkidle')
      await page.evaluate(axe)
      const found = await page.evaluate(async () => {
        const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run()
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
      })
      expect(found).toEqual([])
    }
  })

  test('is reached by links, the back button, the palette and keys alone', async () => {
    const { page, problems } = await open('/')
    await page.getByRole('link', { name: 'Metrics', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Metrics' }).waitFor()
    await page.goBack()
    await expect.poll(() => page.locator('#board').isVisible()).toBe(true)
    for (const [name, path] of Object.entries({ explore: '/explore', 'task runs': '/tasks', settings: '/settings' })) {
      await page.keyboard.press('Control+k')
      await page.locator('#palette').getByRole('combobox').fill(name)
      await page.keyboard.press('Enter')
      await page.waitForURL(`**${path}*`)
    }
    // A place on the page, and back from it, draws nothing anew.
    await page.getByRole('link', { name: 'Storage' }).click()
    await page.waitForURL('**/settings#storage')
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Task runs' }).waitFor()
    expect(problems).toEqual([])
  })
})

describe('task runs', () => {
  const rows = (page: Page) => page.locator('#page task-table >> tr.run')
  /** Rows hold still under a focus. */
  const openRun = async (page: Page, at: number) => {
    await rows(page).nth(at).locator('.opener').focus()
    await page.keyboard.press('Enter')
  }

  test('are counted by facets, which filter; the address brings the view back', async () => {
    const { page, problems } = await open('/tasks?range=15m')
    const facet = page.locator('.facet', { hasText: 'Type' })
    await facet.getByRole('checkbox').first().waitFor()
    const type = (await facet.locator('.facet-name').first().textContent())!
    const box = facet.locator('label', { hasText: type }).getByRole('checkbox')
    await box.check()
    await page.waitForURL(`**/tasks?type=${type}*`)
    const names = () => rows(page).locator('.opener span').allTextContents()
    await expect.poll(async () => [...new Set(await names())]).toEqual([type])
    await page.reload()
    await expect.poll(async () => [...new Set(await names())]).toEqual([type])
    await expect.poll(() => box.isChecked()).toBe(true)
    await page.getByRole('searchbox', { name: 'Search' }).fill('no run says this')
    await page.locator('#page task-table >> [part=empty]').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await rows(page).first().waitFor()
    expect(problems).toEqual([])
  })

  test('one has an address; two are compared', async () => {
    const { page, problems } = await open('/tasks?range=15m')
    await openRun(page, 2)
    await page.waitForURL('**/tasks?*run=*')
    const address = page.url()
    await openRun(page, 0)
    await page.getByRole('button', { name: /^Compare/ }).click()
    await page
      .getByRole('region', { name: 'Runs' })
      .getByRole('row', { name: /^Duration/ })
      .waitFor()
    expect(await page.getByRole('region', { name: 'Runs' }).getByRole('columnheader').count()).toBe(3)
    await page.goto(address)
    await page.locator('#page task-table >> .detail').waitFor()
    expect(problems).toEqual([])
  })

  test('of two times stand beside each other, by type', async () => {
    const { page } = await open('/tasks?range=5m&against=same')
    const table = page.getByRole('region', { name: 'Comparison' })
    await table.getByRole('row').nth(1).waitFor()
    expect(await table.getByRole('columnheader').allTextContents()).toEqual([
      ...['Type', 'Runs', 'Success', 'Duration, p50', 'Duration, p95'],
    ])
  })
})

describe('a key of the scope admin', () => {
  test('makes keys, which are shown once and can be revoked, and tokens with a preview', async () => {
    const page = await openAsAdmin('/settings')
    const made = page.locator('#keys tbody tr')
    await made.first().waitFor()
    const before = await made.count()
    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByText('it is shown this once').waitFor()
    expect(await page.locator('.secret code').first().textContent()).toMatch(/^tt_ingest_/)
    await expect.poll(() => made.count()).toBe(before + 1)
    await made.last().getByRole('button').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await expect.poll(() => made.count()).toBe(before)
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.locator('#embed metric-chart').waitFor()
  })

  test('changes how long what is kept', async () => {
    const page = await openAsAdmin('/settings#retention')
    const part = page.locator('#retention')
    await part.getByRole('button', { name: 'Change the rules' }).click()
    await part.getByRole('textbox', { name: 'Prefix' }).fill('debug.')
    await part.getByRole('textbox', { name: 'As it came' }).fill('soon')
    await part.getByRole('button', { name: 'Save the rules' }).click()
    await part.getByRole('alert').waitFor()
    await part.getByRole('textbox', { name: 'As it came' }).fill('7d')
    await part.getByRole('button', { name: 'Save the rules' }).click()
    await part.getByRole('row', { name: /^debug\. 7d/ }).waitFor()
    await page.reload()
    await part.getByRole('row', { name: /^debug\. 7d/ }).waitFor()
  })

  test('defines a metric, computes one from others, and deletes it', async () => {
    const page = await openAsAdmin('/catalogue?metric=order.revenue')
    await page.getByRole('button', { name: 'Define it' }).click()
    await page.getByLabel('Description').fill('What was paid')
    await page.getByRole('button', { name: 'Define', exact: true }).click()
    await page.locator('.defined').getByText('Version').waitFor()
    await page.getByRole('button', { name: 'Compute a metric' }).click()
    await page.getByLabel('Name').fill('revenue.double')
    await page.getByLabel('Formula').fill('order.revenue *')
    await page.getByRole('button', { name: 'Define', exact: true }).click()
    await page.locator('.definition').getByRole('alert').waitFor()
    await page.getByLabel('Formula').fill('order.revenue * 2')
    await page.getByRole('button', { name: 'Define', exact: true }).click()
    await page.locator('.defined').getByText('order.revenue * 2').waitFor()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'revenue.double' }).count()).toBe(0)
  })
})
