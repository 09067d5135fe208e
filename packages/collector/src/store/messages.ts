/** What the main thread and the storage thread say to each other. */
import { type ErrorCode, errorStatus, TelltaleError } from '../errors.js'
import { messageOf } from '../journal/index.js'
import type { LogLevel, StoreOptions } from './options.js'
import type { PackedBatch, PackedColumns, PackedEntry } from './pack.js'
import type { OpenedStore, Store } from './store.js'

export type WorkerOptions = Omit<StoreOptions, 'workerUrl' | 'log' | 'onFatal'>

/** Methods of the store that are simply called, with plain arguments. */
export type Callable = Exclude<keyof Store, 'open' | 'append'>

export type ToWorker =
  | { type: 'open' }
  /** Batches with consecutive ids from `id` on. */
  | { type: 'append'; id: number; batches: PackedBatch[]; buffer: ArrayBuffer }
  | { type: 'call'; id: number; method: Callable; args: unknown[] }
  | { type: 'cancel'; id: number }
  | { type: 'replayed'; columns: (PackedColumns | null)[]; buffer: ArrayBuffer }
  | { type: 'replay_failed'; error: WireError }

export type FromWorker =
  /** Before the first `replay`, or before `opened`. */
  | { type: 'known'; known: OpenedStore }
  | { type: 'replay'; entries: PackedEntry[]; buffer: ArrayBuffer }
  | { type: 'opened' }
  | { type: 'open_failed'; error: WireError }
  | { type: 'replies'; replies: Reply[] }
  | { type: 'log'; level: LogLevel; message: string; fields?: Record<string, unknown> }
  | { type: 'fatal'; error: WireError }

export type Reply = { id: number; value: unknown } | { id: number; error: WireError }

/** An error as it crosses the threads. */
export interface WireError {
  code: string | undefined
  message: string
  details: unknown
  retryAfterSeconds: number | undefined
  cause: string | undefined
}

export function packError(error: unknown): WireError {
  const coded = error instanceof TelltaleError ? error : undefined
  const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined
  return {
    code: coded?.code,
    message: messageOf(error),
    details: coded?.details,
    retryAfterSeconds: coded?.retryAfterSeconds,
    cause,
  }
}

export function unpackError({ code, message, details, retryAfterSeconds, cause }: WireError): Error {
  const options = cause === undefined ? {} : { cause: new Error(cause) }
  if (code === undefined || !Object.hasOwn(errorStatus, code)) return new Error(message, options)
  return new TelltaleError(code as ErrorCode, message, { details, retryAfterSeconds, ...options })
}
