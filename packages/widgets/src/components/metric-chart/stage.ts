/**
 * The stage of a chart: its plot, the window that it shows, its cursor, and what hands and keys do to them. It draws in the
 * page's one animation frame, only while it is seen, and moves the window when time has gone on by a device pixel.
 */
import type { LitElement, ReactiveController } from 'lit'
import type { PlotColors } from '../../chart/colors.js'
import type { WheelMode } from '../../chart/gestures.js'
import type { ChartData } from '../../chart/model.js'
import type { PlotStyle } from '../../chart/painter.js'
import { type PlotCursor, TimePlot } from '../../chart/time-plot.js'
import type { Span } from '../../client/group.js'
import { everyFrame, prefersStillness, requestDraw } from '../../controllers/frame-loop.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import { setRepaint } from '../../export/repaint.js'
import { readPlotColors } from '../../theme/canvas-colors.js'
import type { ChartKeys } from './chart-keys.js'
import { Viewport } from './viewport.js'

export interface StageHost {
  data(): ChartData | undefined
  style(colors: PlotColors, isPatterned: boolean): PlotStyle
  /** The window without anybody's hand. */
  home(): Span
  nowMs(): number
  /** False while a fixed window or a table is shown. */
  isMoving(): boolean
  wheel(): WheelMode
  hidden: ReadonlySet<string>
  timeZone(): string | undefined
  localized<T>(run: () => T): T
  /** Time went on past the end of a bucket that was not whole: data have to be read again. */
  refresh(): void
  cursorChanged(cursor: PlotCursor | null): void
  windowChanged(): void
  selected(cursor: PlotCursor): void
}

/** Keys that mean something on a chart that has no cursor yet. */
const firstKeys = /^(Arrow|Page|Home|End|[-+=_0])/
/** How often a window is looked after that does not move, and how late one may be that begins to. */
const restMs = 250

export class ChartStage implements ReactiveController {
  readonly viewport: Viewport
  readonly hidden: ReadonlySet<string>
  cursor: PlotCursor | null = null
  /** The last thing that was said to those who listen. */
  spoken = ''
  /** Time at which data have to be read again; 0: never. */
  refreshAtMs = 0
  readonly #element: LitElement
  readonly #host: StageHost
  readonly #visibility: VisibilityController
  #plot: TimePlot | undefined
  /** Asked once, and told by their observers: asking in a frame makes the browser work out styles and layout. */
  #box: HTMLElement | null = null
  #size: { width: number; height: number } | undefined
  #colors: PlotColors | undefined
  #isPatterned = false
  #drawn: Span = { startMs: 0, endMs: 0 }
  /** Loaded when the plot is first focused. */
  #keys: Promise<ChartKeys> | undefined
  #readyKeys: ChartKeys | undefined
  #resize: ResizeObserver | undefined
  #stopMoving: (() => void) | undefined

  constructor(element: LitElement, host: StageHost) {
    this.#element = element
    this.#host = host
    this.hidden = host.hidden
    this.viewport = new Viewport(
      () => host.home(),
      () => host.nowMs(),
    )
    this.#visibility = new VisibilityController(element, (visible) => {
      if (visible) host.refresh()
    })
    element.addController(this)
  }

  get plot(): TimePlot | undefined {
    return this.#plot
  }

  /** Off the screen a chart is drawn once, so that a print or a picture of the whole page has it, and then never. */
  get mayDraw(): boolean {
    return this.#visibility.visible || !this.#plot
  }

  hostUpdated(): void {
    this.#box ??= this.#element.renderRoot.querySelector<HTMLElement>('.plot')
    if (this.#resize || !this.#element.isConnected || !this.#box) return
    this.#resize = new ResizeObserver((entries) => {
      const { width, height } = entries[entries.length - 1].contentRect
      this.#size = { width: Math.round(width), height: Math.round(height) }
      requestDraw(this.draw)
    })
    this.#resize.observe(this.#box)
  }

  hostDisconnected(): void {
    this.#resize?.disconnect()
    this.#resize = this.#size = undefined
    this.#stopMoving?.()
    this.#plot?.destroy()
    this.#plot = undefined
    this.cursor = null
  }

  requestDraw(): void {
    requestDraw(this.draw)
  }

  readonly draw = (): void => {
    const box = this.#box
    if (!box || !this.mayDraw) return
    const data = this.#host.data()
    if (!data) return
    this.#size ??= { width: box.clientWidth, height: box.clientHeight }
    const { width, height } = this.#size
    if (width < 20 || height < 20) return
    if (!this.#colors) {
      this.#colors = readPlotColors(this.#element.shadowRoot!)
      this.#isPatterned = matchMedia('(forced-colors: active)').matches
    }
    const style = this.#host.style(this.#colors, this.#isPatterned)
    const plot = this.#plot ?? this.#makePlot(box, data, style)
    const { startMs, endMs } = this.viewport.window
    this.#drawn = { startMs, endMs }
    plot.setSize(width, height)
    this.#host.localized(() => plot.draw(data, style, startMs, endMs))
  }

  readonly colorsChanged = (): void => {
    this.#colors = undefined
    requestDraw(this.draw)
  }

  /** Another chart's cursor. */
  showForeign(timeMs: number | null): void {
    if (this.mayDraw) this.#plot?.pin(timeMs, true)
  }

  readonly reset = (): void => {
    if (this.viewport.reset()) this.moved()
  }

  readonly unpin = (): void => {
    this.#readyKeys?.unpin()
  }

  readonly focused = (): void => {
    void this.#loadKeys()
  }

  readonly key = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (this.#readyKeys) {
      if (!this.#readyKeys.press(event)) return
    } else {
      if (!firstKeys.test(event.key)) return
      // The first key may come before its code has: it is answered then, and does not scroll the page now.
      void this.#loadKeys().then((keys) => keys?.press(event))
    }
    event.preventDefault()
    event.stopPropagation()
  }

  /** What hands and keys share. */
  readonly moved = (): true => {
    requestDraw(this.draw)
    this.#host.windowChanged()
    return true
  }

  async #loadKeys(): Promise<ChartKeys | undefined> {
    this.#keys ??= import('./chart-keys.js').then(({ ChartKeys }) => new ChartKeys(this, this.#host))
    try {
      this.#readyKeys = await this.#keys
    } catch {
      // Without its keys a chart is still seen; the next focus asks again.
      this.#keys = undefined
    }
    return this.#readyKeys
  }

  /** For those who listen. */
  say(text: string): void {
    this.spoken = text
    this.#element.requestUpdate()
  }

  #makePlot(box: HTMLElement, data: ChartData, style: PlotStyle): TimePlot {
    const plot = new TimePlot(
      box,
      data,
      this.hidden,
      style,
      {
        cursor: (cursor) => this.#setCursor(cursor),
        select: (from, to) => this.viewport.select(from, to) && this.moved(),
        pan: (byMs) => this.viewport.pan(byMs) && this.moved(),
        zoom: (factor, aboutMs) => this.viewport.zoom(factor, aboutMs) && this.moved(),
        reset: this.reset,
        click: (cursor) => this.#host.selected(cursor),
      },
      () => this.#host.wheel(),
    )
    this.#plot = plot
    this.#stopMoving = everyFrame(this.#move)
    setRepaint(plot.canvas, (ratio) => this.#host.localized(() => plot.repaint(ratio)))
    return plot
  }

  /** Moves the window with time, when it has come as far as the eye can tell; gives the ms until then. */
  readonly #move = (): number => {
    if (!this.#visibility.visible || !this.#plot || this.viewport.span || !this.#host.isMoving()) return restMs
    const { startMs, endMs } = this.viewport.window
    const pixelMs = (endMs - startMs) / this.#plot.devicePixels
    const quantumMs = prefersStillness() ? Math.max(1000, pixelMs) : pixelMs
    if (this.refreshAtMs > 0 && endMs > this.refreshAtMs) {
      this.refreshAtMs = 0
      this.#host.refresh()
    } else if (Math.abs(endMs - this.#drawn.endMs) >= quantumMs) {
      this.#drawn = { startMs, endMs }
      this.#host.localized(() => this.#plot!.setWindow(startMs, endMs))
    }
    return Math.min(restMs, quantumMs - (endMs - this.#drawn.endMs))
  }

  #setCursor(cursor: PlotCursor | null): void {
    if (cursor === null && this.cursor === null) return
    this.cursor = cursor
    this.#host.cursorChanged(cursor)
  }
}
