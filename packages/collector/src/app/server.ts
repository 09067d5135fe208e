/** The HTTP server: every route of the one list behind the same checks, in the same order. */
import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { TelltaleError } from '../errors.js'
import type { Permission, Principal } from '../model.js'
import { annotationRoutes } from './annotation-routes.js'
import {
  BodyBudget,
  expectedBytes,
  jsonType,
  parseJson,
  plainBody,
  plainType,
  protobufType,
  requireContentType,
  requireEncoding,
  tooLarge,
} from './body.js'
import { dashboardRoutes } from './dashboard-routes.js'
import { definitionRoutes } from './definition-routes.js'
import { sendError } from './errors.js'
import { exportRoutes } from './export-routes.js'
import { addFiles } from './files.js'
import { ingestRoutes } from './ingest-routes.js'
import { keyRoutes } from './key-routes.js'
import { methodNotAllowed, PathIndex } from './not-found.js'
import { operateRoutes } from './operate-routes.js'
import type { AppParts } from './ports.js'
import { queryRoutes } from './query-routes.js'
import { retentionRoutes } from './retention-routes.js'
import type { Call, Route } from './route.js'
import { addSecurity } from './security.js'
import { tokenRoutes } from './token-routes.js'
import { addUpgrade } from './upgrade.js'

/** Bodies of queries are small; a filter may still list thousands of values. */
const maxQueryBodyBytes = 1024 * 1024
const maxParamLength = 1024

export const routes: readonly Route[] = [
  ...ingestRoutes,
  ...queryRoutes,
  ...exportRoutes,
  ...definitionRoutes,
  ...retentionRoutes,
  ...dashboardRoutes,
  ...annotationRoutes,
  ...tokenRoutes,
  ...keyRoutes,
  ...operateRoutes(() => routes),
]

/** Built, not yet listening. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, log } = parts
  // The framework's own news, such as each address that it listens on, is not ours to tell; its troubles are.
  const logger: FastifyBaseLogger = log.child({}, { level: log.isLevelEnabled('info') ? 'warn' : log.level })
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.behindProxy,
    bodyLimit: config.ingest.maxBodyBytes,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    routerOptions: { maxParamLength, ignoreTrailingSlash: true },
    forceCloseConnections: 'idle',
    // A request that comes while we stop gets our answer, not the framework's.
    return503OnClosing: false,
    // A client that sends its request slower than this holds a connection for nothing.
    requestTimeout: 60_000,
    keepAliveTimeout: 75_000,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
    clientErrorHandler: onClientError,
  })
  app.removeAllContentTypeParsers()
  // Bodies arrive as bytes whatever they claim to be: inflating and parsing come after the checks of the route.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply))
  addMeasures(app, parts)
  await addSecurity(app, config)
  const budget = new BodyBudget(config.ingest.maxInFlightBytes)
  for (const route of routes) addRoute(app, route, parts, budget)
  if (parts.publicDir) await addFiles(app, parts.publicDir)
  addFallback(app)
  addUpgrade(app.server as Server, {
    streams: parts.streams,
    maxClients: config.stream.maxClients,
    readiness: parts.readiness,
  })
  return app
}

interface Checked {
  principal?: Principal
}

const checked = new WeakMap<FastifyRequest, Checked>()

function addRoute(app: FastifyInstance, route: Route, parts: AppParts, budget: BodyBudget): void {
  const { maxBodyBytes } = parts.config.ingest
  const bodyLimit = route.tag === 'ingest' ? maxBodyBytes : maxQueryBodyBytes
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit,
    // Everything that can be refused by its head is refused before its body is read.
    onRequest: async (request, reply) => {
      if (route.tag !== 'operate') requireReady(parts)
      const principal = route.scope ? await authenticate(request, route, parts) : undefined
      checked.set(request, { principal })
      if (route.body && !isAbsent(request, route)) checkHead(request, route, bodyLimit)
      if (route.tag === 'ingest') {
        reply.raw.once('close', budget.reserve(expectedBytes(request, bodyLimit)))
      }
    },
    handler: async (request, reply) => {
      const call: Call = {
        request,
        reply,
        principal: checked.get(request)?.principal as Principal,
        params: request.params as Record<string, string>,
        query: route.query ? (route.query.parse(request.query) as Call['query']) : {},
        body: await readBody(request, route, bodyLimit),
        signal: disconnectSignal(reply),
        parts,
      }
      const answer = await route.handle(call)
      if (route.response.status !== undefined && !reply.sent) reply.code(route.response.status)
      return route.response.status === 204 ? reply.send() : answer
    },
  })
}

function requireReady({ readiness }: AppParts): void {
  const state = readiness()
  if (state === 'ready') return
  throw state === 'stopping'
    ? new TelltaleError('shutting_down', 'The collector is stopping; send this again in a moment', {
        retryAfterSeconds: 2,
      })
    : new TelltaleError('not_ready', 'The collector is not ready; send this again in a moment', {
        retryAfterSeconds: 1,
      })
}

async function authenticate(request: FastifyRequest, route: Route, { auth }: AppParts): Promise<Principal> {
  const { key } = request.query as { key?: unknown }
  const byQuery = route.publishable && typeof key === 'string' && request.headers.authorization === undefined
  const principal = byQuery ? auth.fromQuery(key) : await auth.fromHeader(request.headers.authorization)
  auth.requireScope(principal, route.scope as Permission)
  if (principal.view === undefined || route.embed) return principal
  throw new TelltaleError('forbidden', 'An embed token only reads what it was made for; use a key for this')
}

/** No body where none is needed. */
function isAbsent({ headers }: FastifyRequest, { body }: Route): boolean {
  if (body?.kind !== 'json' || !body.optional) return false
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
}

function checkHead(request: FastifyRequest, route: Route, bodyLimit: number): void {
  if (route.body?.kind === 'protobuf') requireContentType(request, protobufType)
  else requireContentType(request, jsonType, route.body?.plain && plainType)
  requireEncoding(request)
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw tooLarge(bodyLimit)
}

async function readBody(request: FastifyRequest, route: Route, bodyLimit: number): Promise<unknown> {
  const { body } = route
  if (!body || isAbsent(request, route)) return undefined
  const bytes = await plainBody(request, bodyLimit)
  if (body.kind === 'protobuf') return bytes
  const json = parseJson(bytes)
  return (body.schemaFor?.(json) ?? body.schema).parse(json)
}

/** Aborts when the connection closes before the answer is complete. */
function disconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}

function addMeasures(app: FastifyInstance, { measures, log }: AppParts): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000
    const route = request.routeOptions.url ?? 'unknown'
    measures.httpResponse(route, reply.statusCode, seconds)
    // The path without its query, where a key may stand.
    log.debug(
      { request_id: request.id, method: request.method, route, status: reply.statusCode, seconds },
      'request answered',
    )
  })
}

function addFallback(app: FastifyInstance): void {
  const index = new PathIndex([...routes])
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split('?', 1)
    const allowed = index.methods(path)
    if (allowed.length === 0) return sendError(index.notFound(request.method, path), request, reply)
    reply.header('allow', allowed.join(', '))
    sendError(methodNotAllowed(request.method, path, allowed), request, reply)
  })
}

/** What Node's parser refuses never becomes a request; it still gets an answer in our shape. */
function onClientError(error: Error & { code?: string }, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The request head is too large; send shorter headers and paths']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request did not arrive in time; send it again']
        : ['400 Bad Request', 'This is not an HTTP request that can be read']
  const body = JSON.stringify({ error: { code: 'invalid_request', message } })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
