/** Which route a request took: the pattern that a framework matched, never the path itself, which has no bound. */
import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2'

/** Global, so that two copies of this package agree. */
const routeKey = Symbol.for('telltale.http.route')

/** What Express matched, and where the router was mounted that it was matched in. */
const matched = Symbol('matched')
const mount = Symbol('mount')

interface RoutedRequest {
  [routeKey]?: string
  [matched]?: { path?: unknown }
  [mount]?: unknown
  /** Of Express: where the router is mounted, and what it matched. */
  baseUrl?: unknown
  route?: { path?: unknown }
}

/**
 * Names the route of a request of `node:http`, for frameworks that do not leave it there: `/users/:id`, never
 * `/users/17`. The last name wins. Fastify's and Express's routes are found without it.
 */
export function httpRoute(request: IncomingMessage | Http2ServerRequest, route: string | undefined): void {
  // A proxy or a test may hand over anything, such as nothing where there is no server behind.
  if (typeof request !== 'object' || request === null) return
  ;(request as RoutedRequest)[routeKey] = route
  // A request of HTTP/2 is a view of its stream, which is what is measured.
  const { stream } = request as { stream?: RoutedRequest }
  if (typeof stream === 'object' && stream !== null) stream[routeKey] = route
}

/**
 * Express forgets where a router is mounted once an error leaves it, but sets `route` while it still knows. So requests to
 * a server that was seen to run Express get a `route` that takes note.
 */
const expressRoute: PropertyDescriptor & ThisType<RoutedRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[matched]
  },
  set(route: RoutedRequest['route']) {
    this[matched] = route
    this[mount] = this.baseUrl
  },
}

export function noteExpressRoute(request: IncomingMessage): void {
  Object.defineProperty(request, 'route', expressRoute)
}

export function isFromExpress(request: IncomingMessage): boolean {
  return (request as RoutedRequest).route?.path !== undefined
}

export function routeOf(exchange: IncomingMessage | ServerHttp2Stream): string | undefined {
  const request = exchange as RoutedRequest
  const named = request[routeKey]
  if (named !== undefined) return named
  const path = request.route?.path
  if (path === undefined) return undefined
  const base = request[mount] ?? request.baseUrl
  // A path may be a regular expression or a list of patterns.
  return (typeof base === 'string' ? base : '') + (typeof path === 'string' ? path : String(path))
}
