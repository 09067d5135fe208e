/** Requests that this process makes with `fetch` and with undici, until the answer is read to its end. */
import { performance } from 'node:perf_hooks'
import { errorType } from '../shared/error-type.js'
import type { Failed } from '../shared/guard.js'
import { subscribe } from './channels.js'
import type { OutgoingDurations } from './outgoing-durations.js'

/** What undici tells of a request, in Node's own copy and in any that a program brings. */
interface UndiciRequest {
  origin: string | URL
  method: string
}

export function instrumentUndici(durations: OutgoingDurations, failed: Failed): (() => void)[] {
  const startedAt = Symbol('startedAt')
  const status = Symbol('status')
  type Measured = UndiciRequest & { [startedAt]?: number; [status]?: number }
  interface About {
    request: Measured
  }

  const end = (request: Measured, outcome: number | string) => {
    const startMs = request[startedAt]
    if (startMs === undefined) return
    // An error may still follow the end of an answer.
    request[startedAt] = undefined
    const seconds = (performance.now() - startMs) / 1000
    durations.record(seconds, request.method, authorityOf(String(request.origin)), outcome)
  }

  return [
    subscribe<About>('undici:request:create', failed, ({ request }) => {
      request[startedAt] = performance.now()
    }),
    subscribe<About & { response: { statusCode: number } }>(
      'undici:request:headers',
      failed,
      ({ request, response }) => {
        request[status] = response.statusCode
      },
    ),
    subscribe<About>('undici:request:trailers', failed, ({ request }) => {
      const code = request[status]
      if (code !== undefined) end(request, code)
    }),
    subscribe<About & { error: unknown }>('undici:request:error', failed, ({ request, error }) => {
      end(request, errorType(error))
    }),
  ]
}

/** From `https://example.com` to `example.com:443`. */
function authorityOf(origin: string): string {
  const authority = origin.slice(origin.indexOf('//') + 2)
  // The colons of an IPv6 address stand in brackets.
  if (/:\d+$/.test(authority)) return authority
  return `${authority}:${origin.startsWith('https:') ? '443' : '80'}`
}
