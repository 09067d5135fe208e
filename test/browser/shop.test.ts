/** The example of a page that measures itself, served as it is: visits, clicks, errors and searches reach the collector. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postJson, sumOf } from '../support/batches.js'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'
import { Site } from '../support/site.js'

let browser: Browser
let collector: CollectorProcess
let site: Site

beforeAll(async () => {
  collector = await CollectorProcess.start()
  site = await Site.start()
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
  await collector?.dispose()
})

test('examples/browser: what people do is counted, and shown in the page itself, under its policy', async () => {
  const keys = {
    INGEST: await collector.createKey('ingest', 'default', true),
    READ: await collector.createKey('read'),
  }
  const file = (name: string) => readFileSync(join('examples/browser', name), 'utf8')
  const html = file('index.html')
    .replaceAll('http://127.0.0.1:8000', collector.url)
    .replaceAll('ws://127.0.0.1:8000', collector.url.replace('http', 'ws'))
    .replace('data-api-key="INGEST"', `data-api-key="${keys.INGEST}"`)
    .replace('token="READ"', `token="${keys.READ}"`)
  site.set('/', { body: html })
  site.set('/shop.js', { body: file('shop.js'), type: 'text/javascript' })
  site.set('/shop.css', { body: file('shop.css'), type: 'text/css' })
  site.set('/favicon.ico', { body: '' })

  const page = await browser.newPage()
  const problems = watchProblems(page, [/the shop is closed/])
  await page.goto(`${site.url}/`)
  await page.getByText('Hats').click()
  await expect.poll(() => page.textContent('#title')).toBe('hats')
  for (let i = 0; i < 3; i++) await page.click('#add')
  await page.click('#search')
  await page.click('#fail')

  const target = { url: collector.url, key: await collector.createKey('admin') }
  const tagged = async (event: string, tag: string) => {
    const time_range = { start: 'now-1h', end: 'now+1m' }
    const question = { kind: 'trend', event, measure: 'count', group_by: [tag], time_range }
    const { body } = await postJson(target, '/api/v1/events/query', question)
    const { data } = body as { data: { value: number; tags: Record<string, string> }[] }
    return Object.fromEntries(data.map(({ value, tags }) => [tags[tag], value]))
  }
  const eventually = { timeout: 15_000, interval: 100 }
  await expect.poll(() => tagged('cart.changed', 'item'), eventually).toEqual({ hats: 3 })
  await expect.poll(() => tagged('cart.changed', 'user.id'), eventually).toEqual({ 'visitor-1': 3 })
  await expect.poll(() => sumOf(target, 'cart.added'), eventually).toBe(3)
  await expect.poll(() => sumOf(target, 'task.execution.count'), eventually).toBe(1)
  await expect.poll(() => sumOf(target, 'browser.errors'), eventually).toBe(1)
  // The page shows what the collector has of it, and its own books agree.
  const errors = page.locator('metric-card[metric="browser.errors"] .value')
  await expect.poll(() => errors.textContent(), { timeout: 30_000 }).toBe('1')
  const books = JSON.parse((await page.textContent('#books')) ?? '{}')
  expect(books.dropped).toEqual({})
  expect(problems).toEqual([])
})
