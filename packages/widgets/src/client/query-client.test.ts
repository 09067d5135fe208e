import { afterEach, expect, test, vi } from 'vitest'
import { Credential } from './credential.js'
import { QueryClient } from './query-client.js'

const query = { metric_name: 'm', time_range: { start: 'now-1h' } }
const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })
const fetchMock = vi.fn<typeof fetch>()
vi.stubGlobal('fetch', fetchMock)
afterEach(() => fetchMock.mockReset())

test('callers who ask the same at once share one request', async () => {
  fetchMock.mockImplementation(async () => answer(200, { data: [], meta: {} }))
  const client = new QueryClient('http://host', new Credential('t'))
  const [a, b] = await Promise.all([client.metrics(query), client.metrics(query)])
  expect(a).toBe(b)
  expect(fetchMock).toHaveBeenCalledTimes(1)
  expect(new Headers(fetchMock.mock.calls[0][1]?.headers).get('authorization')).toBe('Bearer t')
  await client.metrics(query)
  expect(fetchMock).toHaveBeenCalledTimes(2)
})

test('a refused token is fetched anew once', async () => {
  fetchMock.mockResolvedValueOnce(answer(401, {})).mockResolvedValueOnce(answer(200, { data: [], meta: {} }))
  let n = 0
  const client = new QueryClient('http://host', new Credential(undefined, () => `t${++n}`))
  await client.metrics(query)
  expect(new Headers(fetchMock.mock.calls[1][1]?.headers).get('authorization')).toBe('Bearer t2')
})

test.each([
  [404, { error: { code: 'unknown_metric', message: 'No metric m.' } }, 'unknown_metric'],
  [401, {}, 'unauthorized'],
  [502, '<html>', 'unreachable'],
  [200, undefined, 'invalid_answer'],
])('status %i becomes a coded error', async (status, body, code) => {
  fetchMock.mockResolvedValueOnce(new Response(body === undefined ? 'no json' : JSON.stringify(body), { status }))
  await expect(new QueryClient('http://host', new Credential('t')).metrics(query)).rejects.toMatchObject({ code })
})

test('a network failure is unreachable, and may pass', async () => {
  fetchMock.mockRejectedValueOnce(new TypeError('fetch failed'))
  const failed = new QueryClient('http://host', new Credential('t')).metrics(query)
  await expect(failed).rejects.toMatchObject({ code: 'unreachable', transient: true })
})

test('the catalogue is read, with names in their place', async () => {
  fetchMock.mockImplementation(async () => answer(200, { data: [] }))
  const client = new QueryClient('http://host', new Credential('t'))
  await client.catalogue()
  await client.tagKeys('a/b')
  await client.tagValues('m', 'task.type', 'e mail')
  expect(fetchMock.mock.calls.map(([url, init]) => [url, init?.method])).toEqual([
    ['http://host/api/v1/metrics', 'GET'],
    ['http://host/api/v1/metrics/a%2Fb/tags', 'GET'],
    ['http://host/api/v1/metrics/m/tags/task.type/values?search=e%20mail', 'GET'],
  ])
})
