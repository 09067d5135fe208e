/** Every tag under a strict policy with Trusted Types, in Chromium: drawn, used and exported without a violation. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from '../../packages/widgets/dev/serve.mjs'
import { launch, watchProblems } from '../support/browser.js'

let browser: Browser
let server: Server
beforeAll(async () => {
  server = await serve()
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

test.each(['light', 'dark'] as const)('%s: no violation, whatever is done', async (colorScheme) => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme })
  const problems = watchProblems(page, [/Lit is in dev mode/])
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`violation: ${event.violatedDirective}`),
    )
  })
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  for (const tag of ['metric-bar', 'metric-pie', 'metric-gauge', 'metric-heatmap', 'metric-table', 'metric-explorer']) {
    const element = page.locator(tag).first()
    await element.scrollIntoViewIfNeeded()
    await expect.poll(() => element.locator('.card').getByRole('status').count(), { timeout: 20_000 }).toBe(0)
    await element.hover()
    const size = await element.evaluate(async (each) => {
      const { export: save } = each as unknown as { export(format: string): Promise<Blob> }
      return (await save.call(each, 'png')).size
    })
    expect(size, tag).toBeGreaterThan(2_000)
  }
  await page.locator('metric-bar .more').first().click()
  await page.locator('metric-bar [role=menuitem]').first().click()
  await expect.poll(() => page.locator('metric-bar .data').count()).toBe(1)
  expect(problems).toEqual([])
  await page.close()
})
