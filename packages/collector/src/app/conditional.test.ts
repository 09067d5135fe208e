import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { bearer, testApp } from './testing/app.js'

let app: FastifyInstance

afterEach(() => app.close())

async function asker() {
  app = (await testApp()).app
  return (headers: Record<string, string> = {}) =>
    app.inject({ url: '/api/v1/metrics', headers: { ...bearer('reader'), ...headers } })
}

describe('answers with tags', () => {
  it('are for their client alone, which must ask again', async () => {
    const ask = await asker()
    const { headers, statusCode } = await ask()
    expect(statusCode).toBe(200)
    expect(headers.etag).toMatch(/^W\/"[\w-]{27}"$/)
    expect(headers['cache-control']).toBe('private, max-age=0, must-revalidate')
    expect(headers.vary).toBe('Origin, Authorization')
  })

  it.each([
    ['the tag', (etag: string) => etag],
    ['the tag, as a strong one', (etag: string) => etag.slice(2)],
    ['it among others', (etag: string) => `"x",${etag} , "y"`],
    ['anything', () => '*'],
  ])('are not sent again to those who show %s', async (_name, condition) => {
    const ask = await asker()
    const { headers } = await ask()
    const again = await ask({ 'if-none-match': condition(headers.etag as string) })
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', headers.etag])
  })

  it('are sent to those who show another tag', async () => {
    const ask = await asker()
    const again = await ask({ 'if-none-match': 'W/"other", ""' })
    expect([again.statusCode, again.json()]).toEqual([200, { data: [] }])
  })

  it('are checked for who asks first', async () => {
    const ask = await asker()
    const { headers } = await ask()
    const foreign = await ask({ 'if-none-match': headers.etag as string, ...bearer('writer') })
    expect(foreign.statusCode).toBe(403)
  })

  it('take their tags from the query service', async () => {
    app = (await testApp()).app
    const payload = JSON.stringify({ metric_name: 'temp', time_range: { start: 'now-1h' } })
    const ask = (headers: Record<string, string>) =>
      app.inject({
        method: 'POST',
        url: '/api/v1/metrics/query',
        payload,
        headers: { ...bearer('reader'), 'content-type': 'application/json', ...headers },
      })
    const first = await ask({})
    expect(first.headers).toMatchObject({ etag: 'W/"empty"', 'content-type': 'application/json; charset=utf-8' })
    expect(first.json()).toMatchObject({ data: [], meta: { cached: false } })
    expect((await ask({ 'if-none-match': 'W/"empty"' })).statusCode).toBe(304)
  })
})
