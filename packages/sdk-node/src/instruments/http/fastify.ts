/** Fastify keeps the route in a request of its own: a hook of every app that is made from now on copies it over. */
import type { IncomingMessage } from 'node:http'
import type { Failed } from '../shared/guard.js'
import { subscribe } from './channels.js'
import { httpRoute } from './route.js'

/** What we use of an app and of a request, in every line of Fastify that tells of its apps. */
interface FastifyApp {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): unknown
}
interface FastifyRequest {
  raw: IncomingMessage
  routeOptions?: { url?: string }
}

/**
 * The first hook of all, so that it also sees what a later one answers. Fastify tells of each call of a handler on a
 * channel as well, but then traces all of it, which costs more than all the rest of the measuring.
 */
export function nameFastifyRoutes(failed: Failed): () => void {
  let stopped = false
  const unsubscribe = subscribe<{ fastify: FastifyApp }>('fastify.initialization', failed, ({ fastify }) => {
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (!stopped) httpRoute(request.raw, request.routeOptions?.url)
      done()
    })
  })
  return () => {
    // A hook cannot be taken out of an app; from here on it only passes on.
    stopped = true
    unsubscribe()
  }
}
