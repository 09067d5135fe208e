/**
 * Express with Telltale: rate, errors and duration by route, method, status and organisation, from one call.
 * Run: TELLTALE_API_KEY=… node examples/recipes/express.mjs
 */
import { close, init } from '@telltale/sdk-node'
import { instrumentHttp } from '@telltale/sdk-node/http'
import express from 'express'

init({ service: 'recipe-express' })
// Express leaves the route in the request, where it is found. Authentication would set `request.org`; here a header does.
instrumentHttp({ attributes: ({ headers }) => ({ 'org.id': headers['x-org'] }) })

const users = express.Router()
users.get('/:id', (request, response) => {
  response.json({ id: request.params.id })
})
users.get('/:id/broken', () => {
  throw new Error('The database is away')
})

const app = express()
app.use('/users', users)
// With four parameters it is the handler of errors.
app.use((error, _request, response, _next) => {
  response.status(500).json({ error: error.message })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})

process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await close()
})
