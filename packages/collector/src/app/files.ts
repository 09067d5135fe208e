/** The page at `/` and the widgets bundle, as files that the build made. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

export async function addFiles(app: FastifyInstance, publicDir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: publicDir,
    index: 'index.html',
    // Each file becomes a route of its own, so that unknown paths and methods get the answers of every other route.
    wildcard: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      // Names do not change with their contents: browsers ask each time, and mostly hear 304.
      response.setHeader('cache-control', 'no-cache')
      if (!path.endsWith('widgets.js')) return
      // A script of type module is fetched with CORS; pages of any origin may load this one.
      response.setHeader('access-control-allow-origin', '*')
      response.setHeader('cross-origin-resource-policy', 'cross-origin')
    },
  })
}
