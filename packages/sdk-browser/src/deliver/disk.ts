/**
 * What makes the queue survive its page: batches lie in IndexedDB until the collector has them. It is a chunk of its own,
 * loaded once something may be stored: a page that never gets that far does not pay for it.
 *
 * A page sends its own batches. What pages that are gone have left is anybody's after a while; a Web Lock sees to it that one
 * tab at a time sends. Where two send the same batch all the same, the collector stores it once.
 */
import type { Options } from '../options.js'
import type { Sender } from './sender.js'
import { type Batch, type BatchKey, openStore } from './store.js'

export interface Disk {
  /** Resolves to true once the batch is on disk. */
  put(batch: Batch): Promise<boolean>
  remove(batch: Batch): void
  /** Runs `work` while no other tab sends. */
  exclusive(work: () => Promise<void>): Promise<void>
  /** A batch that a page left behind. */
  leftover(): Promise<Batch | undefined>
  /** Tells the page whose batch it is, if it is still there, what became of it. */
  tell(batch: Batch, refused: number, reason?: string): void
  close(): void
}

/** What other pages have left is theirs for so many flush intervals. */
const graceIntervals = 5

export function openDisk(
  name: string,
  { flushIntervalMs, maxQueueBytes }: Options,
  sender: Pick<Sender, 'book' | 'hurry' | 'isMine'>,
): Disk {
  const graceMs = graceIntervals * flushIntervalMs
  const store = openStore(name)
  let channel: BroadcastChannel | undefined
  let left: BatchKey[] = []
  let sweptMs = 0

  /** Finds what other pages have left, and bounds all of it. */
  async function sweep(): Promise<void> {
    const nowMs = Date.now()
    if (nowMs - sweptMs < graceMs) return
    sweptMs = nowMs
    const keys = await store.keys()
    let bytes = keys.reduce((sum, key) => sum + key[2], 0)
    left = []
    for (const key of keys) {
      const [savedMs, id, size] = key
      if (bytes > maxQueueBytes) {
        bytes -= size
        sender.book(id, 0, 'queue_full')
        void store.remove(key)
      } else if (!sender.isMine(id) && nowMs - savedMs >= graceMs) left.push(key)
    }
  }

  const keyOf = ({ savedMs, id, bytes }: Batch): BatchKey => [savedMs, id, bytes]

  /** Tabs tell each other what they sent. */
  function hear(): void {
    deafen()
    if (!('BroadcastChannel' in globalThis)) return
    channel = new BroadcastChannel(name)
    channel.onmessage = ({ data: [id, refused, reason] }) => sender.book(id, refused, reason)
  }

  /** An open channel would keep the page out of the back/forward cache. */
  function deafen(): void {
    channel?.close()
    channel = undefined
  }

  const ending = new AbortController()
  const { signal } = ending
  hear()
  globalThis.addEventListener?.('pagehide', deafen, { signal })
  globalThis.addEventListener?.('pageshow', hear, { signal })
  // What the last page left as it was closed is not old enough yet.
  const later = setTimeout(sender.hurry, graceMs + flushIntervalMs)

  return {
    put: async (batch) => (await store.put(keyOf(batch), batch)) !== undefined,
    remove: (batch) => void store.remove(keyOf(batch)),
    async exclusive(work) {
      // Pages have no locks over plain http: there, tabs may send twice what the collector stores once.
      const { locks } = navigator
      const settled = async (): Promise<void> => {
        // By now the tab that held the lock has told what it sent of ours; one more turn through the browser, and we have heard it.
        await store.keys()
        await work()
      }
      await (locks ? locks.request(name, settled) : work())
    },
    async leftover() {
      await sweep()
      for (;;) {
        // Any of them: one that the collector stumbles over must not bar the way.
        const [key] = left.splice(Math.random() * left.length, 1)
        const batch = key && (await store.get(key))
        if (batch || !key) return batch
      }
    },
    tell: ({ id }, refused, reason) => channel?.postMessage([id, refused, reason]),
    close() {
      clearTimeout(later)
      ending.abort()
      deafen()
    },
  }
}
