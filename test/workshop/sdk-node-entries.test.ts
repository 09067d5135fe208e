/** The subpaths of the Node SDK as they are published: the very functions of the main entry, and nothing done by importing. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const entries = {
  'event-loop': 'eventLoopMetrics',
  gc: 'gcMetrics',
  http: 'instrumentHttp',
  pg: 'instrumentPg',
  queue: 'instrumentQueue',
  redis: 'instrumentRedis',
  system: 'systemMetrics',
}

/** Runs where `@telltale/sdk-node` is what was built; resolves with what it prints. */
async function run(kind: 'module' | 'commonjs', script: string): Promise<unknown> {
  const args = [`--input-type=${kind}`, '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: resolve('examples/worker') })
  return JSON.parse(stdout)
}

const same = `Object.entries(${JSON.stringify(entries)}).map(([path, name]) => [path, typeof main[name], subpaths[path][name] === main[name]])`
const expected = Object.keys(entries).map((path) => [path, 'function', true])

it('are the same functions, as ES modules', async () => {
  const imports = Object.keys(entries).map((path) => `subpaths['${path}'] = await import('@telltale/sdk-node/${path}')`)
  const script = `const subpaths = {}; const main = await import('@telltale/sdk-node'); ${imports.join(';')}; console.log(JSON.stringify(${same}))`
  expect(await run('module', script)).toEqual(expected)
})

it('are the same functions, by require, and importing does nothing', async () => {
  const script = `
    const before = process.listenerCount('SIGTERM')
    const subpaths = {}
    for (const path of ${JSON.stringify(Object.keys(entries))}) subpaths[path] = require('@telltale/sdk-node/' + path)
    const main = require('@telltale/sdk-node')
    const lazy = Object.keys(require.cache).filter((file) => file.includes('/systeminformation/'))
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')
    const channel = require('node:diagnostics_channel').channel('http.server.request.start')
    console.log(JSON.stringify([${same}, lazy, timers, channel.hasSubscribers, process.listenerCount('SIGTERM') - before]))
  `
  expect(await run('commonjs', script)).toEqual([expected, [], [], false, 0])
})
