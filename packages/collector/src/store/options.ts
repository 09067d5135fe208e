/** What the store can be told, its defaults, and the one place that checks them. */
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void

export interface StoreOptions {
  /** Folder of the journal and the segments; made (0700) where it is missing. */
  dataDir: string
  /** DuckDB's threads. Default: the number of cores. */
  threads?: number
  /** DuckDB's memory. Default: 40 % of the machine's, at least 256. */
  memoryLimitMb?: number
  /** Seal once this many rows are hot. Default 2,000,000: about a second of replay. */
  sealRows?: number
  /** Seal once the oldest hot row is this old. Default 30 minutes; 0: never by age. */
  sealIntervalMs?: number
  /** Seal once the unsealed journal holds this many payload bytes. Default 128 MiB. */
  sealBytes?: number
  /** A busy store waits at most this long for more batches before it commits a group. Default 5. */
  groupCommitMs?: number
  /** … and no longer than until this many bytes wait. Default 256 KiB. */
  groupCommitBytes?: number
  /** Upper bound of `journal.db`; beyond it batches are refused with `storage_full`. Default: none. */
  maxJournalBytes?: number
  /** Queries that run at the same time. Default 3: each holds one of the four threads of Node's pool, and writing needs one. */
  maxReads?: number
  /** Queries that may wait for their turn; more are refused with `overloaded`. Default 256. */
  maxQueuedReads?: number
  /** The storage thread's file. Default: `store/worker.js` beside the bundle that holds this module. */
  workerUrl?: URL
  log?: Log
  /** Called once where storage has died and only a restart helps. */
  onFatal?: (error: Error) => void
}

export type ResolvedOptions = Readonly<Required<Omit<StoreOptions, 'workerUrl' | 'maxJournalBytes'>>> &
  Pick<StoreOptions, 'workerUrl' | 'maxJournalBytes'>

const MIB = 1024 * 1024

export const storeDefaults = {
  sealRows: 2_000_000,
  sealIntervalMs: 30 * 60_000,
  sealBytes: 128 * MIB,
  groupCommitMs: 5,
  groupCommitBytes: 256 * 1024,
  maxReads: 3,
  maxQueuedReads: 256,
} as const

export function resolveOptions(options: StoreOptions): ResolvedOptions {
  const resolved = {
    ...storeDefaults,
    threads: availableParallelism(),
    memoryLimitMb: Math.max(256, Math.floor((totalmem() / MIB) * 0.4)),
    log: () => {},
    onFatal: () => {},
    ...withoutUndefined(options),
    dataDir: resolve(options.dataDir),
  }
  atLeast('threads', resolved.threads, 1)
  atLeast('memoryLimitMb', resolved.memoryLimitMb, 64)
  atLeast('sealRows', resolved.sealRows, 1)
  atLeast('sealIntervalMs', resolved.sealIntervalMs, 0)
  atLeast('sealBytes', resolved.sealBytes, 1)
  atLeast('groupCommitMs', resolved.groupCommitMs, 0)
  atLeast('groupCommitBytes', resolved.groupCommitBytes, 1)
  atLeast('maxReads', resolved.maxReads, 1)
  atLeast('maxQueuedReads', resolved.maxQueuedReads, 0)
  if (resolved.maxJournalBytes !== undefined) atLeast('maxJournalBytes', resolved.maxJournalBytes, MIB)
  return Object.freeze(resolved)
}

function atLeast(name: string, value: number, minimum: number): void {
  if (Number.isFinite(value) && value >= minimum) return
  throw new RangeError(`store option ${name} is ${value}; it must be a number of at least ${minimum}`)
}

function withoutUndefined(options: StoreOptions): StoreOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as StoreOptions
}
