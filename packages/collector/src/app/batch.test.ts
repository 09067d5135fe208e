import { expect, it } from 'vitest'
import { TelltaleError } from '../errors.js'
import { bearer, testApp } from './testing/app.js'

const url = '/api/v1/metrics/batch'
const query = { metric_name: 'a', time_range: { start: 'now-1h' } }
const meta = { resolution: 'raw', step: null, kind: 'gauge', unit: '', cached: false, took_ms: 0 }

async function app() {
  const made = await testApp()
  made.parts.queries.metricsJson = async (_principal, asked) => {
    if ('formula' in asked) return { body: Buffer.from(JSON.stringify({ data: [], meta })), etag: 'W/"f"' }
    if (asked.metric_name === 'b') throw new TelltaleError('unknown_metric', 'no b', { details: { near: [] } })
    if (asked.metric_name === 'c') throw new Error('a fault of ours')
    return { body: Buffer.from(JSON.stringify({ data: [{ value: asked.metric_name }], meta })), etag: 'W/"m"' }
  }
  const post = (payload: object, headers: object = {}) =>
    made.app.inject({ method: 'POST', url, headers: { ...bearer('reader'), ...headers }, payload })
  return { ...made, post }
}

it('answers each query for itself, in order, with its error where it has one', async () => {
  const { post } = await app()
  const response = await post({
    queries: [
      { id: 'one', query },
      { id: 'two "2"', query: { ...query, metric_name: 'b' } },
      { id: 'three', query: { ...query, step: 7 } },
      { id: 'four', query: { formula: 'x', queries: [{ id: 'x', metric_name: 'a' }], time_range: query.time_range } },
      { id: 'five', query: { ...query, metric_name: 'c' } },
      { id: 'six', query: null },
    ],
  })
  expect(response.statusCode).toBe(200)
  expect(response.json().results).toEqual([
    { id: 'one', status: 200, data: [{ value: 'a' }], meta },
    { id: 'two "2"', status: 404, error: { code: 'unknown_metric', message: 'no b', details: { near: [] } } },
    { id: 'three', status: 400, error: expect.objectContaining({ code: 'invalid_request' }) },
    { id: 'four', status: 200, data: [], meta },
    { id: 'five', status: 500, error: expect.objectContaining({ code: 'internal' }) },
    { id: 'six', status: 400, error: expect.objectContaining({ code: 'invalid_request' }) },
  ])
})

it('answers how values are spread beside other queries', async () => {
  const { post, parts } = await app()
  const cells = { time: [0], row: [0], count: [3] }
  parts.queries.histogram = async (_principal, { metric_name, rows }) => {
    if (metric_name !== 'h') throw new TelltaleError('unknown_metric', 'no such')
    return {
      timestamps: [0],
      rows: [{ lower: 0, upper: rows }],
      cells,
      meta: { ...meta, step_ms: 1, count: 3 },
    } as never
  }
  const histogram = { metric_name: 'h', time_range: query.time_range }
  const { results } = (
    await post({
      queries: [
        { id: 'one', query },
        { id: 'two', histogram },
        { id: 'three', histogram: { ...histogram, metric_name: 'x' } },
        { id: 'four', histogram: { ...histogram, rows: 1 } },
      ],
    })
  ).json()
  expect(results).toMatchObject([
    { id: 'one', status: 200 },
    { id: 'two', status: 200, cells, rows: [{ upper: 48 }] },
    { id: 'three', status: 404 },
    { id: 'four', status: 400, error: { code: 'invalid_request' } },
  ])
  const both = await post({ queries: [{ id: 'one', query, histogram }] })
  expect([both.statusCode, both.json().error.code]).toEqual([400, 'invalid_request'])
})

it('carries a tag of all its answers', async () => {
  const { post } = await app()
  const payload = { queries: [{ id: 'one', query }] }
  const { etag } = (await post(payload)).headers
  expect((await post(payload, { 'if-none-match': etag })).statusCode).toBe(304)
  expect((await post({ queries: [{ id: 'uno', query }] }, { 'if-none-match': etag })).statusCode).toBe(200)
})

it.each([
  ['no query', { queries: [] }],
  ['more than 50', { queries: Array.from({ length: 51 }, (_, i) => ({ id: `q${i}`, query })) }],
  [
    'one id twice',
    {
      queries: [
        { id: 'q', query },
        { id: 'q', query },
      ],
    },
  ],
  ['another field', { queries: [{ id: 'q', query }], when: 'now' }],
])('refuses %s', async (_, payload) => {
  const { post } = await app()
  const response = await post(payload)
  expect([response.statusCode, response.json().error.code]).toEqual([400, 'invalid_request'])
})
