/** Queries and connections of `pg`: of a pool with all its clients, or of one client. */
import type { EventEmitter } from 'node:events'
import { performance } from 'node:perf_hooks'
import { SetupError } from '@telltale/sdk-core'
import { isPromise, operationDuration, type RecordCall, whenSettled } from '../shared/database.js'
import { errorType } from '../shared/error-type.js'
import { failuresOf } from '../shared/guard.js'
import { patch } from '../shared/patch.js'
import { type InstrumentationOptions, type InstrumentTarget, type Stop, stopOnce, targetOf } from '../shared/target.js'
import { type PgClient, patchQuery } from './query.js'

/** What is used of a `Pool`. */
export interface PgPool extends PgClient, Pick<EventEmitter, 'on' | 'removeListener'> {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
  connect(...args: never[]): unknown
  readonly options?: { readonly database?: unknown; readonly host?: unknown; readonly port?: unknown }
}

export interface PgInstrumentOptions extends InstrumentationOptions {
  /** Tells pools apart, as `db.client.connection.pool.name`. Default: host, port and database as the pool was given them. */
  name?: string
}

type Connect = (this: unknown, ...args: unknown[]) => unknown

/**
 * The histogram `db.client.operation.duration` in seconds by `db.operation.name` and `error.type`; of a pool also
 * `db.client.connection.wait_time`, and the gauges `db.client.connection.count` (used and idle) and
 * `db.client.connection.pending_requests`. Texts and values of queries go nowhere. Cursors and streams are not measured.
 */
export function instrumentPg(client: PgPool | PgClient, options: PgInstrumentOptions = {}): Stop {
  if (typeof client?.query !== 'function') {
    throw new SetupError('client', 'a Pool or a Client of pg', client, 'instrumentPg')
  }
  const target = targetOf(options)
  const failed = failuresOf('instrumentPg', options)
  const duration = operationDuration(target)
  const record = (operation: string, seconds: number, error: unknown) => {
    try {
      duration.record(seconds, {
        'db.system.name': 'postgresql',
        'db.operation.name': operation,
        'error.type': error === undefined ? undefined : errorType(error),
      })
    } catch (problem) {
      failed('measuring a query', problem)
    }
  }
  if (!isPool(client)) return stopOnce(failed, [patchQuery(client, record)])
  const name = options.name ?? nameOf(client)
  return stopOnce(failed, [
    ...patchClients(client, record),
    patchConnect(client, waitRecorder(target, name, failed)),
    ...observePool(client, target, name),
  ])
}

function isPool(client: PgPool | PgClient): client is PgPool {
  return 'totalCount' in client && 'connect' in client && 'on' in client
}

/** A pool hands out clients that it made at any time: each is taken on as it is first acquired, the old ones too. */
function patchClients(pool: PgPool, record: Parameters<typeof patchQuery>[1]): (() => void)[] {
  const patched = new Map<PgClient, () => void>()
  const onAcquire = (client: PgClient) => {
    if (!patched.has(client)) patched.set(client, patchQuery(client, record))
  }
  const onRemove = (client: PgClient) => {
    patched.get(client)?.()
    patched.delete(client)
  }
  pool.on('acquire', onAcquire)
  pool.on('remove', onRemove)
  return [
    () => {
      pool.removeListener('acquire', onAcquire)
      pool.removeListener('remove', onRemove)
      for (const unpatch of patched.values()) unpatch()
      patched.clear()
    },
  ]
}

/** `pool.query` goes through `connect` as well. */
function patchConnect(pool: PgPool, record: RecordCall): () => void {
  return patch(
    pool as unknown as { connect: Connect },
    'connect',
    (original, isActive) =>
      function connect(this: unknown, ...args: unknown[]) {
        if (!isActive()) return original.apply(this, args)
        const startMs = performance.now()
        const [callback] = args
        if (typeof callback !== 'function') {
          const result = original.apply(this, args)
          return isPromise(result) ? whenSettled(result, startMs, record) : result
        }
        return original.call(this, function (this: unknown, error: unknown, ...rest: unknown[]) {
          record((performance.now() - startMs) / 1000, error ?? undefined)
          return callback.call(this, error, ...rest)
        })
      },
  )
}

function waitRecorder(target: InstrumentTarget, pool: string, failed: ReturnType<typeof failuresOf>): RecordCall {
  const waitTime = target.histogram('db.client.connection.wait_time', {
    unit: 's',
    description: 'How long it took to get a connection from the pool, new ones included.',
  })
  return (seconds, error) => {
    try {
      waitTime.record(seconds, {
        'db.client.connection.pool.name': pool,
        'error.type': error === undefined ? undefined : errorType(error),
      })
    } catch (problem) {
      failed('measuring the wait for a connection', problem)
    }
  }
}

function observePool(pool: PgPool, target: InstrumentTarget, name: string): (() => void)[] {
  const attributes = { 'db.client.connection.pool.name': name }
  const count = (state: string, read: () => number) =>
    target.observe('db.client.connection.count', read, {
      attributes: { ...attributes, 'db.client.connection.state': state },
      description: 'Connections of the pool.',
    })
  return [
    count('used', () => pool.totalCount - pool.idleCount),
    count('idle', () => pool.idleCount),
    target.observe('db.client.connection.pending_requests', () => pool.waitingCount, {
      attributes,
      description: 'Callers that wait for a connection.',
    }),
  ]
}

function nameOf({ options }: PgPool): string {
  const { host = 'localhost', port = 5432, database = 'postgres' } = options ?? {}
  return `${host}:${port}/${database}`
}
