/** Undo and redo over values that are never changed in place. */

const maxSteps = 200
/** Edits of one name that follow each other this quickly, such as letters of a title, are one step. */
const joinMs = 1000

interface Step<T> {
  value: T
  name: string
  atMs: number
}

export class History<T> {
  #steps: Step<T>[]
  #at = 0
  readonly #now: () => number

  constructor(value: T, now: () => number = Date.now) {
    this.#now = now
    this.#steps = [{ value, name: '', atMs: Number.NEGATIVE_INFINITY }]
  }

  get value(): T {
    return this.#steps[this.#at]!.value
  }

  get canUndo(): boolean {
    return this.#at > 0
  }

  get canRedo(): boolean {
    return this.#at < this.#steps.length - 1
  }

  /** The next value; what was undone is gone. */
  push(value: T, name = ''): void {
    const atMs = this.#now()
    const last = this.#steps[this.#at]!
    const isJoined = name !== '' && last.name === name && atMs - last.atMs < joinMs && this.#at > 0
    this.#steps = [...this.#steps.slice(0, isJoined ? this.#at : this.#at + 1), { value, name, atMs }].slice(-maxSteps)
    this.#at = this.#steps.length - 1
  }

  /** The next value from elsewhere: there is no way back behind it. */
  reset(value: T): void {
    this.#steps = [{ value, name: '', atMs: Number.NEGATIVE_INFINITY }]
    this.#at = 0
  }

  undo(): T {
    if (this.canUndo) this.#at--
    return this.value
  }

  redo(): T {
    if (this.canRedo) this.#at++
    return this.value
  }
}
