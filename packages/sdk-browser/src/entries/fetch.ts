/** Requests of the page, `fetch` and XMLHttpRequest: how long until the answer's head, and what it was. */
import { histogram } from '@telltale/sdk-browser'
import { routeOf } from '../route.js'

export interface FetchOptions {
  /** Names an address as the attribute `url.route`; `undefined` leaves the request out. Default: its path, with ids taken out. */
  route?: (url: URL) => string | undefined
}

/**
 * Records `http.client.request.duration` (s) with `http.request.method`, `server.address`, `url.route`, and
 * `http.response.status_code` or `error.type`. Query strings are never read, nor are headers or bodies. The SDK's own requests are
 * left out. The result ends it.
 */
export function requests({ route = (url) => routeOf(url.pathname) }: FetchOptions = {}): () => void {
  if (typeof window === 'undefined') return () => {}
  const duration = histogram('http.client.request.duration', { unit: 's' })
  let stopped = false

  /** Returns what to call with the outcome; undefined where the request is not measured. */
  function begin(method: string, address: string | URL): ((status: number, errorType?: string) => void) | undefined {
    try {
      const url = new URL(address, location.href)
      const name = stopped || !/^http/.test(url.protocol) || url.pathname.endsWith('/v1/rows') ? undefined : route(url)
      if (name === undefined) return undefined
      const startedMs = performance.now()
      return (status, errorType) =>
        duration.record((performance.now() - startedMs) / 1000, {
          'http.request.method': /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : '_OTHER',
          'server.address': url.hostname,
          'url.route': name,
          'http.response.status_code': status || undefined,
          'error.type': errorType ?? (status >= 400 ? `${status}` : undefined),
        })
    } catch {
      return undefined
    }
  }

  const originalFetch = window.fetch
  const ourFetch: typeof fetch = async (input, init) => {
    const isRequest = input instanceof Request
    const method = (init?.method ?? (isRequest ? input.method : 'GET')).toUpperCase()
    const end = begin(method, isRequest ? input.url : input)
    try {
      const response = await originalFetch.call(window, input, init)
      end?.(response.status)
      return response
    } catch (error) {
      end?.(0, error instanceof Error ? error.name : 'error')
      throw error
    }
  }
  window.fetch = ourFetch

  const { prototype } = XMLHttpRequest
  const { open, send } = prototype
  const opened = new WeakMap<XMLHttpRequest, [method: string, address: string | URL]>()
  const ourOpen = function (this: XMLHttpRequest, ...args: Parameters<typeof open>): void {
    opened.set(this, [String(args[0]).toUpperCase(), args[1]])
    open.apply(this, args)
  }
  const ourSend: typeof send = function (this: XMLHttpRequest, body) {
    const request = opened.get(this)
    const end = request && begin(...request)
    let failure: string | undefined
    const fail = ({ type }: Event): void => {
      failure = type
    }
    if (end) {
      for (const type of ['error', 'timeout', 'abort']) this.addEventListener(type, fail, { once: true })
      this.addEventListener('loadend', () => end(this.status, failure), { once: true })
    }
    send.call(this, body)
  }
  prototype.open = ourOpen as typeof open
  prototype.send = ourSend
  return () => {
    stopped = true
    // Whoever has wrapped them since keeps ours inside, which then only pass on.
    if (window.fetch === ourFetch) window.fetch = originalFetch
    if (prototype.open === ourOpen) prototype.open = open
    if (prototype.send === ourSend) prototype.send = send
  }
}
