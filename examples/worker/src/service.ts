/**
 * A small HTTP service inside the worker: the shop that shoppers visit, and the relay and hooks that jobs call. Every
 * request is measured by one histogram, in the names of OpenTelemetry's semantic conventions.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { counter, histogram, upDownCounter } from '@telltale/sdk-node'
import { between, chance, logNormal } from './random.js'

const requestDuration = histogram('http.server.request.duration', {
  unit: 's',
  description: 'Duration of HTTP requests.',
  attributes: ['http.route', 'http.request.method', 'http.response.status_code'],
})
const activeRequests = upDownCounter('http.server.active_requests', { description: 'Requests under way.' })

const ordersPaid = counter('orders.paid', { description: 'Orders that were paid.', attributes: ['country'] })
const orderAmount = histogram('order.amount', {
  unit: 'EUR',
  description: 'Amount of each paid order.',
  attributes: ['country'],
})
const revenue = counter('order.revenue', { unit: 'EUR', description: 'Sum of paid orders.', attributes: ['country'] })

interface Route {
  method: 'GET' | 'POST'
  /** As it is reported: never the path itself, which would make a series of every id. */
  route: string
  pattern: RegExp
  /** Returns the status. */
  handle(body: string): Promise<number> | number
}

const routes: Route[] = [
  { method: 'GET', route: '/products/:id', pattern: /^\/products\/\d+$/, handle: showProduct },
  { method: 'POST', route: '/checkout', pattern: /^\/checkout$/, handle: checkOut },
  { method: 'POST', route: '/relay/messages', pattern: /^\/relay\/messages$/, handle: relay },
  { method: 'POST', route: '/hooks/:org', pattern: /^\/hooks\/\w+$/, handle: receiveHook },
]

export async function startService(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => void measured(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function measured(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startMs = performance.now()
  activeRequests.add(1)
  const path = (request.url ?? '/').split('?')[0]
  const route = routes.find(({ method, pattern }) => method === request.method && pattern.test(path))
  let status = 404
  try {
    const body = await readBody(request)
    if (route) status = await route.handle(body)
  } catch {
    status = 500
  }
  response.statusCode = status
  response.end()
  activeRequests.add(-1)
  requestDuration.record((performance.now() - startMs) / 1000, {
    'http.route': route?.route ?? 'not found',
    'http.request.method': request.method,
    'http.response.status_code': status,
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk
    if (body.length > 65_536) throw new Error('The body is too large')
  }
  return body
}

async function showProduct(): Promise<number> {
  await sleep(logNormal(4, 0.5))
  return chance(0.01) ? 404 : 200
}

async function checkOut(body: string): Promise<number> {
  const { amount, country } = JSON.parse(body) as { amount: number; country: string }
  await sleep(logNormal(45, 0.35))
  // The card is refused.
  if (chance(0.06)) return 402
  ordersPaid.add(1, { country })
  revenue.add(amount, { country })
  orderAmount.record(amount, { country })
  return 200
}

/** Mail relays are slow, sometimes very, and ask for patience when they are busy. */
async function relay(): Promise<number> {
  await sleep(chance(0.015) ? between(900, 1600) : logNormal(110, 0.45))
  if (chance(0.02)) return 429
  return chance(0.025) ? 503 : 202
}

async function receiveHook(): Promise<number> {
  await sleep(chance(0.02) ? 1000 : logNormal(28, 0.6))
  return chance(0.05) ? 502 : 204
}
