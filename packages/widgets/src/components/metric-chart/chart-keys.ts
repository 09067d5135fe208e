/** What keys do on a chart: they walk its buckets, select spans, move and widen the window, and choose. Loaded on first focus. */
import type { ChartData } from '../../chart/model.js'
import { describeMoment, lowerBound } from '../../chart/summary.js'
import type { Span } from '../../client/group.js'
import type { ChartStage, StageHost } from './stage.js'

const panShare = 0.2
const keyZoom = 0.6
const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }

/** The bucket that a key moves to, within the window; null for keys that move nothing. */
function moveTime(key: string, data: ChartData, window: Span, current: number | null): number | null {
  const first = nextTime(data, window.startMs - 0.5, 1)
  const last = nextTime(data, window.endMs + 0.5, -1)
  if (first === null || last === null || first > last) return null
  if (key === 'Home') return first
  if (key === 'End') return last
  if (!Object.hasOwn(steps, key)) return null
  if (current === null) return last
  let at = current
  for (let i = 0; i < Math.abs(steps[key]); i++) at = nextTime(data, at, steps[key] > 0 ? 1 : -1) ?? at
  return Math.min(last, Math.max(first, at))
}

/** The bucket after or before a time, over all series. */
function nextTime(data: ChartData, timeMs: number, direction: 1 | -1): number | null {
  let found: number | null = null
  for (const times of data.axes) {
    let i = lowerBound(times, timeMs)
    if (direction < 0) i--
    else if (times[i] === timeMs) i++
    const candidate = times[i]
    if (candidate === undefined) continue
    if (found === null || (candidate - found) * direction < 0) found = candidate
  }
  return found
}

export class ChartKeys {
  readonly #stage: ChartStage
  readonly #host: StageHost
  #isPinned = false
  #selectFromMs: number | null = null

  constructor(stage: ChartStage, host: StageHost) {
    this.#stage = stage
    this.#host = host
  }

  /** Whether the key means something here. */
  press(event: KeyboardEvent): boolean {
    const data = this.#host.data()
    return data !== undefined && (this.#moveWindow(event) || this.#moveCursor(event, data))
  }

  unpin(): void {
    this.#endSelecting()
    if (!this.#isPinned) return
    this.#isPinned = false
    this.#stage.plot?.pin(null)
  }

  #moveWindow({ key, shiftKey }: KeyboardEvent): boolean {
    const { viewport, cursor, moved } = this.#stage
    const { startMs, endMs } = viewport.window
    const aboutMs = cursor?.timeMs ?? (startMs + endMs) / 2
    const byMs = (endMs - startMs) * panShare
    if (key === '+' || key === '=') return viewport.zoom(keyZoom, aboutMs) && moved()
    if (key === '-' || key === '_') return viewport.zoom(1 / keyZoom, aboutMs) && moved()
    if (key === '0') return viewport.reset() && moved()
    if (!shiftKey) return false
    if (key === 'ArrowLeft') return viewport.pan(-byMs) && moved()
    if (key === 'ArrowRight') return viewport.pan(byMs) && moved()
    return false
  }

  #moveCursor(event: KeyboardEvent, data: ChartData): boolean {
    const { cursor, plot, viewport } = this.#stage
    const at = cursor?.timeMs ?? null
    switch (event.key) {
      case 'Escape':
        return this.#escape()
      case ' ':
      case 'Enter':
        if (this.#selectFromMs !== null && at !== null) this.#selectTo(at)
        else if (event.key === 'Enter' && cursor) this.#host.selected(cursor)
        else if (event.key === ' ' && at !== null) this.#selectFromMs = at
        else return false
        return true
    }
    const timeMs = moveTime(event.key, data, viewport.window, at)
    if (timeMs === null) return false
    this.#isPinned = true
    plot?.pin(timeMs)
    if (this.#selectFromMs !== null) plot?.showSpan(this.#selectFromMs, timeMs)
    this.#stage.say(this.#host.localized(() => describeMoment(data, timeMs, this.#host.hidden, this.#host.timeZone())))
    return true
  }

  #escape(): boolean {
    if (this.#selectFromMs !== null) this.#endSelecting()
    else if (this.#isPinned) this.unpin()
    else if (this.#stage.viewport.span) this.#stage.reset()
    else return false
    return true
  }

  #selectTo(timeMs: number): void {
    const from = Math.min(this.#selectFromMs!, timeMs)
    const to = Math.max(this.#selectFromMs!, timeMs)
    this.#endSelecting()
    if (to > from && this.#stage.viewport.select(from, to)) this.#stage.moved()
  }

  #endSelecting(): void {
    this.#selectFromMs = null
    this.#stage.plot?.hideSpan()
  }
}
