/** The histogram that clients of databases share, in the names of OpenTelemetry's semantic conventions. */
import type { Histogram } from '@telltale/sdk-core'
import type { InstrumentTarget } from './target.js'

export function operationDuration(target: InstrumentTarget): Histogram {
  return target.histogram('db.client.operation.duration', {
    unit: 's',
    description: 'Duration of database operations, from the call to the answer.',
  })
}

/** Told how long a call took and what failed, undefined where nothing did. */
export type RecordCall = (seconds: number, error: unknown) => void

/**
 * Hands on what a promise gives, after `record`. The host gets the new promise, not the old one beside it: a rejection
 * that nobody handles must stay one.
 */
export function whenSettled<T>(promise: PromiseLike<T>, startMs: number, record: RecordCall): PromiseLike<T> {
  const seconds = () => (performance.now() - startMs) / 1000
  return promise.then(
    (value) => {
      record(seconds(), undefined)
      return value
    },
    (error: unknown) => {
      record(seconds(), error ?? {})
      throw error
    },
  )
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
