/** One client of `pg`: its `query` in all the ways that it is called, by promise, by callback, by config. */
import { performance } from 'node:perf_hooks'
import { isPromise, type RecordCall, whenSettled } from '../shared/database.js'
import { patch } from '../shared/patch.js'
import { operationOf } from './operation.js'

export interface PgClient {
  query(...args: never[]): unknown
}

type Query = (this: unknown, ...args: unknown[]) => unknown
type Callback = (this: unknown, error: unknown, ...rest: unknown[]) => unknown

/** `record` must not throw. The result puts the client's own `query` back. */
export function patchQuery(client: PgClient, record: (operation: string, seconds: number, error: unknown) => void) {
  return patch(
    client as { query: Query },
    'query',
    (original, isActive) =>
      function query(this: unknown, ...args: unknown[]) {
        const [config] = args
        // Cursors and streams drive the protocol themselves, over many reads: there is no one duration to measure.
        if (!isActive() || isSubmittable(config)) return original.apply(this, args)
        const operation = operationOf(textOf(config))
        const startMs = performance.now()
        const measured: RecordCall = (seconds, error) => record(operation, seconds, error)
        try {
          const result = original.apply(this, withCallback(args, startMs, measured))
          return isPromise(result) ? whenSettled(result, startMs, measured) : result
        } catch (error) {
          measured((performance.now() - startMs) / 1000, error)
          throw error
        }
      },
  )
}

/** The same arguments; where there is a callback among them, ours goes in front of it. */
function withCallback(args: unknown[], startMs: number, record: RecordCall): unknown[] {
  const place = args.findIndex((arg, i) => i > 0 && typeof arg === 'function')
  const inFront = (callback: Callback): Callback =>
    function (this: unknown, error, ...rest) {
      record((performance.now() - startMs) / 1000, error ?? undefined)
      return callback.call(this, error, ...rest)
    }
  if (place > 0) return args.with(place, inFront(args[place] as Callback))
  const [config] = args
  if (typeof config !== 'object' || config === null || !('callback' in config)) return args
  const { callback } = config
  if (typeof callback !== 'function') return args
  // A copy: the host may use its config again, with its own callback.
  const copy = Object.assign(Object.create(Object.getPrototypeOf(config)), config, {
    callback: inFront(callback as Callback),
  })
  return args.with(0, copy)
}

function isSubmittable(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'submit' in config && typeof config.submit === 'function'
}

function textOf(config: unknown): unknown {
  return typeof config === 'object' && config !== null && 'text' in config ? config.text : config
}
