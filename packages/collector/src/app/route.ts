/** What a route is. One list of these gives the handlers, the checks of requests, and OpenAPI. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Permission, Principal } from '../model.js'
import type { AppParts } from './ports.js'

export type BodyKind = 'json' | 'protobuf'

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As fastify writes it: `/api/v1/tasks/:id`. */
  path: string
  tag: 'ingest' | 'query' | 'manage' | 'operate'
  summary: string
  /** What a credential must allow; absent: anybody may ask. */
  scope?: Permission
  /** Answers embed tokens too, within what they allow; every other route refuses them. */
  embed?: true
  /** Takes publishable keys by `?key=` too: browsers cannot set headers on beacons. */
  publishable?: true
  /** Kind and shape of the body; protobuf bodies have no zod schema. */
  body?:
    | {
        kind: 'json'
        schema: z.ZodType
        /** The shape that a body means, where `schema` describes several. */
        schemaFor?: (body: unknown) => z.ZodType
        /** There may be none. */
        optional?: true
        /** As `text/plain` too, which pages may send to other origins unasked. */
        plain?: true
      }
    | { kind: 'protobuf'; message: string }
  query?: z.ZodObject
  /** `status`: of success, where it is not 200. 204 has no body. */
  response: { description: string; status?: 201 | 204; schema?: z.ZodType; contentType?: string }
  /** Left out of OpenAPI. */
  hidden?: true
  handle(call: Call): unknown
}

/** One request, checked: handlers read nothing else. */
export interface Call {
  request: FastifyRequest
  reply: FastifyReply
  /** Set where the route has a scope. */
  principal: Principal
  params: Record<string, string>
  /** Parsed by `query`. */
  query: Record<string, string | undefined>
  /** Parsed by the body's schema; bytes where the body is protobuf. */
  body: unknown
  /** Fires when the client went away. */
  signal: AbortSignal
  parts: AppParts
}
