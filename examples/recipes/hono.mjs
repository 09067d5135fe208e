/**
 * Hono on Node with Telltale: rate, errors and duration by route, method, status and organisation.
 * Run: TELLTALE_API_KEY=… node examples/recipes/hono.mjs
 */
import { serve } from '@hono/node-server'
import { close, init } from '@telltale/sdk-node'
import { httpRoute, instrumentHttp } from '@telltale/sdk-node/http'
import { Hono } from 'hono'
import { routePath } from 'hono/route'

init({ service: 'recipe-hono' })
instrumentHttp({ attributes: ({ headers }) => ({ 'org.id': headers['x-org'] }) })

const users = new Hono()
users.get('/:id', (c) => c.json({ id: c.req.param('id') }))
users.get('/:id/broken', () => {
  throw new Error('The database is away')
})

const app = new Hono()
// Hono knows the route when the handlers are through; the request of Node is in `c.env`.
app.use(async (c, next) => {
  await next()
  const route = routePath(c, -1)
  // Where only this middleware matched, there is no such route.
  httpRoute(c.env.incoming, route === '/*' ? undefined : route)
})
app.route('/users', users)
app.onError((error, c) => c.json({ error: error.message }, 500))

const server = serve(
  { fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' },
  ({ port }) => {
    console.log(`listening on http://127.0.0.1:${port}`)
  },
)

process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await close()
})
