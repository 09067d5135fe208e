/**
 * Fastify with Telltale: rate, errors and duration by route, method, status and organisation, from one call.
 * Run: TELLTALE_API_KEY=… node examples/recipes/fastify.mjs
 */
import { close, init } from '@telltale/sdk-node'
import { instrumentHttp } from '@telltale/sdk-node/http'
import fastify from 'fastify'

init({ service: 'recipe-fastify' })
// Before the app is made: then Fastify itself says which route a request takes.
instrumentHttp({ attributes: ({ headers }) => ({ 'org.id': headers['x-org'] }) })

const app = fastify()
app.register(
  async (users) => {
    users.get('/:id', async (request) => ({ id: request.params.id }))
    users.get('/:id/broken', async () => {
      throw new Error('The database is away')
    })
  },
  { prefix: '/users' },
)

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })}`)

process.once('SIGTERM', async () => {
  await app.close()
  await close()
})
