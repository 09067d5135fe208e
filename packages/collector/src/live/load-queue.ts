/** Lets a few loads of streams run at a time, in the order in which they came. */
export class LoadQueue {
  readonly #maxRunning: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning
  }

  async run(load: () => Promise<void>): Promise<void> {
    // Whoever leaves hands its place on, so nobody overtakes those who wait.
    if (this.#running >= this.#maxRunning) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      await load()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
