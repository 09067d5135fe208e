/** What the store can be told, its defaults, and the one place that checks them. */
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import type { RetentionPeriods, RetentionRule } from './store.js'

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
  /** Seal once the unsealed journal holds this many payload bytes. Default 48 MiB: two or three seconds of replay at worst. */
  sealBytes?: number
  /** A busy store waits at most this long for more batches before it commits a group. Default 5. */
  groupCommitMs?: number
  /** … and no longer than until this many bytes wait. Default 256 KiB. */
  groupCommitBytes?: number
  /** How long rows and rollups are kept. Default: raw, 1m and events 365 days; 5m, 1h and 1d five years. */
  retention?: RetentionOptions
  /** What is kept for longer or shorter than that. Default: nothing. */
  retentionRules?: readonly RetentionRule[]
  /** Segments of at most so many bytes are merged in one step. Default 64 MiB. */
  compactionBytes?: number
  /** A day that is over is merged once it had no new rows for so long. Default 15 minutes. */
  compactionQuietMs?: number
  /** Upper bound of `journal.db`; beyond it batches are refused with `storage_full`. Default: none. */
  maxJournalBytes?: number
  /** A file of this size, at most a sixteenth of the disk, is kept to make room when the disk is full. Default 0: none. */
  reserveBytes?: number
  /** Memory for decoded rows of segments, which queries read again and again; 0: none are kept. Default 256 MiB. */
  warmBytes?: number
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

/** Ages at which rows go, by resolution. */
export type RetentionOptions = RetentionPeriods

export type ResolvedOptions = Readonly<Required<Omit<StoreOptions, 'workerUrl' | 'maxJournalBytes' | 'retention'>>> &
  Pick<StoreOptions, 'workerUrl' | 'maxJournalBytes'> & { readonly retention: Readonly<Required<RetentionOptions>> }

const MIB = 1024 * 1024

const YEAR_MS = 365 * 86_400_000

export const retentionDefaults: Readonly<Required<RetentionOptions>> = {
  rawMs: YEAR_MS,
  '1mMs': YEAR_MS,
  '5mMs': 5 * YEAR_MS,
  '1hMs': 5 * YEAR_MS,
  '1dMs': 5 * YEAR_MS,
  eventsMs: YEAR_MS,
}

export const storeDefaults = {
  sealRows: 2_000_000,
  sealIntervalMs: 30 * 60_000,
  sealBytes: 48 * MIB,
  groupCommitMs: 5,
  groupCommitBytes: 256 * 1024,
  warmBytes: 256 * MIB,
  maxReads: 3,
  maxQueuedReads: 256,
  compactionBytes: 64 * MIB,
  compactionQuietMs: 15 * 60_000,
  reserveBytes: 0,
} as const

export function resolveOptions(options: StoreOptions): ResolvedOptions {
  const resolved = {
    ...storeDefaults,
    threads: availableParallelism(),
    memoryLimitMb: Math.max(256, Math.floor((totalmem() / MIB) * 0.4)),
    retentionRules: [],
    log: () => {},
    onFatal: () => {},
    ...withoutUndefined(options),
    dataDir: resolve(options.dataDir),
    retention: Object.freeze({ ...retentionDefaults, ...withoutUndefined(options.retention ?? {}) }),
  }
  atLeast('threads', resolved.threads, 1)
  atLeast('memoryLimitMb', resolved.memoryLimitMb, 64)
  atLeast('sealRows', resolved.sealRows, 1)
  atLeast('sealIntervalMs', resolved.sealIntervalMs, 0)
  atLeast('sealBytes', resolved.sealBytes, 1)
  atLeast('groupCommitMs', resolved.groupCommitMs, 0)
  atLeast('groupCommitBytes', resolved.groupCommitBytes, 1)
  atLeast('warmBytes', resolved.warmBytes, 0)
  atLeast('maxReads', resolved.maxReads, 1)
  atLeast('maxQueuedReads', resolved.maxQueuedReads, 0)
  atLeast('reserveBytes', resolved.reserveBytes, 0)
  atLeast('compactionBytes', resolved.compactionBytes, 1)
  atLeast('compactionQuietMs', resolved.compactionQuietMs, 0)
  for (const [name, ms] of Object.entries(resolved.retention)) atLeast(`retention.${name}`, ms, 0)
  if (resolved.maxJournalBytes !== undefined) atLeast('maxJournalBytes', resolved.maxJournalBytes, MIB)
  return Object.freeze(resolved)
}

function atLeast(name: string, value: number, minimum: number): void {
  if (Number.isFinite(value) && value >= minimum) return
  throw new RangeError(`store option ${name} is ${value}; it must be a number of at least ${minimum}`)
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
