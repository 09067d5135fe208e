/** Batches on disk: one object store in IndexedDB, in order of time. Where there is none, nothing here fails or stores. */
import type { Drops, Signal } from '../books.js'

/** A batch on its way. */
export interface Batch {
  id: string
  /** JSON without its opening brace, so that each attempt can put the time of sending in front. */
  body: string
  /** UTF-8 bytes of the body. */
  bytes: number
  /** Calls in it. */
  calls: Record<Signal, number>
  /** Losses that it reports; they are reported anew where it is lost itself. */
  drops: Drops
  /** When it was sealed. */
  savedMs: number
  /** It is on disk. */
  saved?: boolean
}

/** Sorted by time; the size lets the queue be bounded without reading batches. */
export type BatchKey = [savedMs: number, id: string, bytes: number]

export interface Store {
  put(key: BatchKey, batch: Batch): Promise<unknown>
  get(key: BatchKey): Promise<Batch | undefined>
  remove(key: BatchKey): Promise<unknown>
  keys(): Promise<BatchKey[]>
}

const table = 'batches'

export function openStore(name: string): Store {
  let opened: Promise<IDBDatabase> | undefined

  const open = (): Promise<IDBDatabase> =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(table)
      request.onerror = reject
      request.onsuccess = () => {
        const db = request.result
        db.onclose = () => {
          opened = undefined
        }
        // Another tab removes the database, as consent was withdrawn: it must not wait for us.
        db.onversionchange = () => {
          db.close()
          opened = undefined
        }
        resolve(db)
      }
    })

  /** Resolves once the transaction is complete, with undefined where it failed. */
  const run = async <T>(
    mode: IDBTransactionMode,
    work: (batches: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> => {
    try {
      opened ??= open()
      const transaction = (await opened).transaction(table, mode, { durability: 'relaxed' })
      const request = work(transaction.objectStore(table))
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve
        transaction.onabort = reject
      })
      return request.result
    } catch {
      return undefined
    }
  }

  return {
    put: (key, batch) => run('readwrite', (batches) => batches.put(batch, key)),
    get: (key) => run('readonly', (batches) => batches.get(key)),
    remove: (key) => run('readwrite', (batches) => batches.delete(key)),
    keys: async () => ((await run('readonly', (batches) => batches.getAllKeys())) ?? []) as unknown as BatchKey[],
  }
}
