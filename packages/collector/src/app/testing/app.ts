/** The HTTP side over fakes of every other stage, for tests. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { pino } from 'pino'
import { Catalog } from '../../catalog/catalog.js'
import { resolveConfig } from '../../config.js'
import { TelltaleError } from '../../errors.js'
import type { Principal } from '../../model.js'
import { parseTimePoint } from '../../query/time.js'
import type { AppParts, BatchResult } from '../ports.js'
import { createApp } from '../server.js'

const keys: Record<string, Principal> = {
  reader: { project: 1, projectName: 'shop', scopes: new Set(['read']), viewKey: 'all' },
  editor: { project: 1, projectName: 'shop', scopes: new Set(['read', 'edit']), viewKey: 'all' },
  stranger: { project: 2, projectName: 'other', scopes: new Set(['read', 'edit']), viewKey: 'all' },
  writer: { project: 1, projectName: 'shop', scopes: new Set(['ingest']), viewKey: 'all' },
  pk_page: { project: 1, projectName: 'shop', scopes: new Set(['ingest']), viewKey: 'all' },
}

export interface FakeCalls {
  batches: Uint8Array[]
  queries: unknown[]
}

export const emptyAck: BatchResult = {
  batchId: new Uint8Array(16),
  accepted: 1,
  rejected: [],
  duplicate: false,
  receivedMs: 0,
  folded: 0,
}

/** The real catalog: SQLite is quick, and a fake would have to do what it does. */
function catalogParts(): Pick<AppParts, 'boards' | 'annotations'> {
  const catalog = new Catalog({ dataDir: mkdtempSync(join(tmpdir(), 'telltale-app-')) })
  for (const name of ['shop', 'other']) catalog.ensureProject(name)
  return { boards: catalog.dashboards, annotations: catalog.annotations }
}

export async function testApp(overrides: Partial<AppParts> = {}, env: Record<string, string> = {}) {
  const calls: FakeCalls = { batches: [], queries: [] }
  const find = (key: string): Principal => {
    const principal = keys[key]
    if (!principal) throw new TelltaleError('unauthorized', 'no such key')
    return principal
  }
  const answer = <T>(query: unknown, value: T) => {
    calls.queries.push(query)
    return value
  }
  const meta = { resolution: 'raw', step: null, kind: 'gauge' as const, unit: '', cached: false, took_ms: 0 }
  const parts: AppParts = {
    config: resolveConfig({ env }),
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
    version: '0.0.0',
    auth: {
      fromHeader: (header) => find(header?.replace('Bearer ', '') ?? ''),
      fromQuery: find,
      requireScope: (principal, scope) => {
        if (!principal.scopes.has(scope)) throw new TelltaleError('forbidden', `needs ${scope}`)
      },
    },
    ingest: {
      batch: async (_project, payload) => {
        calls.batches.push(payload)
        return emptyAck
      },
      events: async () => ({ accepted: 1, rejected: [], duplicate: false }),
      rows: async (_project, { batch_id }) => ({ batch_id, rejected: 0, duplicate: false }),
    },
    queries: {
      metricsJson: async (_principal, query) =>
        answer(query, { body: Buffer.from(JSON.stringify({ data: [], meta })), etag: 'W/"empty"' }),
      fixedRange: () => ({ start: 0, end: 1 }),
      histogram: async (_principal, query) =>
        answer(query, {
          timestamps: [],
          rows: [],
          cells: { time: [], row: [], count: [] },
          meta: { ...meta, step_ms: 60_000, count: 0 },
        }),
      listMetrics: (_principal, search) => answer({ search }, { data: [] }),
      metric: (_principal, name) => {
        throw new TelltaleError('unknown_metric', `no ${name}`)
      },
      metricTags: (_principal, name) => answer({ name }, { data: [] }),
      tagValues: (_principal, name, key, search) => answer({ name, key, search }, { data: [], truncated: false }),
      tasks: async (_principal, query) => answer(query, { data: [], meta: { total: 0, took_ms: 0 } }),
      task: () => Promise.reject(new Error('a fault of ours')),
      events: async (_principal, query) => answer(query, { data: [] }),
    },
    definitions: {
      list: () => [],
      get: unknownDefinition,
      create: unknownDefinition,
      replace: unknownDefinition,
      remove: unknownDefinition,
    },
    ...catalogParts(),
    annotationSeer: () => () => false,
    timePoint: (value, field) => parseTimePoint(value, Date.now(), field),
    tokens: {
      issue: async () => ({ token: 'a.b.c', id: 'token-1', expiresMs: 0 }),
      revoke: () => {},
    },
    retention: { get: unknownDefinition, replace: unknownDefinition },
    keys: { list: () => [], create: () => Promise.reject(new Error('no keys here')) as never, revoke: () => false },
    storage: async () => ({ journalBytes: 0, hotRows: 0, segments: 0, segmentBytes: 0, damagedSegments: 0 }),
    streams: { accept: (socket) => socket.close(1000, 'seen') },
    measures: { metricsText: async () => 'up 1\n', querySeconds: () => {}, httpResponse: () => {} },
    readiness: () => 'ready',
    ...overrides,
  }
  const app = await createApp(parts)
  return { app, calls, parts }
}

function unknownDefinition(): never {
  throw new TelltaleError('unknown_definition', 'nothing is defined')
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** Sends JSON as whoever may edit; answers with the status, the headers and the parsed body. */
export async function callJson(
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const request: InjectOptions = { method, url, headers: { ...bearer('editor'), ...headers } }
  if (body !== undefined) {
    request.payload = JSON.stringify(body)
    request.headers = { ...request.headers, 'content-type': 'application/json' }
  }
  const response = await app.inject(request)
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.body === '' ? undefined : response.json(),
  }
}
