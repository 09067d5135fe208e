/** One timer for everything in the hub that happens by time: ticks aligned to the wall clock, and single alarms. */

interface Entry {
  dueMs: number
  /** 0: once. */
  intervalMs: number
  run(nowMs: number): void
}

/** Timers may fire a millisecond early, and clocks may be set back: never sleep longer than this. */
const maxSleepMs = 60_000

export class Clock {
  readonly #now: () => number
  readonly #entries = new Set<Entry>()
  #timer: NodeJS.Timeout | undefined
  #armedMs = Number.POSITIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  /** Runs at each multiple of `intervalMs` since the epoch. Ticks that were missed are not made up for. */
  every(intervalMs: number, run: (nowMs: number) => void): void {
    this.#add({ dueMs: nextMultiple(this.#now(), intervalMs), intervalMs, run })
  }

  /** Runs once, at `dueMs` or as soon as possible after it. */
  at(dueMs: number, run: (nowMs: number) => void): void {
    this.#add({ dueMs, intervalMs: 0, run })
  }

  close(): void {
    this.#entries.clear()
    clearTimeout(this.#timer)
    this.#armedMs = Number.POSITIVE_INFINITY
  }

  #add(entry: Entry): void {
    this.#entries.add(entry)
    if (entry.dueMs < this.#armedMs) this.#arm(entry.dueMs)
  }

  #arm(dueMs: number): void {
    clearTimeout(this.#timer)
    this.#armedMs = dueMs
    const sleepMs = Math.min(Math.max(dueMs - this.#now(), 0), maxSleepMs)
    this.#timer = setTimeout(() => this.#wake(), sleepMs)
    this.#timer.unref()
  }

  #wake(): void {
    const nowMs = this.#now()
    this.#armedMs = Number.POSITIVE_INFINITY
    for (const entry of [...this.#entries]) {
      if (entry.intervalMs > 0 && entry.dueMs > nowMs + entry.intervalMs) {
        // The wall clock was set back.
        entry.dueMs = nextMultiple(nowMs, entry.intervalMs)
      }
      if (entry.dueMs > nowMs || !this.#entries.has(entry)) continue
      if (entry.intervalMs > 0) entry.dueMs = nextMultiple(nowMs, entry.intervalMs)
      else this.#entries.delete(entry)
      entry.run(nowMs)
    }
    let nextMs = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.#entries) nextMs = Math.min(nextMs, dueMs)
    if (nextMs < this.#armedMs) this.#arm(nextMs)
  }
}

function nextMultiple(nowMs: number, intervalMs: number): number {
  return (Math.floor(nowMs / intervalMs) + 1) * intervalMs
}
