/** Requests that this process answers, from the head of the request to the last byte of the answer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Attributes } from '@telltale/sdk-core'
import type { Failed } from '../shared/guard.js'
import type { InstrumentTarget } from '../shared/target.js'
import { subscribe } from './channels.js'
import { DurationTable, type Outcome } from './duration-table.js'
import { nameFastifyRoutes } from './fastify.js'
import { methodName } from './method-name.js'
import type { HttpHooks } from './options.js'
import { isFromExpress, noteExpressRoute, routeOf } from './route.js'

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  server: Server
}

export function instrumentServer(target: InstrumentTarget, hooks: HttpHooks, failed: Failed): (() => void)[] {
  const duration = target.histogram('http.server.request.duration', {
    unit: 's',
    description: 'Duration of requests that were answered.',
  })
  const table = new DurationTable(duration, describe)
  /** One for each call of `instrumentHttp`. */
  const startedAt = Symbol('startedAt')
  type Measured = ServerResponse & { [startedAt]: number }
  const expressServers = new WeakSet<Server>()
  let active = 0
  let stopped = false

  /** Every answer closes: sent to its end, or cut off by either side. */
  function onClose(this: ServerResponse): void {
    if (stopped) return
    active--
    try {
      finish(this.req, this, (performance.now() - (this as Measured)[startedAt]) / 1000)
    } catch (error) {
      failed('measuring a request', error)
    }
  }

  function finish(request: IncomingMessage, response: ServerResponse, seconds: number): void {
    if (isFromExpress(request)) rememberExpress(request)
    const method = methodName(request.method)
    const route = (hooks.route === undefined ? routeOf(request) : routeByHook(request, response)) ?? ''
    const outcome = response.writableFinished ? response.statusCode : 'aborted'
    if (hooks.attributes === undefined && !hooks.events) {
      table.record(seconds, method, route, outcome)
      return
    }
    const attributes = { ...describe(method, route, outcome), ...attributesByHook(request, response) }
    duration.record(seconds, attributes)
    if (hooks.events) target.track('http.request', { ...attributes, duration_ms: seconds * 1000 })
  }

  function rememberExpress({ socket }: IncomingMessage): void {
    const { server } = socket as { server?: Server }
    if (server !== undefined) expressServers.add(server)
  }

  function routeByHook(request: IncomingMessage, response: ServerResponse): string | undefined {
    try {
      return hooks.route?.(request, response) ?? routeOf(request)
    } catch (error) {
      failed("the hook 'route'", error)
      return routeOf(request)
    }
  }

  function attributesByHook(request: IncomingMessage, response: ServerResponse): Attributes | undefined {
    try {
      return hooks.attributes?.(request, response)
    } catch (error) {
      failed("the hook 'attributes'", error)
      return undefined
    }
  }

  function isIgnored(request: IncomingMessage): boolean {
    try {
      return hooks.ignore?.(request) === true
    } catch (error) {
      failed("the hook 'ignore'", error)
      return false
    }
  }

  return [
    subscribe<Exchange>('http.server.request.start', failed, ({ request, response, server }) => {
      if (hooks.ignore !== undefined && isIgnored(request)) return
      active++
      ;(response as Measured)[startedAt] = performance.now()
      response.on('close', onClose)
      if (expressServers.has(server)) noteExpressRoute(request)
    }),
    nameFastifyRoutes(failed),
    target.observe('http.server.active_requests', () => active, {
      description: 'Requests that are being answered.',
    }),
    () => {
      stopped = true
    },
  ]
}

/** In the names of OpenTelemetry's semantic conventions. Client errors are no errors of a server. */
function describe(method: string, route: string, outcome: Outcome): Attributes {
  return {
    'http.request.method': method,
    'http.route': route === '' ? undefined : route,
    'http.response.status_code': typeof outcome === 'number' ? outcome : undefined,
    'error.type': typeof outcome === 'string' || outcome >= 500 ? String(outcome) : undefined,
  }
}
