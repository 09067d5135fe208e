/** Several queries in one request: each has its own answer or its own error, and none waits for its turn on the wire. */
import { createHash } from 'node:crypto'
import { HistogramQuery, metricsQuerySchema, type ResolvedMetricsBatch } from '@telltale/protocol/api'
import { type Tagged, taggedJson } from './conditional.js'
import { errorBody, toTelltaleError } from './errors.js'
import type { Call } from './route.js'

type Item = ResolvedMetricsBatch['queries'][number]

export async function batchJson(call: Call): Promise<Tagged> {
  const { queries } = call.body as ResolvedMetricsBatch
  const results = await Promise.all(queries.map((item) => resultOf(call, item)))
  const parts = results.flatMap(({ body }, i) => [Buffer.from(i === 0 ? '' : ','), body])
  const etag = createHash('sha1')
    .update(results.map(({ etag: own }) => own).join(' '))
    .digest('base64url')
  return { body: Buffer.concat([Buffer.from('{"results":['), ...parts, Buffer.from(']}')]), etag: `W/"${etag}"` }
}

async function answerOf({ parts, principal, signal }: Call, { query, histogram }: Item): Promise<Tagged> {
  if (histogram === undefined) {
    return parts.queries.metricsJson(principal, metricsQuerySchema(query).parse(query), signal)
  }
  return taggedJson(await parts.queries.histogram(principal, HistogramQuery.parse(histogram), signal))
}

async function resultOf(call: Call, item: Item): Promise<Tagged & { body: Buffer }> {
  const { id } = item
  const { request } = call
  try {
    const { body, etag } = await answerOf(call, item)
    // Answers are objects in JSON already; an id and a status go in front.
    const head = Buffer.from(`{"id":${JSON.stringify(id)},"status":200,`)
    return { body: Buffer.concat([head, Buffer.from(body).subarray(1)]), etag: `${JSON.stringify(id)} ${etag}` }
  } catch (error) {
    const known = toTelltaleError(error)
    if (known.code === 'internal')
      request.log.error({ err: error, request_id: request.id }, 'a query of a batch failed')
    const text = JSON.stringify({ id, status: known.status, ...errorBody(known, request.id) })
    return { body: Buffer.from(text), etag: text }
  }
}
