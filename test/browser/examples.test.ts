/** The examples of each framework, built as their users would, over a real collector: they show data, and hear what is chosen. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Kind } from '@telltale/protocol'
import type { Browser } from 'playwright-core'
import ts from 'typescript'
import { build, type PreviewServer, preview } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleBatch } from '../support/batches.js'
import { launch, watchProblems } from '../support/browser.js'
import { CollectorProcess } from '../support/collector.js'

let browser: Browser
let collector: CollectorProcess
let token: string
const outDir = mkdtempSync(join(tmpdir(), 'telltale-examples-'))

beforeAll(async () => {
  collector = await CollectorProcess.start()
  token = await collector.createKey('read')
  const ingest = await collector.createKey('ingest')
  const rows = ['email', 'report', 'image'].map((type, i) => ({
    metric: 'runs',
    kind: Kind.counter,
    value: 30 - i * 10,
    attributes: { 'task.type': type },
  }))
  const answer = await fetch(`${collector.url}/v1/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ingest}`, 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(sampleBatch(rows)),
  })
  expect(answer.status).toBe(200)
  browser = await launch()
})
afterAll(async () => {
  await browser?.close()
  await collector?.dispose()
  rmSync(outDir, { recursive: true, force: true })
})

async function openBuilt(name: string): Promise<{ url: string; server: PreviewServer }> {
  const root = resolve('examples', name)
  // Vite hands its environment to the page through variables with this prefix.
  process.env.NODE_ENV = 'production'
  process.env.VITE_TELLTALE_ENDPOINT = collector.url
  process.env.VITE_TELLTALE_TOKEN = token
  const out = join(outDir, name)
  await build({ root, logLevel: 'error', build: { outDir: out, emptyOutDir: true, minify: false } })
  const server = await preview({ root, build: { outDir: out }, preview: { port: 0, host: '127.0.0.1' } })
  return { url: `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/`, server }
}

test.each(['react', 'vue', 'svelte'])('%s: data is shown, and a chosen bar is heard', async (name) => {
  const { url, server } = await openBuilt(name)
  const page = await browser.newPage()
  const problems = watchProblems(page)
  try {
    await page.goto(url)
    await expect.poll(() => page.locator('metric-card .value').textContent(), { timeout: 20_000 }).toContain('60')
    await page.locator('metric-bar .row').nth(1).click()
    await expect.poll(() => page.locator('#chosen').textContent()).toBe('Chosen: report')
    await expect.poll(() => page.locator('metric-chart h3').textContent()).toBe('Runs of report')
    expect(problems).toEqual([])
  } finally {
    await page.close()
    await server.close()
  }
})

test('plain HTML: one script, from a page of another origin', async () => {
  const html = readFileSync(resolve('examples/embed.html'), 'utf8')
    .replaceAll('http://127.0.0.1:8000', collector.url)
    .replace('token="TOKEN"', `token="${token}"`)
    .replaceAll('task.execution.count', 'runs')
  const server: Server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const page = await browser.newPage()
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await expect.poll(() => page.locator('metric-card .value').textContent(), { timeout: 20_000 }).toContain('/s')
  } finally {
    await page.close()
    server.close()
  }
})

test('JSX knows the tags, their attributes and their events', () => {
  const options: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    jsx: ts.JsxEmit.ReactJSX,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['vite/client'],
  }
  const errorsOf = (change: (text: string) => string) => {
    const file = resolve('examples/react/main.tsx')
    const host = ts.createCompilerHost(options)
    const { readFile, getSourceFile } = host
    host.getSourceFile = (name, version) =>
      name === file ? ts.createSourceFile(name, change(readFile(name)!), version) : getSourceFile(name, version)
    const program = ts.createProgram([file], options, host)
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  }
  expect(errorsOf((text) => text)).toEqual([])
  expect(errorsOf((text) => text.replace('onmetric-select', 'orientation="up" onmetric-select')).join()).toContain(
    '"up"',
  )
})
