/** `<metric-chart>`: a live time chart of one metric. Draws what its live query holds, in a window that moves with time. */
import type { Filters } from '@telltale/protocol/api'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { buildChartData, type ChartData, type ChartType, listSeries, takeSettled } from '../../chart/model.js'
import type { PlotColors } from '../../chart/painter.js'
import { describeBucket, summarize } from '../../chart/summary.js'
import { type PlotCursor, TimePlot } from '../../chart/time-plot.js'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import { everyFrame, prefersStillness, requestDraw } from '../../controllers/frame-loop.js'
import { GroupController } from '../../controllers/group-controller.js'
import { LiveQueryController } from '../../controllers/live-query-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import { aggregateUnit } from '../../format/unit.js'
import { readPlotColors } from '../../theme/canvas-colors.js'
import { withGroup } from '../shared/group-attributes.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { parseStreamRequest } from '../shared/query-attributes.js'
import { emptyState, errorState, staleBadge } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import { moveIndex, nearestSeries, type SelectDetail, type ZoomDetail } from './interaction.js'
import { chartStyles } from './metric-chart.styles.js'
import { legend, placeTip, sampleCode, table, tip } from './parts.js'

/** Samples take a moment from the application to here: a bucket is whole only after that. */
const settleMs = 2000
/** Aggregates that grow while their bucket lasts: an unfinished one would look like a fall. */
const additive = new Set(['count', 'sum', 'increase', 'rate'])
const chartTypes = new Set<ChartType>(['line', 'area', 'bar', 'stacked', 'scatter'])

/**
 * @event {CustomEvent<SelectDetail>} metric-select - A point was clicked, or Enter pressed on it.
 * @event {CustomEvent<ZoomDetail>} metric-zoom - The window was zoomed by hand, or reset (both times null).
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The canvas's box.
 * @csspart legend - The list of series. @csspart tooltip - Values under the cursor.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 * @cssproperty [--telltale-chart-height=300px] - Height, where the tag is not sized otherwise.
 */
export class MetricChart extends WidgetElement {
  static override properties: PropertyDeclarations = {
    metric: { type: String },
    aggregation: { type: String },
    groupBy: { type: String, attribute: 'group-by' },
    filters: {},
    range: { type: String },
    step: { type: String },
    interval: { type: String },
    limit: { type: Number },
    fill: { type: String },
    unit: { type: String },
    type: { type: String },
    group: { type: String },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, chartStyles]

  declare metric: string
  declare aggregation: string
  declare groupBy: string
  declare filters: Filters | string
  declare range: string
  declare step: string
  declare interval: string
  declare limit: number | undefined
  declare fill: string
  declare unit: string | undefined
  declare type: ChartType
  /** Charts and pickers with the same name share range, window, filters and cursor. */
  declare group: string

  readonly #shared = new GroupController(this)
  readonly #query = new LiveQueryController(
    this,
    this.source,
    () => this.#request(),
    () => this.#dataChanged(),
  )
  readonly #visibility = new VisibilityController(this, (visible) => this.#visibilityChanged(visible))
  readonly #hidden = new Set<string>()
  #data: ChartData | undefined
  #dataIsOld = true
  #unfinishedUntilMs = 0
  #plot: TimePlot | undefined
  #colors: PlotColors | undefined
  #drawnEndMs = 0
  #zoom: { startMs: number; endMs: number } | undefined
  #cursor: PlotCursor | null = null
  #isPinned = false
  #spoken = ''
  #showsTable = false
  #resize: ResizeObserver | undefined
  #stopMoving: (() => void) | undefined

  constructor() {
    super()
    this.metric = ''
    this.aggregation = 'avg'
    this.groupBy = ''
    this.filters = ''
    this.range = '1h'
    this.step = 'auto'
    this.interval = '5s'
    this.fill = ''
    this.type = 'line'
    this.group = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize?.disconnect()
    this.#resize = undefined
    this.#destroyPlot()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!chartTypes.has(this.type)) this.type = 'line'
    if (changed.has('metric') || changed.has('range') || changed.has('groupBy')) this.#zoom = undefined
    if (changed.has('type') || changed.has('unit') || changed.has('aggregation')) this.#dataIsOld = true
    if (this.#dataIsOld && this.#mayDraw) this.#readData()
  }

  protected override updated(): void {
    if (!this.#resize && this.isConnected) {
      this.#resize = new ResizeObserver(() => this.#sizeChanged())
      this.#resize.observe(this.#box)
    }
    const tipElement = this.renderRoot.querySelector<HTMLElement>('.tip')
    if (tipElement && this.#plot) placeTip(tipElement, this.#cursor, this.#plot.area)
  }

  protected override render(): TemplateResult {
    const state = this.#query.state
    const isReady = state.phase === 'ready'
    const shown = isReady && this.#data ? this.#data : undefined
    const name = this.title || this.metric
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        ${name ? html`<h3>${name}</h3>` : nothing}<span class="sub">${this.#subtitle()}</span>
        ${state.phase === 'error' ? nothing : staleBadge(state.stale)}
        ${this.#zoom ? html`<button class="tool" @click=${this.#resetZoom}>${icons.reset}${messages.resetZoom}</button>` : nothing}
        ${shown ? this.#tableToggle() : nothing}
      </div>
      <div class="body">
        <div
          class="plot ${shown && !this.#showsTable ? '' : 'off'} ${state.stale ? 'old' : ''}" part="plot"
          role="group" aria-roledescription="chart" aria-label=${messages.chart(name)} aria-describedby="summary"
          tabindex=${shown && !this.#showsTable ? 0 : -1}
          @keydown=${this.#key} @blur=${this.#unpin}
        ></div>
        ${shown ? (this.#showsTable ? table(shown, this.#unit) : nothing) : this.#stateView(state)}
      </div>
      ${shown ? legend(shown, this.#unit, this.#hidden, this.#cursor, (key) => this.#toggle(key)) : nothing}
      <p class="hidden" id="summary">${shown ? summarize(shown, this.#unit) : nothing}</p>
      <p class="hidden" aria-live="polite">${this.#spoken}</p>
      ${tip(shown, this.#unit, this.#hidden, this.#cursor)}
      <i class="watch" @transitionrun=${this.#colorsChanged}></i>
    </div>`
  }

  #request(): ReturnType<typeof parseStreamRequest> {
    try {
      return parseStreamRequest(withGroup(this, this.#shared.view))
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }

  get #range(): string {
    return this.#shared.view?.range ?? this.range
  }

  get #box(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.plot')!
  }

  get #unit(): string {
    return this.unit ?? aggregateUnit(this.#query.live?.store.meta?.unit ?? '', this.aggregation)
  }

  get #window(): { startMs: number; endMs: number } {
    if (this.#zoom) return this.#zoom
    const endMs = this.#query.windowEndMs
    return { startMs: endMs - parseDurationMs(this.#range), endMs }
  }

  #subtitle(): string {
    const by = this.groupBy ? ` ${messages.by(this.groupBy)}` : ''
    return [this.title ? this.metric : '', `${this.aggregation}${by}`, this.#range].filter(Boolean).join(' · ')
  }

  #stateView(state: WidgetState): TemplateResult {
    if (!this.metric) return emptyState(messages.noMetric, '')
    if (state.phase === 'error') return errorState(state, () => this.#query.retry())
    if (state.phase === 'empty') {
      return emptyState(
        messages.emptyTitle(this.#range),
        messages.emptyMetric(this.metric),
        sampleCode(this.metric, this.aggregation),
      )
    }
    return html`<div class="bone waiting" role="status" aria-label=${messages.loading}></div>`
  }

  #tableToggle(): TemplateResult {
    const name = this.#showsTable ? messages.showChart : messages.showTable
    return html`<button class="tool" aria-label=${name} title=${name} @click=${this.#toggleTable}>
      ${this.#showsTable ? icons.chart : icons.table}
    </button>`
  }

  readonly #toggleTable = (): void => {
    this.#showsTable = !this.#showsTable
    this.#cursor = null
    this.requestUpdate()
  }

  // Data → what is drawn

  #dataChanged(): void {
    this.#dataIsOld = true
  }

  #readData(): void {
    this.#dataIsOld = false
    const store = this.#query.live?.store
    if (!store?.meta) {
      this.#data = undefined
      return
    }
    const view = store.view()
    const stepMs = store.meta.step_ms
    const settledMs = additive.has(this.aggregation) ? this.#query.windowEndMs - settleMs : Number.POSITIVE_INFINITY
    const settled = this.type === 'bar' ? view : takeSettled(view, stepMs, settledMs)
    const nextMs = view.timesMs[settled.timesMs.length]
    this.#unfinishedUntilMs = nextMs === undefined ? 0 : nextMs + stepMs + settleMs
    const series = listSeries(store.groups, settled.columns, this.title || this.metric)
    this.#data = buildChartData(settled, series, this.#hidden, this.type, stepMs, this.fill === 'null', settledMs)
    requestDraw(this.#draw)
  }

  readonly #draw = (): void => {
    const data = this.#data
    const { clientWidth: width, clientHeight: height } = this.#box
    if (!data || !this.#mayDraw || width < 20 || height < 20) return
    const { startMs, endMs } = this.#window
    this.#colors ??= readPlotColors(this.shadowRoot!)
    const style = { type: this.type, unit: this.#unit, colors: this.#colors }
    if (!this.#plot) {
      this.#plot = new TimePlot(this.#box, data, this.#hidden, style, {
        cursor: (cursor) => this.#setCursor(cursor),
        zoom: (from, to) => this.#setZoom(from, to),
        reset: () => this.#resetZoom(),
        click: (cursor) => this.#select(cursor),
      })
      this.#plot.setSize(width, height)
      this.#stopMoving = everyFrame(this.#move)
    }
    this.#drawnEndMs = endMs
    this.localized(() => this.#plot!.draw(data, style, startMs, endMs))
  }

  /** Off the screen a chart is drawn once, so that a print or a picture of the whole page has it, and then never. */
  get #mayDraw(): boolean {
    return this.#visibility.visible || !this.#plot
  }

  /** Moves the window with time, when it has come as far as the eye can tell. */
  readonly #move = (): void => {
    if (!this.#visibility.visible || this.#zoom || !this.#plot || this.#showsTable) return
    const { startMs, endMs } = this.#window
    const pixelMs = (endMs - startMs) / this.#plot.devicePixels
    const quantumMs = prefersStillness() ? Math.max(1000, pixelMs) : pixelMs
    if (this.#unfinishedUntilMs > 0 && endMs > this.#unfinishedUntilMs) {
      this.#dataIsOld = true
      this.requestUpdate()
    } else if (Math.abs(endMs - this.#drawnEndMs) >= quantumMs) {
      this.#drawnEndMs = endMs
      this.localized(() => this.#plot!.setWindow(startMs, endMs))
    }
  }

  #visibilityChanged(visible: boolean): void {
    if (!visible) return
    this.#dataIsOld = true
    this.requestUpdate()
  }

  #sizeChanged(): void {
    requestDraw(() => {
      const { clientWidth: width, clientHeight: height } = this.#box
      if (this.#plot && width > 20 && height > 20) this.#plot.setSize(width, height)
      else this.#draw()
    })
  }

  readonly #colorsChanged = (): void => {
    this.#colors = undefined
    requestDraw(this.#draw)
  }

  #destroyPlot(): void {
    this.#stopMoving?.()
    this.#plot?.destroy()
    this.#plot = undefined
    this.#cursor = null
  }

  // What the reader does

  #setCursor(cursor: PlotCursor | null): void {
    if (cursor === null && this.#cursor === null) return
    this.#cursor = cursor
    this.requestUpdate()
  }

  #toggle(key: string): void {
    if (!this.#hidden.delete(key)) this.#hidden.add(key)
    this.#dataIsOld = true
    this.requestUpdate()
  }

  #setZoom(startMs: number, endMs: number): void {
    this.#zoom = { startMs, endMs }
    this.#zoomed({ start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() })
  }

  readonly #resetZoom = (): void => {
    if (!this.#zoom) return
    this.#zoom = undefined
    this.#zoomed({ start: null, end: null })
  }

  #zoomed(detail: ZoomDetail): void {
    requestDraw(this.#draw)
    this.requestUpdate()
    this.dispatchEvent(new CustomEvent('metric-zoom', { detail, bubbles: true, composed: true }))
  }

  #select(cursor: PlotCursor): void {
    const data = this.#data!
    const found = nearestSeries(data, this.#hidden, cursor, (value) => this.#plot!.topOf(value))
    if (!found) return
    const { series, value } = found
    const timeMs = data.timesMs[cursor.index]
    const { startMs, endMs } = this.#window
    const iso = (ms: number) => new Date(ms).toISOString()
    const detail: SelectDetail = {
      point: { timestamp: iso(timeMs), value },
      series: { label: series.label, tags: series.tags, metric: this.metric, aggregation: this.aggregation },
      range: { start: iso(timeMs), end: iso(timeMs + data.stepMs) },
      window: { start: iso(startMs), end: iso(endMs) },
    }
    this.dispatchEvent(new CustomEvent('metric-select', { detail, bubbles: true, composed: true }))
  }

  readonly #key = (event: KeyboardEvent): void => {
    const data = this.#data
    if (!data || data.timesMs.length === 0) return
    if (event.key === 'Escape') {
      if (!this.#isPinned) this.#resetZoom()
      this.#unpin()
      return
    }
    if (event.key === 'Enter' && this.#cursor) this.#select(this.#cursor)
    const index = moveIndex(event.key, data, this.#window, this.#cursor?.index ?? null)
    if (index === null) return
    event.preventDefault()
    this.#isPinned = true
    this.#plot?.pin(index)
    this.#spoken = this.localized(() => describeBucket(data, index, this.#unit, this.#hidden))
    this.requestUpdate()
  }

  readonly #unpin = (): void => {
    if (!this.#isPinned) return
    this.#isPinned = false
    this.#plot?.pin(null)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-chart': MetricChart
  }
  interface HTMLElementEventMap {
    'metric-select': CustomEvent<SelectDetail>
    'metric-zoom': CustomEvent<ZoomDetail>
  }
}
