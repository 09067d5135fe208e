/** What differs between Node and browsers. Everything else of the SDK is in this package, and knows neither. */
import type { Clock } from './clock.js'
import type { Merger } from './deliver/merge.js'
import type { Lost, Queue } from './deliver/queue.js'
import type { Splitter } from './deliver/split.js'
import type { Run } from './instrument/task.js'
import type { SliceAccount } from './instrument/task-resources.js'
import type { Logger, Warnings } from './logger.js'
import type { Environment, ResolvedOptions } from './options.js'
import type { Ledger } from './stats.js'

export interface Platform {
  /** Sent as the resource attribute `telltale.sdk`, such as `node/0.1.0`. */
  readonly sdk: string
  readonly clock: Clock
  readonly logger: Logger
  readonly env: Environment
  /** A batch is sealed once it is estimated at this many bytes. */
  readonly maxBatchBytes: number
  /**
   * For batches that the collector finds too large. It brings the reader of the wire format with it, so browsers, with
   * their small batches, go without.
   */
  readonly split: Splitter | undefined
  /** Makes one of several batches of metrics where too many wait; likewise. */
  readonly merge: Merger | undefined
  randomBytes(count: number): Uint8Array
  createTransport(options: ResolvedOptions): Transport
  /** A queue that outlives the process, where the options ask for one. Undefined: batches wait in memory. */
  createQueue?(options: ResolvedOptions, context: QueueContext): Queue | undefined
  readonly resources: ResourceProbe
  /** Undefined: only runs that start in the synchronous part of another are known as its children. */
  readonly runContext?: RunContext
  /** Installs the platform's end-of-life hooks for one client; the result removes them. */
  onExit(target: ExitTarget): () => void
}

/** What a queue needs of its client. */
export interface QueueContext {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly warnings: Warnings
  /** There is something to take, though nothing was pushed. */
  readonly wake: () => void
  /** Gone, though nothing was pushed. */
  readonly lose: (lost: readonly Lost[]) => void
}

export interface Transport {
  /**
   * Posts one encoded batch. Rejects where no answer came: refused, reset, timed out or aborted. The answer's body is
   * bounded by the transport. A request by itself does not keep a process alive.
   */
  post(body: Uint8Array, signal: AbortSignal): Promise<TransportResponse>
  close(): Promise<void>
}

export interface TransportResponse {
  status: number
  /** The header Retry-After, as it came. */
  retryAfter: string | undefined
  body: Uint8Array
}

/** Raw readings of the process; undefined where the platform has none. */
export interface ResourceProbe {
  /** User and system CPU time of the process so far, in microseconds. */
  cpuMicros?(): number
  /** That of the calling thread alone. */
  threadCpuMicros?(): number
  /** This is one thread of several, whose time the process's clock counts as well. */
  readonly shared?: boolean
  readonly slices?: SliceMeter
  /** Resident set of the process. Costs microseconds, so it is read a few times a second at most. */
  residentBytes?(): number
}

/** Tells how long the main thread works for each run, whatever runs meanwhile. Costs something at every await. */
export interface SliceMeter {
  /** Calls `work`; its time, and that of all asynchronous work it starts, is charged to `account`. */
  run<T>(account: SliceAccount, work: () => T): T
  /** The account's time so far, in milliseconds, the slice under way included. Nothing is charged to it any more. */
  end(account: SliceAccount): number
}

/** Follows runs through asynchronous work, so that one that starts inside another is known as its child. */
export interface RunContext {
  /** Calls `work`; in it, and in all asynchronous work it starts, `current` is `run`. */
  run<T>(run: Run, work: (task: Run) => T): T
  current(): Run | undefined
}

export interface ExitTarget {
  readonly timeoutMs: number
  /** Everything recorded so far, delivered or given up within `timeoutMs`. Never rejects. */
  flush(): Promise<void>
  /** Hands everything recorded so far to the queue, at once: what outlives the process is safe then. */
  keep(): void
}
