/** Every chart tag on one page, under a strict policy, over a collector in the page: no violation, and an hour of streaming that leaves no memory behind. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../support/browser.js'

/** Given by the development page. */
declare const collector: { tick(): void }

let server: Server
let browser: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  const { serve } = await import(new URL('../../packages/widgets/dev/serve.mjs', import.meta.url).href)
  server = await serve(0)
  browser = await launch()
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction(() => document.querySelector('#latency')?.shadowRoot?.querySelector('.key'))
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value
}

/** So many seconds go by at once; a frame is drawn once in half a minute. */
function passSeconds(seconds: number): Promise<void> {
  return page.evaluate(async (count) => {
    const now = Date.now
    let ahead = 0
    Date.now = () => now() + ahead
    for (let second = 0; second < count; second++) {
      ahead += 1000
      collector.tick()
      if (second % 30 === 0) await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  }, seconds)
}

test('hands on a chart under a strict policy with Trusted Types: nothing is refused', async () => {
  const box = (await page.locator('#latency .plot').boundingBox())!
  const at = (x: number, y = 0.5) => page.mouse.move(box.x + box.width * x, box.y + box.height * y)
  await at(0.4)
  await at(0.5)
  await page.mouse.wheel(0, -300)
  await page.locator('#latency >> text=Reset zoom').waitFor()
  await page.mouse.down()
  await at(0.7)
  await page.mouse.up()
  await page.locator('#latency >> text=Reset zoom').click()
  await page.locator('range-picker button.pick').click()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).searchParams.get('range')).toBe('6h')
  await page.locator('range-picker button.pick').click()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  // The browser asks for an icon that this page does not have.
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
})

test('an hour of streaming leaves the heap as it was after five minutes', async () => {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await passSeconds(300)
  const early = await heapBytes(session)
  await passSeconds(3_300)
  const late = await heapBytes(session)
  expect(late / early).toBeLessThan(1.5)
})
