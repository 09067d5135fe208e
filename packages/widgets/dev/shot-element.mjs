/** Pictures of one part of the development page: `node packages/widgets/dev/shot-element.mjs SELECTOR FILE [width] [light|dark] [lang] [dir]`. */
import { chromium } from 'playwright-core'
import { serve } from './serve.mjs'

const [selector, file, width = '1280', colorScheme = 'light', lang = 'en', dir = 'ltr'] = process.argv.slice(2)
const server = await serve()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
})
try {
  const page = await browser.newPage({
    viewport: { width: Number(width), height: 900 },
    colorScheme,
    deviceScaleFactor: Number(width) < 500 ? 2 : 1,
  })
  page.on('console', (message) => message.type() === 'error' && console.log(message.text()))
  page.on('pageerror', (error) => console.log(error.message))
  await page.goto(`http://127.0.0.1:${server.address().port}/`)
  await page.evaluate(([l, d]) => Object.assign(document.documentElement, { lang: l, dir: d }), [lang, dir])
  const part = page.locator(selector).first()
  await part.scrollIntoViewIfNeeded()
  await page.waitForTimeout(1800)
  if (process.env.CLICK) await page.locator(process.env.CLICK).first().click()
  if (process.env.HOVER) await page.locator(process.env.HOVER).first().hover()
  await page.waitForTimeout(600)
  if (process.env.CLICK || process.env.HOVER) await page.screenshot({ path: file })
  else await part.screenshot({ path: file })
} finally {
  await browser.close()
  server.close()
}
