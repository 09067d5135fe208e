/**
 * Delivery: batches wait until the collector has them on its disk; in memory, and, where the page may store, in IndexedDB.
 * A failure pauses all sending, for it is nearly always the collector's, not the batch's.
 */
import type { Books } from '../books.js'
import type { Options } from '../options.js'
import { hidden } from '../visit/hidden.js'
import type { Disk } from './disk.js'
import { createPoster } from './post.js'
import type { Batch } from './store.js'

export interface Sender {
  add(batch: Batch): void
  /** From now on batches are on disk as well, and what other pages have left is sent too. */
  use(disk: Disk): void
  isMine(id: string): boolean
  /** Another tab has settled a batch, perhaps one of ours. */
  book(id: string, refused: number, reason?: string): void
  /** Sends what waits; tries again now, where the wait is our own choice. */
  hurry(): void
  /** The page may end at any moment: sends everything that fits the browser's budget by requests that outlive it. */
  escape(): void
  /** Stops what would keep the page out of the back/forward cache. */
  abort(): void
  /** Gives up all that waits. */
  discard(reason: string): void
  /** Resolves once all own batches are settled. */
  settled(): Promise<void>
  /** Ends. What is on disk waits there for the next page; all else is given up. */
  stop(): void
}

const leastBackoffMs = 500
const mostBackoffMs = 30_000

/** `allowed`: whether anything may be stored or sent now. */
export function createSender(
  options: Options,
  books: Books,
  warn: (message: string) => void,
  allowed: () => boolean,
): Sender {
  const poster = createPoster(options)
  /** Own batches that are not settled, oldest first. */
  const mine = new Map<string, Batch>()
  /** By batch, what ends its request; one that outlives the page goes on. */
  const inFlight = new Map<string, () => void>()
  let disk: Disk | undefined
  let draining = false
  let wanted = false
  const waiters: (() => void)[] = []
  let waiting = 0
  let backoffMs = 0
  let pausedUntilMs = 0
  let pauseIsOurs = true
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  function book(id: string, refused: number, reason?: string): void {
    const batch = mine.get(id)
    if (!batch) return
    mine.delete(id)
    waiting -= batch.bytes
    const { event, task, sample } = batch.calls
    if (reason) {
      books.report(batch.drops)
      books.drop('event', reason, event)
      books.drop('task', reason, task)
      books.drop('sample', reason, sample)
    } else {
      const calls = event + task + sample
      const rejected = Math.min(calls, refused)
      books.acked += calls - rejected
      books.rejected += rejected
    }
    if (!mine.size) for (const resolve of waiters.splice(0)) resolve()
  }

  /** Own batches are booked; the owner of another's is told. */
  function settle(batch: Batch, refused: number, reason?: string): void {
    if (mine.has(batch.id)) book(batch.id, refused, reason)
    else disk?.tell(batch, refused, reason)
    disk?.remove(batch)
  }

  function save(batch: Batch): void {
    if (allowed()) void disk?.put(batch).then((saved) => (batch.saved = saved))
  }

  async function attempt(batch: Batch, outlive: boolean): Promise<void> {
    const { id } = batch
    const controller = new AbortController()
    const cancel = (): void => {
      if (!outlive) controller.abort()
    }
    inFlight.set(id, cancel)
    const deadline = setTimeout(() => controller.abort(), options.requestTimeoutMs)
    const outcome = await poster.post(batch, controller.signal, outlive)
    clearTimeout(deadline)
    // Otherwise a request that outlives the page has taken the place of this one, or the client was closed.
    if (inFlight.get(id) !== cancel) return
    inFlight.delete(id)
    const { refused = 0, reason, retry, afterMs } = outcome
    if (retry) {
      warn(`not delivered, will retry: ${retry}`)
      backoffMs = Math.min(mostBackoffMs, leastBackoffMs + Math.random() * backoffMs * 3)
      pauseIsOurs = afterMs === undefined
      const waitMs = afterMs ?? backoffMs
      pausedUntilMs = Date.now() + waitMs
      // A batch that the collector stumbles over must not stand before all others.
      if (pauseIsOurs && mine.delete(id)) mine.set(id, batch)
      clearTimeout(timer)
      timer = setTimeout(drain, waitMs)
      return
    }
    backoffMs = 0
    settle(batch, refused, reason)
    if (refused) warn('the collector refuses rows')
  }

  function abort(): void {
    for (const cancel of inFlight.values()) cancel()
  }

  async function pump(): Promise<void> {
    while (allowed() && !stopped && Date.now() >= pausedUntilMs) {
      const batch = [...mine.values()].find(({ id }) => !inFlight.has(id)) ?? (await disk?.leftover())
      if (!batch) return
      await attempt(batch, hidden())
    }
  }

  async function drain(): Promise<void> {
    // What comes while others are sent may come too late for them to see it.
    wanted = true
    if (draining) return
    draining = true
    while (wanted && allowed() && !stopped) {
      wanted = false
      try {
        await (disk ? disk.exclusive(pump) : pump())
      } catch {
        // The page is on its way out.
      }
    }
    draining = false
  }

  return {
    add(batch) {
      mine.set(batch.id, batch)
      waiting += batch.bytes
      for (const oldest of mine.values()) {
        if (waiting <= options.maxQueueBytes) break
        settle(oldest, 0, 'queue_full')
        warn('the queue is full')
      }
      save(batch)
      void drain()
    },
    use(opened) {
      disk = opened
      mine.forEach(save)
      void drain()
    },
    isMine: (id) => mine.has(id),
    book,
    hurry() {
      if (pauseIsOurs) pausedUntilMs = 0
      void drain()
    },
    escape() {
      for (const batch of mine.values()) {
        if (!allowed() || !poster.fits(batch.bytes)) continue
        const before = inFlight.get(batch.id)
        void attempt(batch, true)
        before?.()
      }
    },
    abort,
    discard(reason) {
      abort()
      for (const id of mine.keys()) book(id, 0, reason)
    },
    settled: () =>
      new Promise((resolve) => {
        if (mine.size) waiters.push(resolve)
        else resolve()
      }),
    stop() {
      stopped = true
      clearTimeout(timer)
      for (const [id, { saved }] of mine) if (!saved) book(id, 0, 'close_timeout')
      abort()
    },
  }
}
