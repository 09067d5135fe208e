/** Chromium for tests of pages, and what a page must not do: write errors to its console or break its own policy. */
import { type Browser, chromium, type Page } from 'playwright-core'

/** `without`: flags of Playwright's own to leave out. */
export function launch(without: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.TELLTALE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update'],
    ignoreDefaultArgs: without,
  })
}

/** Collects whatever goes wrong in a page; `expected` are messages that a test causes itself. */
export function watchProblems(page: Page, expected: RegExp[] = []): string[] {
  const problems: string[] = []
  const add = (text: string) => {
    if (!expected.some((pattern) => pattern.test(text))) problems.push(text)
  }
  page.on('pageerror', (error) => add(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    add(`${message.type()}: ${message.text()} (${message.location().url})`)
  })
  return problems
}
