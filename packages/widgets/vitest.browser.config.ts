/** Components in a real browser: Chromium as Debian installs it, or wherever `CHROMIUM` says it is. */
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--font-render-hinting=none',
  '--hide-scrollbars',
]

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@telltale/source', 'module', 'browser', 'import', 'default'] },
  optimizeDeps: { include: ['lit', 'lit/directives/repeat.js', 'axe-core'] },
  test: {
    name: 'browser',
    include: ['src/**/*.browser.test.ts'],
    testTimeout: 10_000,
    // One after another: keys go to the page that has the focus, and there is only one such.
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: launchArguments },
      }),
      instances: [{ browser: 'chromium', viewport: { width: 900, height: 700 } }],
    },
  },
})
