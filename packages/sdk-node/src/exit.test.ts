/** Processes that end: what they recorded arrives, and they end as they would without the SDK. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TestCollector } from './testing/collector.js'

/** Below node_modules, so that the bundle finds its dependency. */
const cache = fileURLToPath(new URL('../../../node_modules/.cache/sdk-node-test', import.meta.url))
let folder: string
let collector: TestCollector
const children = new Set<ChildProcess>()

beforeAll(async () => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'exit-'))
  await build({
    entryPoints: [fileURLToPath(new URL('./index.ts', import.meta.url))],
    outfile: join(folder, 'sdk.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@telltale/source'],
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeEach(async () => {
  collector = new TestCollector()
  await collector.start()
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  await collector.stop()
})

interface End {
  code: number | null
  signal: NodeJS.Signals | null
  stderr: string
}

interface Running {
  child: ChildProcess
  /** Resolves when the program prints `ready`. */
  ready: Promise<unknown>
  end: Promise<End>
}

/** Runs a program that has the SDK set up as `sdk`. */
function run(program: string, options = ''): Running {
  const file = join(folder, `program-${children.size}-${Math.random().toString(36).slice(2)}.mjs`)
  const setUp = `init({ endpoint: '${collector.endpoint}', flushIntervalMs: 3600000, closeTimeoutMs: 500, ${options} })`
  writeFileSync(file, `import * as sdk from './sdk.mjs'\nsdk.${setUp}\n${program}\n`)
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const end = once(child, 'exit').then(([code, signal]) => ({ code, signal, stderr }))
  const ready = Promise.race([once(child.stdout, 'data'), end])
  return { child, ready, end }
}

const waiting = "setInterval(() => {}, 1000); console.log('ready')"
const hang = () => {
  collector.answer = () => {}
}

describe('a program that runs out of work', () => {
  it('delivers what is left, and ends with its own code', async () => {
    const { end } = run("process.exitCode = 3; sdk.track('last'); sdk.counter('c').add(1)")
    expect(await end).toEqual({ code: 3, signal: null, stderr: '' })
    expect(collector.events()).toEqual(['last'])
    expect(collector.stored.size).toBe(2)
  })

  it('is not kept alive by a collector that does not answer', async () => {
    hang()
    const { end } = run("sdk.track('last')")
    expect(await end).toMatchObject({ code: 0, signal: null })
  })

  it('is not kept alive by a request in flight, save for the last flush', async () => {
    hang()
    const { end } = run("sdk.track('last')", 'requestTimeoutMs: 60000, flushIntervalMs: 10')
    expect(await end).toMatchObject({ code: 0, signal: null })
  })

  it('is not kept alive where the flush on exit is turned off', async () => {
    hang()
    const program = "sdk.track('last'); setTimeout(() => {}, 100)"
    const { end } = run(program, 'flushOnExit: false, requestTimeoutMs: 60000, flushIntervalMs: 10')
    expect(await end).toMatchObject({ code: 0, signal: null })
    expect(collector.received.length).toBe(1)
  })

  it('may await flush and close at its top level', async () => {
    hang()
    const { end } = run(
      "sdk.track('last'); await sdk.flush(); await sdk.close(); process.exitCode = 5",
      'flushTimeoutMs: 300',
    )
    expect(await end).toMatchObject({ code: 5, signal: null })
  })

  it('crashes as ever on an uncaught exception and on an unhandled rejection', async () => {
    const thrown = await run("sdk.track('last'); throw new Error('mine')").end
    expect(thrown.code).toBe(1)
    expect(thrown.stderr).toContain('mine')
    const rejected = await run("sdk.withTaskMetrics('t', () => Promise.reject(new Error('mine')))").end
    expect(rejected.code).toBe(1)
    expect(rejected.stderr).toContain('mine')
  })
})

describe('SIGTERM and SIGINT', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal}: flushes, then dies of the signal`, async () => {
      const { child, ready, end } = run(`sdk.track('last'); ${waiting}`)
      await ready
      child.kill(signal)
      expect(await end).toEqual({ code: null, signal, stderr: '' })
      expect(collector.events()).toEqual(['last'])
    })
  }

  it('leave ending to a host that listens', async () => {
    const { child, ready, end } = run(
      `process.on('SIGTERM', () => setTimeout(() => process.exit(7), 200)); sdk.track('last'); ${waiting}`,
    )
    await ready
    child.kill('SIGTERM')
    expect(await end).toMatchObject({ code: 7, signal: null })
    expect(collector.events()).toEqual(['last'])
  })

  it('end the process within closeTimeoutMs where the collector does not answer', async () => {
    hang()
    const { child, ready, end } = run(`sdk.track('last'); ${waiting}`)
    await ready
    child.kill('SIGTERM')
    expect(await end).toMatchObject({ code: null, signal: 'SIGTERM' })
  })

  it('a second one ends it at once', async () => {
    hang()
    const { child, ready, end } = run(`sdk.track('last'); ${waiting}`, 'closeTimeoutMs: 3600000')
    await ready
    const asked = new Promise((resolve) => {
      collector.answer = resolve
    })
    child.kill('SIGINT')
    await asked
    child.kill('SIGINT')
    expect(await end).toMatchObject({ code: null, signal: 'SIGINT' })
  })

  it('work where two copies of the SDK are loaded', async () => {
    const { child, ready, end } = run(
      `const copy = await import('./sdk.mjs?copy'); copy.init({ endpoint: '${collector.endpoint}' }); copy.track('copy'); sdk.track('last'); ${waiting}`,
    )
    await ready
    child.kill('SIGTERM')
    expect(await end).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(collector.events().length).toBeGreaterThan(0)
  })

  it('are left alone once the client is closed', async () => {
    const { ready, end } = run(
      "await sdk.close(); console.log(process.listenerCount('SIGTERM') + process.listenerCount('beforeExit'))",
    )
    expect(String(((await ready) as [Buffer])[0]).trim()).toBe('0')
    await end
  })
})

describe('with a spool', () => {
  const spool = () => `spool: { dir: ${JSON.stringify(join(folder, 'spool'))} }`

  for (const [end, program] of [
    ['process.exit()', "sdk.track('last'); sdk.counter('c').add(1); process.exit(0)"],
    ['an uncaught exception', "sdk.track('last'); sdk.counter('c').add(1); throw new Error('mine')"],
    [
      'kill -9',
      "sdk.track('last'); sdk.counter('c').add(1); sdk.flush(); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50)",
    ],
  ]) {
    it(`${end} loses nothing: the next process delivers, once`, async () => {
      await collector.stop()
      await run(program, spool()).end
      await collector.start()
      expect(collector.stored.size).toBe(0)
      await run('await sdk.flush()', spool()).end
      await run('await sdk.flush()', spool()).end
      expect(collector.events()).toEqual(['last'])
      expect(collector.stored.size).toBe(2)
      expect(collector.received.length).toBe(2)
    })
  }
})
