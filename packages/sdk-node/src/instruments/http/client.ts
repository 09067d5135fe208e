/** Requests that this process makes with `node:http` and `node:https`, until the answer is read to its end. */
import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import { performance } from 'node:perf_hooks'
import { isOwn } from '../../platform/own-requests.js'
import { errorType } from '../shared/error-type.js'
import type { Failed } from '../shared/guard.js'
import { subscribe } from './channels.js'
import type { OutgoingDurations } from './outgoing-durations.js'

export function instrumentClient(durations: OutgoingDurations, failed: Failed): (() => void)[] {
  const startedAt = Symbol('startedAt')
  const failure = Symbol('failure')
  type Measured = ClientRequest & {
    [startedAt]?: number
    [failure]?: unknown
    res?: IncomingMessage | null
    agent?: Agent
  }
  let stopped = false

  /** Every request closes, once: after its answer, or without one. */
  function onClose(this: Measured): void {
    if (stopped) return
    try {
      const status = this.res?.statusCode
      const cut = this.res != null && !this.res.complete && this.res.statusCode !== 101
      const outcome =
        status === undefined || cut ? errorType(this[failure] ?? this.res?.errored ?? { name: 'aborted' }) : status
      const seconds = (performance.now() - this[startedAt]!) / 1000
      durations.record(seconds, this.method, authorityOf(this), outcome)
    } catch (error) {
      failed('measuring a request', error)
    }
  }

  const begin = ({ request }: { request: Measured }) => {
    if (request[startedAt] !== undefined || isOwn(request.agent)) return
    request[startedAt] = performance.now()
    request.on('close', onClose)
  }

  return [
    // Later lines of Node tell of the creation; earlier ones only of the moment when the request has been written.
    subscribe('http.client.request.created', failed, begin),
    subscribe('http.client.request.start', failed, begin),
    subscribe<{ request: Measured; error: unknown }>('http.client.request.error', failed, ({ request, error }) => {
      request[failure] = error
    }),
    () => {
      stopped = true
    },
  ]
}

/** A request keeps its host, but its port only in the Host header, and there only where it is not the usual one. */
function authorityOf(request: ClientRequest): string {
  const { host, protocol } = request
  const header = request.getHeader('host')
  const port = typeof header === 'string' ? /:(\d+)$/.exec(header)?.[1] : undefined
  return `${host}:${port ?? (protocol === 'https:' ? '443' : '80')}`
}
