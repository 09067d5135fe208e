/**
 * A hello-world Fastify server in a process of its own, measured in one of several ways, for bench/http-overhead.mjs.
 * Usage: node http-server.mjs <variant> [endpoint]; answers messages of its parent with its CPU time so far.
 */
const [variant, endpoint] = process.argv.slice(2)
const { register = () => {} } = await prepare(variant)
// Only now: what patches modules does so as they are loaded.
const { default: fastify } = await import('fastify')
const app = fastify()
register(app)
app.get('/hello/:name', async () => ({ hello: 'world' }))
await app.listen({ port: 0, host: '127.0.0.1' })

process.on('message', () => process.send({ cpu: process.cpuUsage() }))
process.send({ port: app.server.address().port })

async function prepare(name) {
  if (name === 'bare') return {}
  if (name === 'telltale') {
    const { init, instrumentHttp } = await import('../../packages/sdk-node/dist/index.js')
    init({ endpoint, service: 'bench', logger: false })
    instrumentHttp()
    return {}
  }
  if (name === 'prom-client') return promClient()
  throw new Error(`There is no variant ${name}`)
}

/** As its users write it: a histogram by route, method and status, observed when the answer is sent. */
async function promClient() {
  const { default: prom } = await import('prom-client')
  const duration = new prom.Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests.',
    labelNames: ['method', 'route', 'status_code'],
  })
  return {
    register(app) {
      app.addHook('onResponse', (request, reply, done) => {
        const labels = { method: request.method, route: request.routeOptions.url, status_code: reply.statusCode }
        duration.observe(labels, reply.elapsedTime / 1000)
        done()
      })
    },
  }
}
