/** Shoppers who look at products over HTTP, fill carts and pay: the business metrics of the demo. */
import { gauge } from '@telltale/sdk-node'
import { type JobName, type OrgId, pickOrg } from './jobs.js'
import { chance, logNormal, pick } from './random.js'
import { arrivals, rhythm } from './rate.js'

const cartsOpen = gauge('carts.open', { description: 'Carts with something in them.' })
const countries = ['DE', 'DE', 'DE', 'FR', 'FR', 'NL', 'IT'] as const

const looksPerSecond = 3
const maxCarts = 400

export interface ShoppersOptions {
  serviceUrl: string
  rate: number
  enqueue(name: JobName, orgId: OrgId): void
}

export function startShoppers({ serviceUrl, rate, enqueue }: ShoppersOptions) {
  let carts = 0
  const stopping = new AbortController()

  const request = async (path: string, body?: string): Promise<number> => {
    try {
      const response = await fetch(serviceUrl + path, { method: body ? 'POST' : 'GET', body, signal: stopping.signal })
      await response.arrayBuffer()
      return response.status
    } catch {
      // The service is stopping: a shopper who goes away.
      return 0
    }
  }

  const look = async () => {
    const status = await request(`/products/${Math.ceil(Math.random() * 80)}`)
    if (status === 200 && chance(0.3) && carts < maxCarts) carts += 1
    if (carts > 0 && chance(0.18)) await checkOut()
    else if (carts > 0 && chance(0.1)) carts -= 1
    cartsOpen.set(carts)
  }

  const checkOut = async () => {
    const amount = Math.round(logNormal(48, 0.7) * 100) / 100
    const status = await request('/checkout', JSON.stringify({ amount, country: pick(countries) }))
    if (status !== 200) return
    carts -= 1
    const orgId = pickOrg()
    enqueue('email', orgId)
    enqueue('webhook', orgId)
  }

  const looks = arrivals(
    () => looksPerSecond * rate * rhythm(),
    () => void look(),
  )
  return {
    stop() {
      looks.stop()
      stopping.abort()
    },
  }
}
