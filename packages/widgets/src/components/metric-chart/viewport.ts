/** Which window of time a chart shows: one that moves with time, one that was chosen, or where hands have zoomed and panned to. */
import type { Span } from '../../client/group.js'

const minWidthMs = 1_000

export class Viewport {
  /** Where hands have moved it; null: `home`. */
  span: Span | null = null
  readonly #home: () => Span
  readonly #nowMs: () => number

  /** `home` is the window without anybody's hand; nothing is to be seen after `nowMs`. */
  constructor(home: () => Span, nowMs: () => number) {
    this.#home = home
    this.#nowMs = nowMs
  }

  get window(): Span {
    return this.span ?? this.#home()
  }

  /** `factor` times as wide about a time that stays where it is. False where that changes nothing. */
  zoom(factor: number, aboutMs: number): boolean {
    const { startMs, endMs } = this.window
    const home = this.#home()
    const before = endMs - startMs
    // Wider than home would need data that nobody chose to load.
    const width = Math.min(Math.max(minWidthMs, before * factor), Math.max(before, home.endMs - home.startMs))
    if (Math.abs(width - before) < 1) return false
    const share = (aboutMs - startMs) / before
    return this.#move(aboutMs - share * width, width)
  }

  /** Later by so many ms. False where that changes nothing. */
  pan(byMs: number): boolean {
    const { startMs, endMs } = this.window
    return this.#move(startMs + byMs, endMs - startMs)
  }

  select(startMs: number, endMs: number): boolean {
    const width = Math.max(minWidthMs, endMs - startMs)
    return this.#move(startMs, width)
  }

  reset(): boolean {
    const wasMoved = this.span !== null
    this.span = null
    return wasMoved
  }

  #move(startMs: number, width: number): boolean {
    const before = this.span
    const home = this.#home()
    const latestMs = Math.max(this.#nowMs(), home.endMs)
    const start = Math.min(startMs, latestMs - width)
    const pixelMs = width / 2000
    const isHome = Math.abs(start - home.startMs) < pixelMs && Math.abs(start + width - home.endMs) < pixelMs
    this.span = isHome ? null : { startMs: start, endMs: start + width }
    if (before === null || this.span === null) return before !== this.span
    return Math.abs(before.startMs - this.span.startMs) + Math.abs(before.endMs - this.span.endMs) > 0.5
  }
}
