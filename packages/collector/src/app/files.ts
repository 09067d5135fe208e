/** The page at `/`, the widgets bundle and the browser SDK, as files that the build made. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Pages of the app: the same document, whose script shows what the address names. */
const appPaths = [
  '/dashboards',
  '/dashboards/:id',
  '/explore',
  '/tasks',
  '/tasks/:id',
  '/catalogue',
  '/settings',
  '/public/:link',
]

/** A script of type module is fetched with CORS; pages of any origin may load the widgets and the SDK. */
const forAnyOrigin = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }

export async function addFiles(app: FastifyInstance, publicDir: string): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request, reply, done) => {
      // Names do not change with their contents: browsers ask each time, and mostly hear 304.
      reply.header('cache-control', 'no-cache')
      if (/^\/(widgets|sdk\.js)/.test(request.routeOptions.url ?? '')) reply.headers(forAnyOrigin)
      done()
    })
    await scope.register(fastifyStatic, {
      root: publicDir,
      index: 'index.html',
      // Each file becomes a route of its own, so that unknown paths and methods get the answers of every other route.
      wildcard: false,
      cacheControl: false,
    })
    for (const path of appPaths) scope.get(path, (_request, reply) => reply.sendFile('index.html'))
  })
}
