/** Conditional requests: an answer goes out with its tag, and not at all to a client that shows the same tag. */
import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import type { Call } from './route.js'

/** A body with a tag that is equal for answers that mean the same. */
export interface Tagged {
  body: Buffer | string
  etag: string
}

/**
 * Sends the body, or 304 where `If-None-Match` names its tag. Answers belong to the key that asked, so only the client
 * itself may keep them, and it asks again each time.
 */
export function sendTagged({ request, reply }: Call, { body, etag }: Tagged): FastifyReply {
  reply.header('etag', etag).header('cache-control', 'private, max-age=0, must-revalidate')
  addVary(reply, 'Authorization')
  if (names(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(body)
}

export function taggedJson(value: unknown): Tagged {
  const body = JSON.stringify(value)
  return { body, etag: `W/"${createHash('sha1').update(body).digest('base64url')}"` }
}

/** Weak comparison, as it is for If-None-Match: RFC 9110, 13.1.2. Our tags hold neither commas nor quotes. */
function names(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false
  if (condition.trim() === '*') return true
  const wanted = opaque(etag)
  return condition.split(',').some((tag) => opaque(tag.trim()) === wanted)
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

/** Keeps what is there: answers vary by their origin, too, where only some are allowed. */
function addVary(reply: FastifyReply, field: string): void {
  const present = reply.getHeader('vary')
  reply.header('vary', present === undefined ? field : `${String(present)}, ${field}`)
}
