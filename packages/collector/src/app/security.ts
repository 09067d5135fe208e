/** Headers that keep browsers safe: a strict policy for our page, open doors for bearer-token routes. */
import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.js'

type CorsCallback = (error: Error | null, options: FastifyCorsOptions) => void

/** Only our own scripts and styles run, and no string becomes script or markup. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
].join(';')

/**
 * The same for every answer, so they are constants and not a plugin's work on each request. Strict-Transport-Security
 * is missing on purpose: whether TLS is there, and for how long, is for the proxy that ends it to say.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
}

export async function addSecurity(app: FastifyInstance, config: Config): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders)
    done()
  })
  // Keys travel in a header that a page must set itself, never in cookies: any page may ask, none can ride on a login.
  const open: FastifyCorsOptions = {
    origin: config.corsOrigins === '*' ? '*' : [...config.corsOrigins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'content-encoding', 'if-none-match', 'if-match'],
    exposedHeaders: ['etag', 'retry-after', 'x-request-id'],
    maxAge: 86_400,
  }
  // The page's session token is for the page alone.
  const closed: FastifyCorsOptions = { origin: false }
  await app.register(cors, () => (request: FastifyRequest, callback: CorsCallback) => {
    callback(null, request.url.startsWith('/app/') ? closed : open)
  })
}
