/** What importing the published packages does to a program: nothing; and what a bundler keeps of them: what is used. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'

const packages = ['sdk-node', 'sdk-browser']

function entriesOf(name: string): string[] {
  const { exports } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
  return Object.keys(exports)
    .filter((entry) => !entry.endsWith('.json') && !entry.endsWith('.js'))
    .map((entry) => `@telltale/${name}${entry.slice(1)}`)
}

/** What importing could leave behind: listeners, timers and handles, globals, functions in the place of others, subscriptions. */
const watch = `
import { createRequire } from 'node:module'
import { channel } from 'node:diagnostics_channel'
import * as http from 'node:http'
import * as https from 'node:https'
import * as timers from 'node:timers'
import net from 'node:net'
import { EventEmitter } from 'node:events'
import { PerformanceObserver } from 'node:perf_hooks'
import asyncHooks from 'node:async_hooks'
// Node itself replaces \`process.chdir\` when this is loaded first.
import 'node:worker_threads'

const require = createRequire(process.cwd() + '/')
const channels = ['http.server.request.start', 'http.server.response.finish', 'http.client.request.start',
  'http.client.request.created', 'http.client.request.error', 'undici:request:create', 'undici:request:headers',
  'undici:request:trailers', 'undici:request:error', 'fastify.initialization']
const owners = { globalThis, http, https, timers, process, Promise, 'net.Socket': net.Socket.prototype,
  'http.Server': http.Server.prototype, 'http.IncomingMessage': http.IncomingMessage.prototype,
  'http.ServerResponse': http.ServerResponse.prototype, EventEmitter: EventEmitter.prototype,
  Promise_: Promise.prototype, console, Function_: Function.prototype }
const started = []
for (const [owner, name] of [[PerformanceObserver.prototype, 'observe'], [asyncHooks.AsyncHook?.prototype ?? {}, 'enable']]) {
  const original = owner[name]
  if (original) owner[name] = function (...args) { started.push(name); return original.apply(this, args) }
}
const look = () => ({
  properties: Object.entries(owners).map(([owner, object]) => [owner, new Map(Reflect.ownKeys(object).map((key) => {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key)
    return [String(key), typeof value === 'function' ? value : get]
  }))]),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  handles: process.getActiveResourcesInfo().sort(),
  channels: channels.filter((name) => channel(name).hasSubscribers),
})
const before = look()
WORK
// What loading files itself holds is let go by then.
await new Promise((resolve) => setTimeout(resolve, 20))
const after = look()
const changed = []
before.properties.forEach(([owner, keys], i) => {
  const now = after.properties[i][1]
  for (const key of new Set([...keys.keys(), ...now.keys()])) {
    if (keys.has(key) !== now.has(key) || keys.get(key) !== now.get(key)) changed.push(owner + '.' + key)
  }
})
for (const what of ['listeners', 'handles', 'channels']) {
  if (JSON.stringify(before[what]) !== JSON.stringify(after[what])) changed.push(what + JSON.stringify(after[what]))
}
console.log(JSON.stringify({ changed, started, names: Object.keys(loaded).length }))
`

describe.each(packages.flatMap(entriesOf))('%s', (entry) => {
  test.each([
    ['import', `const loaded = await import('${entry}')`],
    ['require', `const loaded = require('${entry}')`],
  ])('%s: leaves the program as it was, and lets it end', (_how, work) => {
    const program = watch.replace('WORK', work)
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: resolve('packages', entry.split('/')[1]),
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const { changed, started, names } = JSON.parse(stdout)
    expect({ changed, started }).toEqual({ changed: [], started: [] })
    expect(names).toBeGreaterThan(0)
  })
})

/** What a bundler makes of this source, as text. */
async function bundled(contents: string, platform: 'node' | 'browser', from: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: resolve('packages', from) },
    bundle: true,
    write: false,
    format: 'esm',
    platform,
    minify: true,
    external: ['systeminformation'],
  })
  return outputFiles[0].text
}

describe('tree-shaking', () => {
  /** A name that each instrument has to itself. */
  const instruments: Record<string, string> = {
    instrumentHttp: 'http.server.active_requests',
    instrumentPg: 'db.client.connection.pending_requests',
    instrumentRedis: 'redis.keyspace.hit_ratio',
    instrumentQueue: 'task.queue.wait',
    systemMetrics: 'system.memory.usage',
    eventLoopMetrics: 'nodejs.eventloop.delay',
    gcMetrics: 'v8js.gc.duration',
  }

  test('a Node program that only counts has no instrument in it', async () => {
    const text = await bundled(
      "import { counter, init } from '@telltale/sdk-node'; init(); counter('a').add(1)",
      'node',
      'sdk-node',
    )
    expect(Object.values(instruments).filter((name) => text.includes(name))).toEqual([])
    expect(text).not.toContain('systeminformation')
  })

  test.each(Object.keys(instruments).filter((name) => name !== 'systemMetrics'))(
    '%s brings itself and no other',
    async (name) => {
      const text = await bundled(`import { ${name} } from '@telltale/sdk-node'; ${name}({})`, 'node', 'sdk-node')
      expect(Object.keys(instruments).filter((other) => text.includes(instruments[other]))).toEqual([name])
    },
  )

  test('nothing at all is left of an import that is not used', async () => {
    for (const entry of packages.flatMap(entriesOf)) {
      const from = entry.split('/')[1]
      const text = await bundled(`import * as unused from '${entry}'`, from === 'sdk-node' ? 'node' : 'browser', from)
      expect([entry, text.trim()]).toEqual([entry, ''])
    }
  })

  test('a page that only counts brings neither vitals nor errors nor clicks', async () => {
    const text = await bundled(
      "import { counter, init } from '@telltale/sdk-browser'; init(); counter('a').add(1)",
      'browser',
      'sdk-browser',
    )
    for (const name of ['largest-contentful-paint', 'unhandledrejection', 'data-telltale', 'browser.fetch']) {
      expect([name, text.includes(name)]).toEqual([name, false])
    }
  })
})
