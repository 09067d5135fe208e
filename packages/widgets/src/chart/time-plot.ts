/**
 * A time chart: a canvas, and over it the elements that follow the pointer. It is told data, window, looks and size, and
 * tells where the cursor is and what hands did. It knows nothing of tags, sockets or the collector.
 */
import type { AxisMemory, PlotArea } from './axes.js'
import { type GestureListener, listenToPointers, type Position, type WheelMode } from './gestures.js'
import { type ChartData, isHidden, type PlotSeries } from './model.js'
import { type Painted, type PlotStyle, paint } from './painter.js'
import { indexAt, nearestTime } from './summary.js'
import { pixelY } from './trace.js'

export interface PlotCursor {
  /** Start of the bucket that it is on. */
  timeMs: number
  /** In CSS pixels, from the plotting area's top left corner. */
  left: number
  top: number
  /** Set from elsewhere: the values are shown, but no tooltip. */
  isForeign: boolean
}

export interface PlotListener {
  cursor(cursor: PlotCursor | null): void
  select(startMs: number, endMs: number): void
  /** False where the window can't be moved or widened any more. */
  pan(byMs: number): boolean
  zoom(factor: number, aboutMs: number): boolean
  reset(): void
  click(cursor: PlotCursor): void
}

export class TimePlot {
  readonly #root: HTMLElement
  readonly #canvas = document.createElement('canvas')
  readonly #area = document.createElement('div')
  readonly #line = document.createElement('i')
  readonly #span = document.createElement('i')
  readonly #dots: HTMLElement[] = []
  readonly #hidden: ReadonlySet<string>
  readonly #listener: PlotListener
  readonly #listening = new AbortController()
  #style: PlotStyle
  #data: ChartData
  #window = { startMs: 0, endMs: 1 }
  #size = { width: 0, height: 0 }
  #painted: Painted | undefined
  readonly #memory: AxisMemory = { font: '' }
  #box = ''
  /** Where the pointer is, or a time that keys or others have chosen. */
  #pointer: Position | null = null
  #pinned: { timeMs: number; isForeign: boolean } | null = null

  constructor(
    root: HTMLElement,
    data: ChartData,
    hidden: ReadonlySet<string>,
    style: PlotStyle,
    listener: PlotListener,
    wheelMode: () => WheelMode = () => 'zoom',
  ) {
    this.#root = root
    this.#data = data
    this.#hidden = hidden
    this.#style = style
    this.#listener = listener
    this.#area.className = 'area'
    this.#line.className = 'cross'
    this.#span.className = 'span'
    this.#line.hidden = this.#span.hidden = true
    this.#area.append(this.#line, this.#span)
    root.append(this.#canvas, this.#area)
    listenToPointers(this.#area, this.#gestures(listener), wheelMode, this.#listening.signal)
  }

  /** Where pointers act, for placing what belongs beside it. */
  get area(): HTMLElement {
    return this.#area
  }

  get canvas(): HTMLCanvasElement {
    return this.#canvas
  }

  /** How finely a moving window can be told apart. */
  get devicePixels(): number {
    return Math.max(1, (this.#painted?.area.width ?? 1) * devicePixelRatio)
  }

  /** Takes everything that may have changed and paints once. */
  draw(data: ChartData, style: PlotStyle, startMs: number, endMs: number): void {
    this.#data = data
    this.#style = style
    this.setWindow(startMs, endMs)
  }

  setWindow(startMs: number, endMs: number): void {
    this.#window = { startMs, endMs }
    this.#paint()
  }

  setSize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return
    this.#size = { width, height }
    if (this.#painted) this.#paint()
  }

  /** Puts the cursor on a time, where it stays while the window moves; null takes it away. */
  pin(timeMs: number | null, isForeign = false): void {
    this.#pinned = timeMs === null ? null : { timeMs, isForeign }
    this.#pointer = null
    this.#follow()
  }

  /** Shows a span that keys select, as a drag would. */
  showSpan(startMs: number, endMs: number): void {
    this.#showSpan([this.#leftOf(Math.min(startMs, endMs)), this.#leftOf(Math.max(startMs, endMs))])
  }

  hideSpan(): void {
    this.#showSpan(null)
  }

  /** Where a value of a series stands, in CSS pixels from the top of the plotting area. */
  topOf(series: PlotSeries, value: number): number {
    const { frames, area } = this.#painted!
    const frame = (series.axis === 'right' ? frames.right : undefined) ?? frames.left
    return pixelY(frame, value) / devicePixelRatio - area.top
  }

  /** The same picture on a canvas of its own, at another ratio of device to CSS pixels. */
  repaint(ratio: number): HTMLCanvasElement {
    const canvas = document.createElement('canvas')
    const { width, height } = this.#size
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    const context = canvas.getContext('2d')
    if (context)
      paint(context, { width, height, ratio }, this.#data, this.#hidden, this.#style, this.#window, { font: '' })
    return canvas
  }

  timeAt(left: number): number {
    const { startMs, endMs } = this.#window
    return startMs + (left / (this.#painted?.area.width ?? 1)) * (endMs - startMs)
  }

  destroy(): void {
    this.#listening.abort()
    this.#root.replaceChildren()
  }

  #gestures(listener: PlotListener): GestureListener {
    const msPerPx = () => (this.#window.endMs - this.#window.startMs) / (this.#painted?.area.width ?? 1)
    return {
      hover: (position) => {
        this.#pointer = position
        this.#pinned = null
        this.#follow()
      },
      selecting: (span) => this.#showSpan(span),
      selected: (from, to) => listener.select(this.timeAt(from), this.timeAt(to)),
      click: (x, y) => {
        const cursor = this.#cursorAt(x, y)
        if (cursor) listener.click(cursor)
      },
      pan: (byPx) => listener.pan(-byPx * msPerPx()),
      zoom: (factor, x) => listener.zoom(factor, this.timeAt(x)),
      reset: () => listener.reset(),
    }
  }

  #paint(): void {
    const { width, height } = this.#size
    const ratio = devicePixelRatio
    const canvas = this.#canvas
    if (width < 1 || height < 1) return
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
    }
    const context = canvas.getContext('2d')
    if (!context) return
    const size = { width, height, ratio }
    this.#painted = paint(context, size, this.#data, this.#hidden, this.#style, this.#window, this.#memory)
    this.#placeArea(this.#painted.area)
    this.#follow()
  }

  /** Touched only when it changes: each write to a style costs the browser a layout. */
  #placeArea({ left, top, width, height }: PlotArea): void {
    const box = `${left} ${top} ${width} ${height}`
    if (box === this.#box) return
    this.#box = box
    setBox(this.#area, left, top, width, height)
  }

  /** Moves the crosshair and the dots to what the cursor is on now, and tells. */
  #follow(): void {
    const cursor = this.#painted ? this.#currentCursor() : null
    if (!cursor && this.#line.hidden) return
    this.#line.hidden = !cursor
    if (cursor) this.#line.style.transform = `translateX(${this.#leftOf(cursor.timeMs)}px)`
    this.#placeDots(cursor)
    this.#listener.cursor(cursor)
  }

  #currentCursor(): PlotCursor | null {
    if (this.#pointer) return this.#cursorAt(this.#pointer.x, this.#pointer.y)
    if (this.#pinned === null) return null
    const { timeMs, isForeign } = this.#pinned
    const { startMs, endMs } = this.#window
    if (timeMs < startMs || timeMs > endMs) return null
    return { timeMs, left: this.#leftOf(timeMs), top: this.#painted!.area.height / 3, isForeign }
  }

  #placeDots(cursor: PlotCursor | null): void {
    const { series } = this.#data
    for (let i = 0; i < Math.max(series.length, this.#dots.length); i++) {
      const each = series[i]
      const isDotted = cursor && each && each.type !== 'bar' && !isHidden(each, this.#hidden)
      const at = isDotted ? indexAt(each, cursor.timeMs) : -1
      if (at < 0) {
        if (this.#dots[i]) this.#dots[i].hidden = true
        continue
      }
      this.#dots[i] ??= this.#area.appendChild(document.createElement('i'))
      this.#dots[i].hidden = false
      this.#dots[i].className = `pt s${each.color}${each.isGhost ? ' ghost' : ''}`
      const left = this.#leftOf(each.timesMs[at])
      this.#dots[i].style.transform = `translate(${left}px,${this.topOf(each, each.tops[at])}px)`
    }
  }

  #cursorAt(x: number, y: number): PlotCursor | null {
    if (!this.#painted) return null
    // A bar stands after its time; all else is nearest to where it is.
    const isBars = this.#data.series.some(({ type }) => type === 'bar')
    const timeMs = nearestTime(this.#data, this.timeAt(x), isBars)
    return Number.isNaN(timeMs) ? null : { timeMs, left: x, top: y, isForeign: false }
  }

  #showSpan(span: [number, number] | null): void {
    this.#span.hidden = !span
    if (span) setBox(this.#span, span[0], 0, span[1] - span[0], this.#painted?.area.height ?? 0)
  }

  #leftOf(timeMs: number): number {
    const { startMs, endMs } = this.#window
    return ((timeMs - startMs) / (endMs - startMs)) * (this.#painted?.area.width ?? 1)
  }
}

function setBox({ style }: HTMLElement, left: number, top: number, width: number, height: number): void {
  style.left = `${left}px`
  style.top = `${top}px`
  style.width = `${width}px`
  style.height = `${height}px`
}
