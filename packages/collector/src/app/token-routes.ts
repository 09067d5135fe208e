/** Embed tokens: a server makes them with its key and hands them to its pages. */
import { EmbedToken, EmbedTokenRequest, type ResolvedEmbedTokenRequest } from '@telltale/protocol/api'
import type { Route } from './route.js'

export const tokenRoutes: Route[] = [
  {
    method: 'POST',
    path: '/api/v1/embed-tokens',
    tag: 'manage',
    summary: 'Make an embed token',
    scope: 'read',
    body: { kind: 'json', schema: EmbedTokenRequest },
    response: { description: 'The token; it is not kept.', status: 201, schema: EmbedToken },
    async handle({ principal, body, reply, parts }) {
      const request = body as ResolvedEmbedTokenRequest
      if (request.edit) parts.auth.requireScope(principal, 'edit')
      const { token, id, expiresMs } = await parts.tokens.issue(principal.project, request, principal.keyId)
      reply.header('cache-control', 'no-store')
      return { token, expires_at: new Date(expiresMs).toISOString(), id }
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/embed-tokens/:id',
    tag: 'manage',
    summary: 'Revoke an embed token before its time',
    scope: 'admin',
    response: { description: 'It is refused from now on.', status: 204 },
    handle: ({ principal, params, parts }) => parts.tokens.revoke(principal.project, params.id),
  },
]
