/** Requests that this process answers, from the head of the request to the last byte of the answer. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Attributes } from '@telltale/sdk-core'
import type { Failed } from '../shared/guard.js'
import type { InstrumentTarget } from '../shared/target.js'
import { subscribe } from './channels.js'
import { DurationTable, type Outcome } from './duration-table.js'
import { nameFastifyRoutes } from './fastify.js'
import { instrumentHttp2Server } from './http2-server.js'
import { methodName } from './method-name.js'
import { OpenAnswers } from './open-answers.js'
import type { HttpHooks } from './options.js'
import { isFromExpress, noteExpressRoute, routeOf } from './route.js'

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  socket: Socket
  server: Server
}

export function instrumentServer(target: InstrumentTarget, hooks: HttpHooks, failed: Failed): (() => void)[] {
  const duration = target.histogram('http.server.request.duration', {
    unit: 's',
    description: 'Duration of requests that were answered.',
  })
  const table = new DurationTable(duration, describe)
  /** One for each call of `instrumentHttp`. */
  const openAnswers = Symbol('openAnswers')
  type Connection = Socket & { [openAnswers]?: OpenAnswers }
  const expressServers = new WeakSet<Server>()
  let active = 0
  let stopped = false

  /** One listener a connection: one an answer would cost more than all else. */
  function follow(connection: Connection): OpenAnswers {
    const open = new OpenAnswers()
    connection[openAnswers] = open
    connection.on('close', () => {
      for (const response of open.abandon()) end(open, response, false)
    })
    return open
  }

  function end(open: OpenAnswers, response: ServerResponse, answered: boolean): void {
    const startMs = open.end(response)
    if (startMs === undefined || stopped) return
    active--
    try {
      finish(response.req, response, (performance.now() - startMs) / 1000, answered)
    } catch (error) {
      failed('measuring a request', error)
    }
  }

  function finish(request: IncomingMessage, response: ServerResponse, seconds: number, answered: boolean): void {
    if (isFromExpress(request)) rememberExpress(request)
    const method = request.method ?? ''
    const route = (hooks.route === undefined ? routeOf(request) : routeByHook(request, response)) ?? ''
    const outcome = answered ? response.statusCode : 'aborted'
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
    subscribe<Exchange>('http.server.request.start', failed, ({ request, response, socket, server }) => {
      if (hooks.ignore !== undefined && isIgnored(request)) return
      const open = (socket as Connection)[openAnswers] ?? follow(socket)
      active++
      open.begin(response, performance.now())
      if (expressServers.has(server)) noteExpressRoute(request)
    }),
    subscribe<Exchange>('http.server.response.finish', failed, ({ response, socket }) => {
      const open = (socket as Connection)[openAnswers]
      if (open !== undefined) end(open, response, true)
    }),
    ...instrumentHttp2Server(
      {
        begin() {
          active++
        },
        end(seconds, method, route, outcome) {
          active--
          table.record(seconds, method, route, outcome)
        },
      },
      failed,
    ),
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
    'http.request.method': methodName(method),
    'http.route': route === '' ? undefined : route,
    'http.response.status_code': typeof outcome === 'number' ? outcome : undefined,
    'error.type': typeof outcome === 'string' || outcome >= 500 ? String(outcome) : undefined,
  }
}
