/** Screenshots of the development page, at two widths, light and dark: `node packages/widgets/dev/screenshot.mjs FOLDER [only]`. */
import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import { serve } from './serve.mjs'

const folder = process.argv[2] ?? 'shots'
const only = process.argv[3]
await mkdir(folder, { recursive: true })
const server = await serve()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--font-render-hinting=none',
  ],
})
try {
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const name = `${width}-${colorScheme}`
      if (only && only !== name) continue
      const page = await browser.newPage({
        viewport: { width, height: 900 },
        colorScheme,
        deviceScaleFactor: width < 500 ? 2 : 1,
      })
      page.on('console', (message) => message.type() === 'error' && console.log(name, message.text()))
      page.on('pageerror', (error) => console.log(name, error.message))
      await page.goto(`http://127.0.0.1:${server.address().port}/`)
      await page.waitForTimeout(2500)
      if (width > 500) {
        const box = await page.locator('#latency').boundingBox()
        await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.5)
        await page.waitForTimeout(200)
      }
      const expander = page.locator('task-table button[aria-expanded]').first()
      if (await expander.count()) await expander.click()
      await page.waitForTimeout(300)
      const height = await page.evaluate(() => document.documentElement.scrollHeight)
      await page.setViewportSize({ width, height })
      await page.waitForTimeout(600)
      await page.screenshot({ path: `${folder}/${name}.png` })
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (overflow > 0) console.log(`${name}: ${overflow}px too wide`)
      await page.close()
    }
  }
} finally {
  await browser.close()
  server.close()
}
