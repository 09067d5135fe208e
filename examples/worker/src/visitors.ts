/**
 * Simulated visitors of a web shop: they come from somewhere, look around, use features, and sometimes pay. Each step is
 * one `track()` call; a counter and a gauge beside it feed live charts.
 */
import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { close, counter, init, observe, track } from '@telltale/sdk-node'
import { systemMetrics } from '@telltale/sdk-node/system'
import { chance, logNormal, pick, pickWeighted } from './random.js'
import { arrivals, readRate, rhythm } from './rate.js'
import { untilStopped } from './until-stopped.js'

init({ service: 'atelier-web', version: '3.2.1', environment: 'demo' })
// The worker measures the machine; here it is this process alone.
systemMetrics({ host: false })

type Page = 'home' | 'category' | 'search' | 'product' | 'pricing' | 'cart' | 'checkout' | 'paid' | 'signup'

/** What a visitor may do next, by where they are, with weights. `leave` ends the session. */
const journeys: Record<Page, Partial<Record<Page | 'leave', number>>> = {
  home: { category: 5, search: 3, pricing: 1, leave: 2 },
  category: { product: 7, category: 2, search: 1, leave: 2 },
  search: { product: 6, search: 2, leave: 2 },
  product: { product: 4, cart: 3, category: 2, leave: 3 },
  cart: { checkout: 5, product: 2, leave: 2 },
  checkout: { paid: 6, cart: 1, leave: 2 },
  paid: { home: 1, leave: 4 },
  pricing: { signup: 3, home: 2, leave: 3 },
  signup: { home: 3, leave: 1 },
}

/** Beside the page view: what happened there, and which event says so. */
const happenings: Partial<Record<Page, string>> = {
  search: 'search.performed',
  product: 'product.viewed',
  cart: 'cart.item_added',
  checkout: 'checkout.started',
  paid: 'invoice.paid',
  signup: 'signup.completed',
}

const features = ['wishlist', 'compare', 'reviews', 'filters', 'chat'] as const
const referrers = { direct: 5, search: 4, newsletter: 2, social: 2 } as const
const orgs = { acme: 5, globex: 3, initech: 2, umbrella: 1 } as const

const sessionsPerSecond = 0.5
const maxSessions = 500
const population = 400

const events = counter('events.tracked', { description: 'Events of visitors.', attributes: ['event'] })
let active = 0
observe('visitors.active', () => active, { description: 'Visitors with an open session.' })

interface Session {
  'session.id': string
  'user.id'?: string
  'org.id'?: string
}

function record(session: Session, event: string, attributes: Record<string, string | number> = {}): void {
  track(event, { ...session, ...attributes })
  events.add(1, { event })
}

async function visit(stopping: AbortSignal): Promise<void> {
  const session: Session = { 'session.id': randomUUID() }
  // Six in ten are known to us: members of an organisation.
  if (chance(0.6)) {
    session['user.id'] = `u${Math.ceil(Math.random() * population)}`
    session['org.id'] = pickWeighted(orgs)
  }
  active += 1
  record(session, 'session.started', { referrer: pickWeighted(referrers) })
  try {
    for (let page: Page | 'leave' = 'home'; page !== 'leave'; page = pickWeighted(journeys[page])) {
      look(session, page)
      await sleep(logNormal(6000, 0.8), undefined, { signal: stopping })
    }
  } catch {
    // The demo is stopping: everybody leaves.
  } finally {
    active -= 1
  }
}

function look(session: Session, page: Page): void {
  record(session, 'page.view', { path: page === 'home' ? '/' : `/${page}` })
  const event = happenings[page]
  if (event === 'invoice.paid') record(session, event, { amount: Math.round(logNormal(48, 0.7) * 100) / 100 })
  else if (event) record(session, event)
  if (chance(0.15)) record(session, 'feature.used', { feature: pick(features) })
}

const stopping = new AbortController()
// Each visitor who is thinking listens for the end.
setMaxListeners(maxSessions, stopping.signal)
const rate = readRate()
const doors = arrivals(
  () => sessionsPerSecond * rate * rhythm(),
  () => {
    if (active < maxSessions) void visit(stopping.signal)
  },
)
// Nobody likes an empty shop: a few are there when it opens.
for (let i = 0; i < 6 * rate; i++) void visit(stopping.signal)

await untilStopped()
doors.stop()
stopping.abort()
await close()
