import { afterEach, expect, test, vi } from 'vitest'
import { Credential } from './credential.js'
import { QueryClient } from './query-client.js'

const ask = (metric_name: string) => ({ metric_name, time_range: { start: 'now-1h' } })
const fetchMock = vi.fn<typeof fetch>()
vi.stubGlobal('fetch', fetchMock)
afterEach(() => fetchMock.mockReset())

const client = () => new QueryClient('http://host', new Credential('t'))
const bodyOf = (call: number) => JSON.parse(String(fetchMock.mock.calls[call]![1]?.body))
const paths = () => fetchMock.mock.calls.map(([url]) => new URL(String(url)).pathname)

/** Answers each query of a batch by its metric's name; `bad` is refused. */
function answerBatches(): void {
  fetchMock.mockImplementation(async (url, init) => {
    const body = JSON.parse(String(init?.body))
    const answer = ({ metric_name: name }: { metric_name: string }) =>
      name === 'bad'
        ? { status: 404, error: { code: 'unknown_metric', message: 'No metric bad.', details: { near: ['bat'] } } }
        : { status: 200, data: [name], meta: {} }
    if (!String(url).endsWith('/batch')) return Response.json(answer(body))
    return Response.json({
      results: body.queries.map(
        ({ id, query, histogram }: Record<'query' | 'histogram', { metric_name: string }> & { id: string }) => ({
          id,
          ...answer(query ?? histogram),
        }),
      ),
    })
  })
}

test('what is asked in one moment goes out as one request, and each gets its own answer', async () => {
  answerBatches()
  const queries = client()
  const [a, b, again, bad] = await Promise.allSettled([
    queries.metrics(ask('a')),
    queries.columns(ask('b')),
    Promise.resolve().then(() => queries.metrics(ask('a'))),
    queries.metrics(ask('bad')),
  ])
  expect(paths()).toEqual(['/api/v1/metrics/batch'])
  expect(bodyOf(0).queries.map(({ query }: { query: object }) => query)).toEqual([
    ask('a'),
    { ...ask('b'), format: 'columns' },
    ask('bad'),
  ])
  expect([a, b, again]).toMatchObject([
    { value: { data: ['a'] } },
    { value: { data: ['b'] } },
    { value: { data: ['a'] } },
  ])
  expect(bad).toMatchObject({ reason: { code: 'unknown_metric', details: { near: ['bat'] }, transient: false } })
})

test('how values are spread is asked with the others, and by its own route alone', async () => {
  answerBatches()
  const queries = client()
  const [spread] = await Promise.all([queries.histogram(ask('h')), queries.metrics(ask('a'))])
  expect(bodyOf(0).queries).toEqual([
    { id: '0', histogram: ask('h') },
    { id: '1', query: ask('a') },
  ])
  expect(spread).toMatchObject({ data: ['h'] })
  await queries.histogram(ask('h'))
  expect(paths()).toEqual(['/api/v1/metrics/batch', '/api/v1/metrics/histogram'])
})

test('what cannot go together goes alone', async () => {
  fetchMock.mockImplementation(async (url) =>
    String(url).endsWith('/batch')
      ? Response.json({ error: { code: 'invalid_request', message: 'histogram is not known' } }, { status: 400 })
      : Response.json({ data: [] }),
  )
  const queries = client()
  await Promise.all([queries.histogram(ask('h')), queries.metrics(ask('a'))])
  expect(paths()).toEqual(['/api/v1/metrics/batch', '/api/v1/metrics/histogram', '/api/v1/metrics/query'])
})

test('one alone asks as it always did, and more than fifty go out in parts', async () => {
  answerBatches()
  const queries = client()
  await queries.metrics(ask('a'))
  expect([paths(), bodyOf(0)]).toEqual([['/api/v1/metrics/query'], ask('a')])
  await Promise.all(Array.from({ length: 101 }, (_, i) => queries.metrics(ask(`m${i}`))))
  expect(paths().slice(1).sort()).toEqual(['/api/v1/metrics/batch', '/api/v1/metrics/batch', '/api/v1/metrics/query'])
})

test('a failure of the whole request is everybody’s, and may pass', async () => {
  fetchMock.mockRejectedValueOnce(new TypeError('fetch failed'))
  const queries = client()
  const failed = await Promise.allSettled([queries.metrics(ask('a')), queries.metrics(ask('b'))])
  const reason = { code: 'unreachable', transient: true }
  expect(failed).toMatchObject([{ reason }, { reason }])
  answerBatches()
  await expect(queries.metrics(ask('a'))).resolves.toMatchObject({ data: ['a'] })
})

test('an answer that leaves a query out is an error of that query', async () => {
  fetchMock.mockResolvedValueOnce(Response.json({ results: [{ id: '0', status: 200, data: [] }] }))
  const queries = client()
  const [a, b] = await Promise.allSettled([queries.metrics(ask('a')), queries.metrics(ask('b'))])
  expect([a, b]).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'invalid_answer' } }])
})

test('a collector that knows no batches is asked one by one from then on', async () => {
  fetchMock.mockImplementation(async (url) =>
    String(url).endsWith('/batch')
      ? Response.json({ error: { code: 'not_found', message: 'No route.' } }, { status: 404 })
      : Response.json({ data: [], meta: {} }),
  )
  const queries = client()
  await Promise.all([queries.metrics(ask('a')), queries.metrics(ask('b'))])
  await Promise.all([queries.metrics(ask('a')), queries.metrics(ask('b'))])
  expect(paths().filter((path) => path.endsWith('/batch'))).toHaveLength(1)
  expect(paths()).toHaveLength(5)
})

test('a refused token is fetched anew once for the whole batch', async () => {
  answerBatches()
  fetchMock.mockResolvedValueOnce(Response.json({}, { status: 401 }))
  let n = 0
  const queries = new QueryClient('http://host', new Credential(undefined, () => `t${++n}`))
  await Promise.all([queries.metrics(ask('a')), queries.metrics(ask('b'))])
  expect([n, paths()]).toEqual([2, ['/api/v1/metrics/batch', '/api/v1/metrics/batch']])
})
