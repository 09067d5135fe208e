/**
 * What happened in a BullMQ queue, whoever did it: its stream of events, read on from where we were. The times are those
 * of Redis, so waits are right whatever the clocks of producers and workers say.
 */

/** What is used of a `Queue` of BullMQ, in lines 4 to 6. */
export interface BullQueue {
  getJobCounts(...types: never[]): Promise<Record<string, number>>
  toKey(type: string): string
  /** The connection, in lines before 6. */
  client?: Promise<unknown>
  /** Line 6 wraps connections of several libraries in one shape. */
  getBackend?(): { client?: Promise<unknown> }
}

export interface QueueEvents {
  added(count: number): void
  started(waitMs: number): void
  finished(outcome: 'done' | 'failed'): void
}

type Entry = [id: string, fields: string[]]
type Pages = [key: string, entries: Entry[]][] | null | undefined
type Read = (id: string) => Promise<Pages>

const pageSize = 1000
/** BullMQ itself keeps about 10,000 events. */
const maxPages = 20
/** Jobs whose wait is being measured. The oldest are forgotten first. */
const maxWaiting = 10_000

export class BullEventReader {
  readonly #queue: BullQueue
  readonly #events: QueueEvents
  readonly #waitingSinceMs = new Map<string, number>()
  #lastId = '0-0'
  #caughtUp = false

  constructor(queue: BullQueue, events: QueueEvents) {
    this.#queue = queue
    this.#events = events
  }

  /** The first time, what is there only tells since when jobs wait; from then on events count. */
  async read(isStopped: () => boolean): Promise<void> {
    const read = await this.#reader()
    for (let page = 0; page < maxPages; page++) {
      const entries = (await read(this.#lastId))?.[0]?.[1] ?? []
      if (isStopped()) return
      for (const [id, fields] of entries) {
        this.#lastId = id
        this.#take(Number.parseInt(id, 10), fields)
      }
      if (entries.length < pageSize) break
    }
    this.#caughtUp = true
  }

  async #reader(): Promise<Read> {
    const queue = this.#queue
    const key = queue.toKey('events')
    const backend = queue.getBackend?.()
    const client = (await (backend ?? queue).client) as { xread(...args: unknown[]): Promise<Pages> }
    if (backend !== undefined) return (id) => client.xread([{ key, id }], { COUNT: pageSize })
    return (id) => client.xread('COUNT', pageSize, 'STREAMS', key, id)
  }

  #take(timeMs: number, fields: string[]): void {
    const { event, jobId = '' } = fieldsOf(fields)
    const events = this.#caughtUp ? this.#events : undefined
    switch (event) {
      case 'added':
        events?.added(1)
        this.#waits(jobId, timeMs)
        return
      case 'waiting':
      case 'prioritized':
        this.#waits(jobId, timeMs)
        return
      case 'active': {
        const sinceMs = this.#waitingSinceMs.get(jobId)
        if (sinceMs !== undefined) events?.started(Math.max(0, timeMs - sinceMs))
        this.#waitingSinceMs.delete(jobId)
        return
      }
      case 'completed':
        events?.finished('done')
        return
      case 'failed':
        events?.finished('failed')
        return
      case 'delayed':
      case 'removed':
        // The wait of a delayed job begins when its delay is over.
        this.#waitingSinceMs.delete(jobId)
    }
  }

  #waits(jobId: string, timeMs: number): void {
    const waiting = this.#waitingSinceMs
    waiting.delete(jobId)
    waiting.set(jobId, timeMs)
    if (waiting.size <= maxWaiting) return
    for (const oldest of waiting.keys()) {
      waiting.delete(oldest)
      return
    }
  }
}

function fieldsOf(flat: string[]): { event?: string; jobId?: string } {
  const fields: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i]] = flat[i + 1]
  return fields
}
