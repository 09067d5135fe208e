/** From readings that only ever grow, such as bytes since the machine started, to what came in between. */

/** One key for each device and direction; devices come and go, but never without end. */
const maxKeys = 1000

export class Deltas {
  readonly #before = new Map<string, number>()

  /** What was added since the last reading; undefined at the first one, and after a reset. */
  since(key: string, value: number): number | undefined {
    const before = this.#before.get(key)
    if (before !== undefined || this.#before.size < maxKeys) this.#before.set(key, value)
    return before === undefined || value < before ? undefined : value - before
  }
}
