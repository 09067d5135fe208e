/** The recipes run as they are printed: requests go in, and the collector answers rate, errors and p95 by route. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postJson } from '../support/batches.js'
import { CollectorProcess } from '../support/collector.js'

let collector: CollectorProcess
let ingestKey: string
let readKey: string
let app: ChildProcess | undefined

beforeAll(async () => {
  collector = await CollectorProcess.start()
  ingestKey = await collector.createKey('ingest')
  readKey = await collector.createKey('read')
})
afterEach(() => app?.kill('SIGKILL'))
afterAll(() => collector?.dispose())

/** Resolves with the address that it prints. */
async function start(recipe: string): Promise<string> {
  const child = spawn(process.execPath, [`examples/recipes/${recipe}.mjs`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: '0', TELLTALE_ENDPOINT: collector.url, TELLTALE_API_KEY: ingestKey },
  })
  app = child
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (http:\S+)/.exec(line)?.[1]
    if (url) return url
  }
  throw new Error(`${recipe} ended without listening`)
}

/** Ends the app as an operator does; it sends what is left first. */
async function end(): Promise<void> {
  const ended = once(app!, 'exit')
  app!.kill('SIGTERM')
  expect((await ended)[0]).toBe(0)
}

/** Value of each group. */
async function ask(service: string, query: object): Promise<Record<string, number>> {
  const { status, body } = await postJson({ url: collector.url, key: readKey }, '/api/v1/metrics/query', {
    metric_name: 'http.server.request.duration',
    time_range: { start: 'now-1h', end: 'now+1m' },
    ...query,
    filters: { service, ...(query as { filters?: object }).filters },
  })
  expect(status).toBe(200)
  const { data } = body as { data: { value: number; tags: Record<string, string | null> }[] }
  return Object.fromEntries(data.map(({ value, tags }) => [Object.values(tags).join(' '), value]))
}

describe.each(['express', 'fastify', 'hono'])('%s', (recipe) => {
  const service = `recipe-${recipe}`

  it('rate, errors and p95 by route, and usage by organisation', async () => {
    const url = await start(recipe)
    const call = async (path: string, org: string) => {
      const response = await fetch(url + path, { headers: { 'x-org': org } })
      await response.arrayBuffer()
      return response.status
    }
    for (let i = 0; i < 20; i++) expect(await call(`/users/${i}`, i % 4 === 0 ? 'globex' : 'acme')).toBe(200)
    for (let i = 0; i < 3; i++) expect(await call(`/users/${i}/broken`, 'acme')).toBe(500)
    expect(await call('/nowhere/17', 'acme')).toBe(404)
    await end()

    const byRoute = { group_by: ['http.route'] }
    expect(await ask(service, { ...byRoute, aggregation: 'count' })).toEqual({
      '/users/:id': 20,
      '/users/:id/broken': 3,
      '': 1,
    })
    expect((await ask(service, { ...byRoute, aggregation: 'rate' }))['/users/:id']).toBeGreaterThan(0)
    const errors = { aggregation: 'count', filters: { 'error.type': { exists: true } } }
    expect(await ask(service, { ...byRoute, ...errors })).toEqual({ '/users/:id/broken': 3 })
    const p95 = await ask(service, { ...byRoute, aggregation: 'p95' })
    expect(Object.keys(p95).sort()).toEqual(['', '/users/:id', '/users/:id/broken'])
    for (const seconds of Object.values(p95)) {
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThan(60)
    }
    const statuses = { group_by: ['http.request.method', 'http.response.status_code'], aggregation: 'count' }
    expect(await ask(service, statuses)).toEqual({ 'GET 200': 20, 'GET 500': 3, 'GET 404': 1 })
    expect(await ask(service, { group_by: ['org.id'], aggregation: 'count' })).toEqual({ acme: 19, globex: 5 })
  })
})
