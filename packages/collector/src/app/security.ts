/** Headers that keep browsers safe: a strict policy for our page, open doors for bearer-token routes. */
import cors, { type FastifyCorsOptions } from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.js'

type CorsCallback = (error: Error | null, options: FastifyCorsOptions) => void

/** Only our own scripts and styles run, and no string becomes script or markup. */
const policy = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'connect-src': ["'self'"],
  'font-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
  'require-trusted-types-for': ["'script'"],
}

export async function addSecurity(app: FastifyInstance, config: Config): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    // Whether TLS is there, and for how long, is for the proxy that ends it to say.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  })
  // Keys travel in a header that a page must set itself, never in cookies: any page may ask, none can ride on a login.
  const open: FastifyCorsOptions = {
    origin: config.corsOrigins === '*' ? '*' : [...config.corsOrigins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST'],
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
