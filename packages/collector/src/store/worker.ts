/** The storage thread: the engine behind a message port. `RemoteStore` is its other end. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Columns } from '../model.js'
import { createEngine } from './engine.js'
import { type FromWorker, packError, type Reply, type ToWorker, unpackError, type WorkerOptions } from './messages.js'
import { Packer, packEntry, unpackBatch, unpackColumns } from './pack.js'
import type { JournalEntry, OpenedStore, Replay, Store } from './store.js'

interface Pending<T> {
  resolve: (value: T) => void
  reject: (error: unknown) => void
}

class StoreWorker {
  readonly #port: MessagePort
  readonly #store: Store
  readonly #cancels = new Map<number, AbortController>()
  #outbox: Reply[] = []
  #transfers: ArrayBuffer[] = []
  #replaying: Pending<(Columns | null)[]> | undefined
  #knownSent = false

  constructor(port: MessagePort, options: WorkerOptions) {
    this.#port = port
    this.#store = createEngine({
      ...options,
      log: (level, message, fields) => this.#post({ type: 'log', level, message, fields }),
      onFatal: (error) => this.#post({ type: 'fatal', error: packError(error) }),
    })
    port.on('message', (message: ToWorker) => this.#receive(message))
  }

  #receive(message: ToWorker): void {
    switch (message.type) {
      case 'open':
        void this.#open()
        break
      case 'append':
        for (const [i, packed] of message.batches.entries()) {
          void this.#answer(message.id + i, this.#store.append(unpackBatch(message.buffer, packed)))
        }
        break
      case 'call':
        void this.#call(message)
        break
      case 'cancel':
        this.#cancels.get(message.id)?.abort()
        break
      case 'replayed':
        this.#replaying?.resolve(message.columns.map((columns) => columns && unpackColumns(message.buffer, columns)))
        break
      case 'replay_failed':
        this.#replaying?.reject(unpackError(message.error))
        break
    }
  }

  async #open(): Promise<void> {
    const replay: Replay = (entries, known) => this.#replay(entries, known)
    try {
      const opened = await this.#store.open(replay)
      this.#sendKnown(opened)
      this.#post({ type: 'opened' })
    } catch (error) {
      this.#post({ type: 'open_failed', error: packError(error) })
      this.#port.close()
    }
  }

  #replay(entries: JournalEntry[], known: OpenedStore): Promise<(Columns | null)[]> {
    this.#sendKnown(known)
    return new Promise((resolve, reject) => {
      this.#replaying = { resolve, reject }
      const packer = new Packer()
      const packed = entries.map((entry) => packEntry(packer, entry))
      const buffer = packer.finish()
      this.#post({ type: 'replay', entries: packed, buffer }, [buffer])
    })
  }

  /** The list of series can be long: it crosses once. */
  #sendKnown(known: OpenedStore): void {
    if (this.#knownSent) return
    this.#knownSent = true
    this.#post({ type: 'known', known })
  }

  async #call({ id, method, args }: Extract<ToWorker, { type: 'call' }>): Promise<void> {
    const cancel = new AbortController()
    this.#cancels.set(id, cancel)
    const call = this.#store[method] as (...args: unknown[]) => Promise<unknown>
    await this.#answer(
      id,
      Promise.resolve().then(() => call.call(this.#store, ...args, cancel.signal)),
    )
    this.#cancels.delete(id)
    // With its port closed the thread has nothing left to do, and ends.
    if (method === 'close') setImmediate(() => this.#port.close())
  }

  async #answer(id: number, result: Promise<unknown>): Promise<void> {
    try {
      const value = await result
      this.#transfers.push(...buffersOf(value))
      this.#reply({ id, value })
    } catch (error) {
      this.#reply({ id, error: packError(error) })
    }
  }

  /** Answers that are ready in the same turn, such as a whole commit group, share a message. */
  #reply(reply: Reply): void {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush())
    this.#outbox.push(reply)
  }

  #flush(): void {
    const replies = this.#outbox
    const transfers = this.#transfers
    this.#outbox = []
    this.#transfers = []
    this.#post({ type: 'replies', replies }, transfers)
  }

  #post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer)
  }
}

/** Buffers of the typed arrays in an answer, two levels deep as in `Partials`. */
function buffersOf(value: unknown, depth = 2): ArrayBuffer[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return []
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : []
  return depth === 0 ? [] : Object.values(value).flatMap((part) => buffersOf(part, depth - 1))
}

if (parentPort !== null) new StoreWorker(parentPort, workerData as WorkerOptions)
