/**
 * A board as a kiosk, because its reader wants it: without tools, over the whole screen where the browser allows. Escape, or
 * leaving the full screen, ends it; a board whose page made it a kiosk is not touched.
 */

export interface KioskBoard extends HTMLElement {
  kiosk: boolean
}

export class Kiosk {
  readonly #board: KioskBoard
  #isOn = false

  constructor(board: KioskBoard) {
    this.#board = board
  }

  enter(): void {
    if (this.#isOn) return
    this.#isOn = true
    this.#board.kiosk = true
    document.addEventListener('fullscreenchange', this.#changed)
    // Capturing: Escape is for the kiosk before it is for a chart inside.
    document.addEventListener('keydown', this.#pressed, true)
    // Refused in a frame without the right to it; it is a kiosk within its page then.
    void this.#board.requestFullscreen?.().catch(() => undefined)
  }

  leave(): void {
    if (!this.#isOn) return
    this.#isOn = false
    this.#board.kiosk = false
    document.removeEventListener('fullscreenchange', this.#changed)
    document.removeEventListener('keydown', this.#pressed, true)
    if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined)
  }

  readonly #changed = (): void => {
    if (!document.fullscreenElement) this.leave()
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    this.leave()
  }
}
