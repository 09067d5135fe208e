/**
 * Boards that take turns, for a screen on a wall. The next one is read before the one that stands goes, so that nothing blinks;
 * one that cannot be read is passed over. Whoever touches the screen gets the whole time of a turn again.
 */

export interface CycledBoard {
  /** Resolves where the board can be shown. */
  load(id: string): Promise<unknown>
  /** False: this is no moment to turn, such as while somebody edits. */
  mayTurn(): boolean
  /** Another id is shown. */
  turned(): void
}

const leastSeconds = 3

export class BoardCycle {
  readonly #board: CycledBoard
  #ids: readonly string[] = []
  #seconds = 0
  #at = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Only the newest turn counts. */
  #round = 0

  constructor(board: CycledBoard) {
    this.#board = board
  }

  /** What is shown; undefined where nothing takes turns. */
  get id(): string | undefined {
    return this.#ids[this.#at]
  }

  get position(): { at: number; of: number } {
    return { at: this.#at, of: this.#ids.length }
  }

  /** Follows the attributes; the same again changes nothing. */
  follow(ids: readonly string[], seconds: number): void {
    const wanted = Math.max(leastSeconds, seconds || 0)
    if (ids.join() === this.#ids.join() && wanted === this.#seconds) return
    const shown = this.id
    this.#ids = ids
    this.#seconds = wanted
    this.#at = Math.max(0, ids.indexOf(shown ?? ''))
    this.wait()
  }

  /** A whole turn from now on. */
  readonly wait = (): void => {
    clearTimeout(this.#timer)
    if (this.#ids.length > 1) this.#timer = setTimeout(() => void this.#tick(), this.#seconds * 1000)
  }

  stop(): void {
    this.#round++
    clearTimeout(this.#timer)
    this.#ids = []
    this.#seconds = 0
  }

  /** To the next board that can be read, or back to the one before. */
  async turn(by: 1 | -1): Promise<void> {
    const round = ++this.#round
    const ids = this.#ids
    for (let step = 1; step < ids.length; step++) {
      const at = (this.#at + by * step + ids.length * step) % ids.length
      const isThere = await this.#board.load(ids[at]!).then(
        () => true,
        () => false,
      )
      if (round !== this.#round) return
      if (!isThere) continue
      this.#at = at
      this.#board.turned()
      break
    }
    this.wait()
  }

  async #tick(): Promise<void> {
    if (this.#board.mayTurn() && document.visibilityState === 'visible') await this.turn(1)
    else this.wait()
  }
}
