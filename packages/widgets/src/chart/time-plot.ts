/**
 * A time chart: a canvas, and over it the elements that follow the pointer. It is told data, window, colours and size, and
 * tells where the cursor is, what was dragged and what was clicked. It knows nothing of tags, sockets or the collector.
 */
import { listenToPointers } from './gestures.js'
import type { ChartData } from './model.js'
import { lowerBound, type Painted, type PlotStyle, paint } from './painter.js'
import { indexAt } from './summary.js'

export interface PlotCursor {
  /** Index of the bucket, into the data's columns. */
  index: number
  /** In CSS pixels, from the plotting area's top left corner. */
  left: number
  top: number
}

export interface PlotListener {
  cursor(cursor: PlotCursor | null): void
  zoom(startMs: number, endMs: number): void
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
  #style: PlotStyle
  #data: ChartData
  #window = { startMs: 0, endMs: 1 }
  #size = { width: 0, height: 0 }
  #painted: Painted | undefined
  /** Where the pointer is, or a bucket that keys have chosen. */
  #pointer: { x: number; y: number } | null = null
  #pinnedMs: number | null = null

  constructor(
    root: HTMLElement,
    data: ChartData,
    hidden: ReadonlySet<string>,
    style: PlotStyle,
    listener: PlotListener,
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
    listenToPointers(this.#area, {
      hover: (position) => {
        this.#pointer = position
        this.#pinnedMs = null
        this.#follow()
      },
      selecting: (span) => this.#showSpan(span),
      selected: (from, to) => listener.zoom(this.#timeAt(from), this.#timeAt(to)),
      click: (x, y) => {
        const cursor = this.#cursorAt(x, y)
        if (cursor) listener.click(cursor)
      },
      reset: () => listener.reset(),
    })
  }

  /** Where pointers act, for placing what belongs beside it. */
  get area(): HTMLElement {
    return this.#area
  }

  /** How finely a moving window can be told apart. */
  get devicePixels(): number {
    return Math.max(1, this.#area.offsetWidth * devicePixelRatio)
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
    this.#size = { width, height }
    this.#paint()
  }

  /** Puts the cursor on a bucket, where it stays while the window moves; null takes it away. */
  pin(index: number | null): void {
    this.#pinnedMs = index === null ? null : this.#data.timesMs[index]
    this.#pointer = null
    this.#follow()
  }

  /** Where a value stands, in CSS pixels from the top of the plotting area. */
  topOf(value: number): number {
    const { frame, area } = this.#painted!
    return area.height - ((value - frame.minY) * frame.pxPerY) / devicePixelRatio
  }

  destroy(): void {
    this.#root.replaceChildren()
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
    this.#painted = paint(context, { width, height, ratio }, this.#data, this.#hidden, this.#style, this.#window)
    const { area } = this.#painted
    setBox(this.#area, area.left, area.top, area.width, area.height)
    this.#follow()
  }

  /** Moves the crosshair and the dots to what the cursor is on now, and tells. */
  #follow(): void {
    const cursor = this.#painted ? this.#currentCursor() : null
    this.#line.hidden = !cursor
    if (cursor) this.#line.style.transform = `translateX(${this.#leftOf(this.#data.timesMs[cursor.index])}px)`
    this.#placeDots(cursor)
    this.#listener.cursor(cursor)
  }

  #currentCursor(): PlotCursor | null {
    if (this.#pointer) return this.#cursorAt(this.#pointer.x, this.#pointer.y)
    if (this.#pinnedMs === null) return null
    const index = lowerBound(this.#data.timesMs, this.#pinnedMs)
    const { startMs, endMs } = this.#window
    if (this.#data.timesMs[index] !== this.#pinnedMs || this.#pinnedMs < startMs || this.#pinnedMs > endMs) return null
    return { index, left: this.#leftOf(this.#pinnedMs), top: this.#painted!.area.height / 3 }
  }

  #placeDots(cursor: PlotCursor | null): void {
    const { series, timesMs, tops } = this.#data
    const isDotted = cursor && this.#style.type !== 'bar'
    for (let i = 0; i < Math.max(series.length, this.#dots.length); i++) {
      const at = isDotted && series[i] && !this.#hidden.has(series[i].key) ? indexAt(this.#data, i, cursor.index) : -1
      if (at < 0) {
        if (this.#dots[i]) this.#dots[i].hidden = true
        continue
      }
      this.#dots[i] ??= this.#area.appendChild(document.createElement('i'))
      this.#dots[i].hidden = false
      this.#dots[i].className = `pt s${series[i].color}`
      this.#dots[i].style.transform = `translate(${this.#leftOf(timesMs[at])}px,${this.topOf(tops[i][at])}px)`
    }
  }

  #cursorAt(x: number, y: number): PlotCursor | null {
    const { timesMs } = this.#data
    if (timesMs.length === 0 || !this.#painted) return null
    const timeMs = this.#timeAt(x)
    let index = Math.min(timesMs.length - 1, lowerBound(timesMs, timeMs))
    // A bar stands after its time; all else is nearest to where it is.
    const before =
      this.#style.type === 'bar' ? timesMs[index] > timeMs : timeMs - timesMs[index - 1] < timesMs[index] - timeMs
    if (index > 0 && before) index--
    return { index, left: x, top: y }
  }

  #showSpan(span: [number, number] | null): void {
    this.#span.hidden = !span
    if (span) setBox(this.#span, span[0], 0, span[1] - span[0], this.#painted?.area.height ?? 0)
  }

  #timeAt(left: number): number {
    const { startMs, endMs } = this.#window
    return startMs + (left / (this.#painted?.area.width ?? 1)) * (endMs - startMs)
  }

  #leftOf(timeMs: number): number {
    const { startMs, endMs } = this.#window
    return ((timeMs - startMs) / (endMs - startMs)) * this.#painted!.area.width
  }
}

function setBox({ style }: HTMLElement, left: number, top: number, width: number, height: number): void {
  style.left = `${left}px`
  style.top = `${top}px`
  style.width = `${width}px`
  style.height = `${height}px`
}
