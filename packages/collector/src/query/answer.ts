/** An answer to a metric query as it goes over the wire, apart from what differs each time that it is sent. */
import { createHash } from 'node:crypto'
import type { QueryMeta } from '@telltale/protocol/api'

export type AnswerMeta = Omit<QueryMeta, 'cached' | 'took_ms'>

export interface Answer {
  /** JSON of the content without its closing brace, so that `meta` can follow. Off the heap, and its size is known. */
  content: Buffer
  meta: AnswerMeta
  /** Equal for equal answers, however they came about. */
  etag: string
}

/** One answer, ready to be sent. */
export interface MetricsJson {
  body: Buffer
  etag: string
}

/** From JSON without its closing brace. An answer that is kept needs no second writing. */
export function answerOf(content: string, meta: AnswerMeta): Answer {
  const bytes = Buffer.from(content)
  const etag = createHash('sha1').update(bytes).update(JSON.stringify(meta)).digest('base64url')
  return { content: bytes, meta, etag: `W/"${etag}"` }
}

export function answerBody({ content, meta }: Answer, isCached: boolean, tookMs: number): Buffer {
  const full: QueryMeta = { ...meta, cached: isCached, took_ms: tookMs }
  return Buffer.concat([content, Buffer.from(`,"meta":${JSON.stringify(full)}}`)])
}
