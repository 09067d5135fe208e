/** Bounds what queries may take: so many at once, so many waiting, and no longer than their time. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TelltaleError } from '../errors.js'
import { messageOf } from '../journal/index.js'
import type { Duck } from './duck.js'

export interface ReadPoolOptions {
  maxReads: number
  maxQueuedReads: number
}

export interface ReadLimits {
  timeoutMs: number
  signal?: AbortSignal
}

interface Waiter {
  start: (connection: DuckDBConnection) => void
}

type Stop = 'timeout' | 'abort' | 'close'

/** Lets other work of this thread have its turn, where there has been none for some milliseconds; throws once the read is to stop. */
export type Pause = () => Promise<void>

/** Work in JavaScript blocks the thread, and with it the commits of batches. */
const MAX_TURN_MS = 4

export class ReadPool {
  readonly #duck: Duck
  readonly #options: ReadPoolOptions
  readonly #idle: DuckDBConnection[] = []
  readonly #waiting: Waiter[] = []
  readonly #running = new Set<{ stop: (why: Stop) => void }>()
  #connections = 0
  #closed = false

  constructor(duck: Duck, options: ReadPoolOptions) {
    this.#duck = duck
    this.#options = options
  }

  /**
   * Runs `read` on a connection of its own. Time in the queue counts. When time is up or the caller gives up, the
   * connection is interrupted, and the returned promise settles once DuckDB has let go.
   */
  async run<T>(
    { timeoutMs, signal }: ReadLimits,
    read: (connection: DuckDBConnection, pause: Pause) => Promise<T>,
  ): Promise<T> {
    if (this.#closed) throw shuttingDown()
    const beganMs = performance.now()
    let stopped: Stop | undefined
    let connection: DuckDBConnection | undefined
    let giveUpWaiting: (() => void) | undefined
    const stop = (why: Stop) => {
      stopped ??= why
      connection?.interrupt()
      giveUpWaiting?.()
    }
    const run = { stop }
    const timer = setTimeout(() => stop('timeout'), Math.max(0, timeoutMs))
    const onAbort = () => stop('abort')
    if (signal?.aborted) stop('abort')
    signal?.addEventListener('abort', onAbort)
    this.#running.add(run)
    try {
      connection = await this.#acquire((giveUp) => {
        giveUpWaiting = giveUp
      })
      giveUpWaiting = undefined
      if (connection === undefined || stopped !== undefined) throw new Error('stopped before it began')
      let turnMs = performance.now()
      const pause = async () => {
        if (performance.now() - turnMs < MAX_TURN_MS) return
        await nextTurn()
        if (stopped !== undefined) throw new Error('stopped')
        turnMs = performance.now()
      }
      const result = await read(connection, pause)
      // A loop that leaves no turn to the timer is late all the same.
      if (performance.now() - beganMs >= timeoutMs) stopped ??= 'timeout'
      // A result that came in time is an answer; one that came after the end of time may be half of one.
      if (stopped !== undefined) throw new Error('stopped')
      return result
    } catch (error) {
      throw readError(error, stopped, timeoutMs, signal)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#running.delete(run)
      if (connection !== undefined) this.#release(connection)
    }
  }

  /** Interrupts what runs and refuses what comes. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { stop } of this.#running) stop('close')
    while (this.#running.size > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    for (const connection of this.#idle.splice(0)) connection.closeSync()
  }

  async #acquire(onWait: (giveUp: () => void) => void): Promise<DuckDBConnection | undefined> {
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#connections < this.#options.maxReads) {
      this.#connections++
      try {
        return await this.#duck.connect()
      } catch (error) {
        this.#connections--
        throw error
      }
    }
    if (this.#waiting.length >= this.#options.maxQueuedReads) {
      throw new TelltaleError('overloaded', 'Too many queries are waiting. Try again in a moment.', {
        retryAfterSeconds: 1,
      })
    }
    return new Promise((resolve) => {
      const waiter: Waiter = { start: resolve }
      this.#waiting.push(waiter)
      onWait(() => {
        const at = this.#waiting.indexOf(waiter)
        if (at < 0) return
        this.#waiting.splice(at, 1)
        resolve(undefined)
      })
    })
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift()
    if (next !== undefined) next.start(connection)
    else this.#idle.push(connection)
  }
}

function readError(error: unknown, stopped: Stop | undefined, timeoutMs: number, signal?: AbortSignal): Error {
  if (stopped === 'close') return shuttingDown()
  if (stopped === 'timeout') {
    return new TelltaleError(
      'query_timeout',
      `The query took longer than ${timeoutMs} ms. Narrow the range or the filters, or take a longer step.`,
      { cause: error },
    )
  }
  if (stopped === 'abort') {
    return new TelltaleError('query_timeout', 'The query was cancelled before it ended.', { cause: signal?.reason })
  }
  if (error instanceof TelltaleError) return error
  const message = messageOf(error)
  if (/out of memory/i.test(message)) {
    return new TelltaleError(
      'query_too_large',
      'The query needs more memory than storage may use. Narrow the range or the filters, group by less, or take a longer step.',
      { cause: error },
    )
  }
  return new TelltaleError('internal', 'The query failed inside storage; the log says why.', { cause: error })
}

export function shuttingDown(): TelltaleError {
  return new TelltaleError('shutting_down', 'The collector is shutting down. Try again in a moment.', {
    retryAfterSeconds: 2,
  })
}
