/**
 * A small HTTP service inside the worker: the shop that shoppers visit, and the relay and hooks that jobs call. `instrumentHttp`
 * measures every request; all that the service says itself is which route it took.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { counter, histogram } from '@telltale/sdk-node'
import { httpRoute } from '@telltale/sdk-node/http'
import { between, chance, logNormal, pick } from './random.js'

const ordersPaid = counter('orders.paid', { description: 'Orders that were paid.', attributes: ['country'] })
const orderAmount = histogram('order.amount', {
  unit: 'EUR',
  description: 'Amount of each paid order.',
  attributes: ['country'],
})
const revenue = counter('order.revenue', { unit: 'EUR', description: 'Sum of paid orders.', attributes: ['country'] })

// A counter that starts at nothing is a fact, too: charts show it before the first order.
for (const country of ['DE', 'FR', 'NL', 'IT']) {
  ordersPaid.add(0, { country })
  revenue.add(0, { country })
}

interface Route {
  method: 'GET' | 'POST'
  /** As it is reported: never the path itself, which would make a series of every id. */
  route: string
  pattern: RegExp
  handle(request: { body: string; query: URLSearchParams }): Promise<Answer>
}

interface Answer {
  status: number
  body?: string
}

const routes: Route[] = [
  { method: 'GET', route: '/products/:id', pattern: /^\/products\/\d+$/, handle: showProduct },
  { method: 'POST', route: '/checkout', pattern: /^\/checkout$/, handle: checkOut },
  { method: 'GET', route: '/originals/:id', pattern: /^\/originals\/\d+$/, handle: describeImage },
  { method: 'GET', route: '/exports/sales', pattern: /^\/exports\/sales$/, handle: exportSales },
  { method: 'POST', route: '/relay/messages', pattern: /^\/relay\/messages$/, handle: relay },
  { method: 'POST', route: '/hooks/:org', pattern: /^\/hooks\/\w+$/, handle: receiveHook },
]

export async function startService(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => void respond(request, response))
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

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path, search] = (request.url ?? '/').split('?')
  const route = routes.find(({ method, pattern }) => method === request.method && pattern.test(path))
  httpRoute(request, route?.route)
  let answer: Answer = { status: 404 }
  try {
    const body = await readBody(request)
    if (route) answer = await route.handle({ body, query: new URLSearchParams(search) })
  } catch {
    answer = { status: 500 }
  }
  response.statusCode = answer.status
  response.end(answer.body)
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk
    if (body.length > 65_536) throw new Error('The body is too large')
  }
  return body
}

async function showProduct(): Promise<Answer> {
  await sleep(logNormal(4, 0.5))
  return { status: chance(0.01) ? 404 : 200 }
}

async function checkOut({ body }: { body: string }): Promise<Answer> {
  const { amount, country } = JSON.parse(body) as { amount: number; country: string }
  await sleep(logNormal(45, 0.35))
  // The card is refused.
  if (chance(0.06)) return { status: 402 }
  ordersPaid.add(1, { country })
  revenue.add(amount, { country })
  orderAmount.record(amount, { country })
  return { status: 200 }
}

/** Some upload what a phone takes, and a few what the resizer refuses. */
async function describeImage(): Promise<Answer> {
  await sleep(logNormal(60, 0.4))
  const width = Math.round(chance(0.03) ? 960 : between(240, 640))
  return { status: 200, body: JSON.stringify({ width, height: Math.round(width * 0.66) }) }
}

const countries = ['DE', 'FR', 'IT', 'NL', 'PL', 'ES', 'SE'] as const
const products = ['lamp', 'chair', 'desk', 'shelf', 'sofa'] as const

async function exportSales({ query }: { query: URLSearchParams }): Promise<Answer> {
  await sleep(logNormal(130, 0.4))
  const rows = Math.min(20_000, Number(query.get('rows') ?? 1000))
  const lines = ['country,product,quantity,price']
  for (let i = 0; i < rows; i++) {
    lines.push(`${pick(countries)},${pick(products)},${1 + (i % 4)},${(9 + (i % 97) * 3.1).toFixed(2)}`)
  }
  // Now and then an export is cut short, as files from elsewhere are.
  if (chance(0.04)) lines[lines.length >> 1] = 'DE,lamp'
  return { status: 200, body: lines.join('\n') }
}

/** Mail relays are slow, sometimes very, and ask for patience when they are busy. */
async function relay(): Promise<Answer> {
  await sleep(chance(0.015) ? between(900, 1600) : logNormal(110, 0.45))
  if (chance(0.02)) return { status: 429 }
  return { status: chance(0.025) ? 503 : 202 }
}

async function receiveHook(): Promise<Answer> {
  await sleep(chance(0.02) ? 1000 : logNormal(60, 0.6))
  return { status: chance(0.05) ? 502 : 204 }
}
