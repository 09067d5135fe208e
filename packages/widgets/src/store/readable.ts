/** The smallest store that Svelte, and everything that learned from it, can read: told at once, then at each change. */

export interface Readable<T> {
  /** Calls `run` with the value now and with each one after it; gives what ends that. */
  subscribe(run: (value: T) => void): () => void
  get(): T
}

export class Store<T> implements Readable<T> {
  #value: T
  readonly #runs = new Set<(value: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  get(): T {
    return this.#value
  }

  set(value: T): void {
    this.#value = value
    for (const run of [...this.#runs]) run(value)
  }

  subscribe(run: (value: T) => void): () => void {
    // Each subscription is one of its own, also of the same function.
    const own = (value: T) => run(value)
    this.#runs.add(own)
    run(this.#value)
    return () => {
      this.#runs.delete(own)
    }
  }
}
