/** `createStore`: the store in a thread of its own, so that neither an fsync nor a query stops the collector's main thread. */
import { Worker } from 'node:worker_threads'
import { TelltaleError } from '../errors.js'
import type { NumberedBatch, ProjectId, TaskRow } from '../model.js'
import {
  type Callable,
  type FromWorker,
  packError,
  type ToWorker,
  unpackError,
  type WorkerOptions,
} from './messages.js'
import { type ResolvedOptions, resolveOptions, type StoreOptions } from './options.js'
import { Packer, packBatch, packColumns, unpackEntry } from './pack.js'
import { markEach } from './replay-mark.js'
import type {
  AggregateRequest,
  Appended,
  EventsTrend,
  EventsTrendRequest,
  OpenedStore,
  Partials,
  Replay,
  RetentionRule,
  Store,
  StoreStats,
  TasksPage,
  TasksRequest,
  VerifyReport,
} from './store.js'

export function createStore(options: StoreOptions): Store {
  return new RemoteStore(resolveOptions(options))
}

/** Batches that the storage thread has not answered yet; beyond this, senders are told to wait. */
const UNANSWERED_BYTES = 64 * 1024 * 1024
const CLOSE_TIMEOUT_MS = 10_000

interface Pending {
  resolve: (value: never) => void
  reject: (error: Error) => void
}

class RemoteStore implements Store {
  readonly #options: ResolvedOptions
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #exited: Promise<void> = Promise.resolve()
  #nextId = 1
  #outbox: { batch: NumberedBatch; pending: Pending }[] = []
  #unansweredBytes = 0
  #opening: { replay: Replay; known?: OpenedStore; pending: Pending } | undefined
  /** Set once the thread is gone, or is to go; every later call fails with it. */
  #ended: Error | undefined

  constructor(options: ResolvedOptions) {
    this.#options = options
  }

  open(replay: Replay): Promise<OpenedStore> {
    if (this.#worker !== undefined) throw new TelltaleError('internal', 'A store is opened once.')
    const { workerUrl = new URL('./store/worker.js', import.meta.url), log: _, onFatal: __, ...rest } = this.#options
    const workerData: WorkerOptions = rest
    const worker = new Worker(workerUrl, { workerData, name: 'telltale-storage' })
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (error) => this.#die(error))
    this.#exited = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.#die(new Error(`the storage thread ended with code ${code}`))
        resolve()
      })
    })
    return new Promise<OpenedStore>((resolve, reject) => {
      this.#opening = { replay: markEach(this.#options.dataDir, replay), pending: { resolve, reject } }
      this.#post({ type: 'open' })
    })
  }

  append(batch: NumberedBatch): Promise<Appended> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const bytes = batch.payload.length
    if (this.#unansweredBytes > UNANSWERED_BYTES) {
      const options = { retryAfterSeconds: 1 }
      return Promise.reject(
        new TelltaleError('overloaded', 'Storage cannot keep up. Send the batch again in a moment.', options),
      )
    }
    this.#unansweredBytes += bytes
    return new Promise<Appended>((resolve, reject) => {
      // What arrives in the same turn of the event loop crosses in one message.
      if (this.#outbox.length === 0) setImmediate(() => this.#sendBatches())
      this.#outbox.push({ batch, pending: { resolve, reject } })
    }).finally(() => {
      this.#unansweredBytes -= bytes
    })
  }

  aggregate(request: AggregateRequest, signal?: AbortSignal): Promise<Partials> {
    return this.#call('aggregate', [request], signal)
  }

  tasks(request: TasksRequest, signal?: AbortSignal): Promise<TasksPage> {
    return this.#call('tasks', [request], signal)
  }

  task(project: ProjectId, id: string): Promise<TaskRow | null> {
    return this.#call('task', [project, id])
  }

  eventsTrend(request: EventsTrendRequest, signal?: AbortSignal): Promise<EventsTrend> {
    return this.#call('eventsTrend', [request], signal)
  }

  stats(): Promise<StoreStats> {
    return this.#call('stats', [])
  }

  seal(): Promise<void> {
    return this.#call('seal', [])
  }

  maintain(): Promise<void> {
    return this.#call('maintain', [])
  }

  retain(rules: readonly RetentionRule[]): Promise<void> {
    return this.#call('retain', [rules])
  }

  verify(): Promise<VerifyReport> {
    return this.#call('verify', [])
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined || this.#ended !== undefined) return
    this.#sendBatches()
    const closed = this.#call('close', [])
    this.#ended = new TelltaleError('shutting_down', 'The store is closed. Try again in a moment.', {
      retryAfterSeconds: 2,
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)
    })
    // The thread ends by itself: to stop it in the middle of a query would stop the process.
    await Promise.race([closed.then(() => this.#exited), late])
    clearTimeout(timer)
    await worker.terminate()
  }

  #call<T>(method: Callable, args: unknown[], signal?: AbortSignal): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    if (this.#worker === undefined) {
      return Promise.reject(new TelltaleError('not_ready', 'The store is not open yet.', { retryAfterSeconds: 2 }))
    }
    const id = this.#nextId++
    const cancel = () => this.#post({ type: 'cancel', id })
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#post({ type: 'call', id, method, args })
      if (signal?.aborted) cancel()
      signal?.addEventListener('abort', cancel, { once: true })
    }).finally(() => signal?.removeEventListener('abort', cancel))
  }

  #sendBatches(): void {
    const outbox = this.#outbox
    this.#outbox = []
    if (outbox.length === 0) return
    if (this.#worker === undefined || this.#ended !== undefined) {
      const reason = this.#ended ?? new TelltaleError('not_ready', 'The store is not open yet.')
      for (const { pending } of outbox) pending.reject(reason)
      return
    }
    const id = this.#nextId
    this.#nextId += outbox.length
    const packer = new Packer()
    const batches = outbox.map(({ batch, pending }, i) => {
      this.#pending.set(id + i, pending)
      return packBatch(packer, batch)
    })
    const buffer = packer.finish()
    this.#post({ type: 'append', id, batches, buffer }, [buffer])
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'replies':
        for (const reply of message.replies) {
          const pending = this.#pending.get(reply.id)
          this.#pending.delete(reply.id)
          if ('error' in reply) pending?.reject(unpackError(reply.error))
          else pending?.resolve(reply.value as never)
        }
        break
      case 'known':
        if (this.#opening !== undefined) this.#opening.known = message.known
        break
      case 'replay':
        void this.#replay(message)
        break
      case 'opened':
        this.#opening?.pending.resolve(this.#opening.known as never)
        this.#opening = undefined
        break
      case 'open_failed':
        this.#opening?.pending.reject(unpackError(message.error))
        this.#opening = undefined
        this.#ended = unpackError(message.error)
        break
      case 'log':
        this.#options.log(message.level, message.message, message.fields)
        break
      case 'fatal':
        this.#die(unpackError(message.error))
        break
    }
  }

  async #replay({ entries, buffer }: Extract<FromWorker, { type: 'replay' }>): Promise<void> {
    const opening = this.#opening
    if (opening?.known === undefined) return
    try {
      const columns = await opening.replay(
        entries.map((entry) => unpackEntry(buffer, entry)),
        opening.known,
      )
      const packer = new Packer()
      const packed = columns.map((one) => one && packColumns(packer, one))
      const packedBuffer = packer.finish()
      this.#post({ type: 'replayed', columns: packed, buffer: packedBuffer }, [packedBuffer])
    } catch (error) {
      this.#post({ type: 'replay_failed', error: packError(error) })
    }
  }

  /** The thread is gone or useless: everybody who waits is told, once. */
  #die(cause: Error): void {
    const expected = this.#ended !== undefined
    const error = new TelltaleError('storage_unavailable', 'Storage has stopped; the collector must be restarted.', {
      retryAfterSeconds: 5,
      cause,
    })
    this.#ended ??= error
    const waiting = [...this.#pending.values(), ...this.#outbox.map(({ pending }) => pending)]
    if (this.#opening !== undefined) waiting.push(this.#opening.pending)
    this.#pending.clear()
    this.#outbox = []
    this.#opening = undefined
    for (const { reject } of waiting) reject(error)
    // Not terminated, which a query that is under way would not survive; but nobody waits for it any more.
    this.#worker?.unref()
    if (!expected) this.#options.onFatal(cause)
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, transfer)
  }
}
