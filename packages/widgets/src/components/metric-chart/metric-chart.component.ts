/** `<metric-chart>`: a time chart of one or several metrics, live or of a window in the past. */
import type { Filters } from '@telltale/protocol/api'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import type { Threshold } from '../../chart/marks.js'
import type { ChartData, ChartType } from '../../chart/model.js'
import { summarize } from '../../chart/summary.js'
import { parseDurationMs } from '../../client/clock.js'
import type { GroupPart, Span } from '../../client/group.js'
import { GroupController } from '../../controllers/group-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { seriesEvent } from '../metric-series/metric-series.component.js'
import { adoptStyles } from '../shared/adopt-styles.js'
import { firstIcons as icons } from '../shared/first-icons.js'
import { messages } from '../shared/messages.js'
import { queryProperties } from '../shared/query-properties.js'
import { staleBadge } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import type { AnnotationsController } from './annotations-controller.js'
import { ChartFeed } from './chart-feed.js'
import { ChartQuestions, chartTypes } from './chart-questions.js'
import { stateView, subtitle } from './chart-states.js'
import { placeTip, tip } from './chart-tip.js'
import { iso, nearestSeries, type SelectDetail, selectDetail, type ZoomDetail } from './interaction.js'
import { ChartLegend, isNamed } from './legend.js'
import { chartStyles } from './metric-chart.styles.js'
import { ChartStage, type StageHost } from './stage.js'

/** Frames come up to forty times a second and are drawn as they come; numbers beside the plot change this often. */
const textEveryMs = 500
/** The text for those who do not see the chart may be this old: making it costs more than drawing. */
const summaryEveryMs = 5_000

/**
 * @event {CustomEvent<SelectDetail>} metric-select - A point was clicked, or Enter pressed on it.
 * @event {CustomEvent<ZoomDetail>} metric-zoom - The window was zoomed or panned by hand, or reset (both times null).
 * @slot - `<metric-series>` elements: more queries on the same chart.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The canvas's box.
 * @csspart legend - The list of series. @csspart tooltip - Values under the cursor. @csspart table - The data as a table.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 * @cssproperty [--telltale-chart-height=300px] - Height, where the tag is not sized otherwise.
 */
export class MetricChart extends WidgetElement {
  static override properties: PropertyDeclarations = {
    ...queryProperties,
    step: { type: String },
    limit: { type: Number },
    fill: { type: String },
    type: { type: String },
    scale: { type: String },
    compareTo: { type: String, attribute: 'compare-to' },
    thresholds: { type: String },
    annotations: { converter: (value) => value !== null && (value.trim().startsWith('[') ? JSON.parse(value) : true) },
    timeZone: { type: String, attribute: 'time-zone' },
    wheel: { type: String },
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
  /** `log`: a logarithmic value axis. */
  declare scale: 'linear' | 'log'
  /** How much earlier the period is that is drawn behind, dashed: `1d`. */
  declare compareTo: string
  declare thresholds: string | readonly Threshold[]
  /** True: those that the collector keeps. Or the annotations themselves. */
  declare annotations: boolean | readonly object[]
  /** IANA name; empty: the reader's own. */
  declare timeZone: string
  /** `ctrl`: the wheel zooms only with Ctrl or ⌘; `off`: never. */
  declare wheel: 'zoom' | 'ctrl' | 'off'
  /** Charts and pickers with the same name share range, window, filters and cursor. */
  declare group: string

  readonly #questions = new ChartQuestions(this)
  readonly #legend = new ChartLegend({
    hiddenChanged: () => this.#seriesChanged(),
    searched: () => this.requestUpdate(),
  })
  readonly #shared = new GroupController(this, (parts) => this.#groupChanged(parts))
  readonly #stage = new ChartStage(this, this.#stageHost())
  readonly #feed = new ChartFeed(this, this.source, {
    specs: () => this.#questions.specs(this.#shared.view),
    window: () => this.#stage.viewport.window,
    isLive: () => this.#isLive,
    rangeMs: () => parseDurationMs(this.#range),
    changed: () => this.#dataChanged(),
  })
  /** Their code comes with the first chart that wants some. */
  #askedForNotes = false
  #notes: AnnotationsController | undefined
  #data: ChartData | undefined
  #dataIsOld = true
  #frozen: Span | undefined
  #textTimer: ReturnType<typeof setTimeout> | undefined
  /** The update that is pending changes what stands around the plot, and nothing on it. */
  #isTextOnly = false
  #showsTable = false
  /** Loaded with the first table. */
  #table: typeof import('./chart-table.js') | undefined
  #summary = ''
  #summaryMs = 0

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
    this.scale = 'linear'
    this.compareTo = ''
    this.thresholds = ''
    this.annotations = false
    this.timeZone = ''
    this.wheel = 'zoom'
    this.group = ''
    this.addEventListener(seriesEvent, () => this.#seriesChanged())
  }

  /** Back to the window without anybody's zoom. */
  resetZoom(): void {
    this.#stage.reset()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!chartTypes.has(this.type)) this.type = 'line'
    if (changed.has('metric') || changed.has('range')) this.#stage.viewport.reset()
    if (this.annotations && !this.#askedForNotes) void this.#loadNotes()
    for (const name of ['type', 'unit', 'scale', 'thresholds', 'fill', 'title', 'timeZone'] as const) {
      if (changed.has(name)) this.#dataIsOld = true
    }
  }

  /** After the controllers, which work out what is asked, and before anything is rendered. */
  protected override update(changed: PropertyValues<this>): void {
    clearTimeout(this.#textTimer)
    this.#textTimer = undefined
    if (this.#stage.mayDraw) {
      if (!this.#isTextOnly || this.#dataIsOld || changed.size > 0) this.#stage.requestDraw()
      if (this.#dataIsOld) this.#readData()
    }
    this.#isTextOnly = false
    super.update(changed)
  }

  protected override updated(): void {
    const tipElement = this.renderRoot.querySelector<HTMLElement>('.tip')
    const { plot, cursor } = this.#stage
    if (tipElement && plot) placeTip(tipElement, cursor, plot.area)
  }

  protected override render(): TemplateResult {
    const state = this.#state
    const shown = state.phase === 'ready' ? this.#data : undefined
    const name = this.exportTitle()
    const isPlotted = shown && !this.#showsTable
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        <div class="titles">
          ${name ? html`<h3>${name}</h3>` : nothing}<span class="sub">${subtitle(this.#feed.specs, this.title, this.#range)}</span>
          ${state.phase === 'error' ? nothing : staleBadge(state.stale)}
          ${this.#feed.rangeError ? html`<span class="badge" role="status">${this.#feed.rangeError.message}</span>` : nothing}
        </div>
        <div class="tools">
          ${this.#stage.viewport.span ? html`<button class="tool" @click=${this.#stage.reset} data-no-picture>${icons.reset}${messages.resetZoom}</button>` : nothing}
          ${shown ? this.menu([this.#tableItem()]) : nothing}
        </div>
      </div>
      <div class="body">
        <div
          class="plot ${isPlotted ? '' : 'off'} ${state.stale ? 'old' : ''}" part="plot"
          role="group" aria-roledescription="chart" aria-label=${messages.chart(name)} aria-describedby="summary"
          tabindex=${isPlotted ? 0 : -1}
          @focus=${this.#stage.focused} @keydown=${this.#stage.key} @blur=${this.#stage.unpin}
        ></div>
        ${shown ? (this.#showsTable ? this.#table?.table(shown, this.#stage.viewport.window, this.#zone) : nothing) : stateView(state, this.#feed, this.#isLive, this.#range)}
      </div>
      ${shown ? this.#legend.render(shown, this.#stage.cursor, this.compareTo) : nothing}
      <p class="hidden" id="summary">${this.#summaryOf(shown)}</p>
      <p class="hidden" aria-live="polite">${this.#stage.spoken}</p>
      ${tip(this.#tip(shown))}
      <i class="watch" @transitionrun=${this.#stage.colorsChanged}></i>
      <slot hidden @slotchange=${this.#seriesChanged}></slot>
    </div>`
  }

  protected override exportTitle(): string {
    return this.title || this.#feed.specs[0]?.metric || this.metric
  }

  protected override async exportTable(): Promise<ExportTable | undefined> {
    const { chartTable } = await import('./chart-table.js')
    const data = this.#data
    return data && data.series.length > 0
      ? chartTable(data, this.#stage.viewport.window, this.exportTitle())
      : undefined
  }

  async #loadNotes(): Promise<void> {
    this.#askedForNotes = true
    try {
      const { AnnotationsController } = await import('./annotations-controller.js')
      this.#notes = new AnnotationsController(this, this.source, {
        wanted: () => this.annotations,
        window: () => this.#stage.viewport.window,
      })
      this.requestUpdate()
    } catch {
      // A chart without its annotations is still a chart; its next update asks again.
      this.#askedForNotes = false
    }
  }

  get #range(): string {
    return this.#shared.view?.range ?? this.range
  }

  get #zone(): string | undefined {
    return this.#shared.view?.timeZone || this.timeZone || undefined
  }

  /** The window moves with time: nobody has zoomed, chosen a fixed one or switched updates off. */
  get #isLive(): boolean {
    return !this.#stage.viewport.span && !this.#shared.view?.fixed && !this.#frozen
  }

  get #state(): WidgetState {
    const state = this.#feed.state
    const hasData = this.#data && this.#data.series.length > 0
    // A window of the past has an answer of its own, whatever the stream holds.
    if ((state.phase === 'empty' || state.phase === 'ready') && !this.#isLive) {
      return { ...state, phase: hasData ? 'ready' : this.#feed.isAsking ? 'loading' : 'empty' }
    }
    return state.phase === 'ready' && !this.#data ? { ...state, phase: 'loading' } : state
  }

  #tableItem() {
    return {
      label: this.#showsTable ? messages.showChart : messages.showTable,
      icon: this.#showsTable ? ('chart' as const) : ('table' as const),
      run: async () => {
        this.#table ??= await import('./chart-table.js')
        adoptStyles(this.shadowRoot!, this.#table.tableStyles)
        this.#showsTable = !this.#showsTable
        this.#stage.unpin()
        this.requestUpdate()
      },
    }
  }

  #tip(data: ChartData | undefined) {
    const { cursor } = this.#stage
    if (!data || !cursor || cursor.isForeign) return undefined
    const { startMs, endMs } = this.#stage.viewport.window
    const nearMs = (endMs - startMs) / 100
    const annotations = this.#notes?.annotations ?? []
    return { data, hidden: this.#legend.hidden, cursor, annotations, timeZone: this.#zone, nearMs }
  }

  #summaryOf(data: ChartData | undefined): string {
    if (!data) return ''
    const nowMs = performance.now()
    if (this.#summary === '' || nowMs - this.#summaryMs > summaryEveryMs) {
      this.#summaryMs = nowMs
      this.#summary = summarize(data)
    }
    return this.#summary
  }

  /** Drawn in the next frame; the legend and all else around the plot follow a little later. */
  #dataChanged(): void {
    this.#dataIsOld = true
    if (this.#data?.series.length && this.#stage.plot) {
      this.#stage.requestDraw()
      // Without a legend, a cursor or a table only the text for those who do not see the chart gets old.
      const hasNumbers = isNamed(this.#data) || this.#stage.cursor || this.#showsTable
      this.#textTimer ??= setTimeout(this.#updateText, hasNumbers ? textEveryMs : summaryEveryMs)
    } else if (!this.isUpdatePending) this.requestUpdate()
  }

  readonly #updateText = (): void => {
    this.#textTimer = undefined
    this.#isTextOnly = !this.isUpdatePending
    this.requestUpdate()
  }

  #readData(): void {
    this.#dataIsOld = false
    const read = this.#feed.read(this.#legend.hidden, this.title, this.compareTo, this.fill === 'null')
    this.#data = read?.data
    this.#stage.refreshAtMs = read?.refreshAtMs ?? 0
  }

  /** What is drawn: read again where something has come since. */
  #drawn(): ChartData | undefined {
    if (this.#dataIsOld) this.localized(() => this.#readData())
    return this.#showsTable ? undefined : this.#data
  }

  readonly #seriesChanged = (): void => {
    this.#dataIsOld = true
    this.requestUpdate()
  }

  #stageHost(): StageHost {
    return {
      hidden: this.#legend.hidden,
      data: () => this.#drawn(),
      style: (colors, isPatterned) => ({
        colors,
        scale: this.scale === 'log' ? 'log' : 'linear',
        thresholds: this.#questions.thresholds(),
        beneath: this.#notes?.painter(colors),
        timeZone: this.#zone,
        isPatterned,
      }),
      home: () => this.#home(),
      nowMs: () => this.#feed.nowMs,
      isMoving: () => this.#isLive && !this.#showsTable,
      wheel: () => this.wheel,
      timeZone: () => this.#zone,
      localized: (run) => this.localized(run),
      refresh: () => this.#seriesChanged(),
      cursorChanged: (cursor) => {
        if (!cursor?.isForeign) this.#shared.set({ cursorMs: cursor?.timeMs ?? null })
        this.#updateText()
      },
      windowChanged: () => {
        this.#shared.set({ span: this.#stage.viewport.span })
        this.#windowChanged()
      },
      selected: (cursor) => {
        const plot = this.#stage.plot
        const found = nearestSeries(this.#data!, this.#legend.hidden, cursor, (series, value) =>
          plot!.topOf(series, value),
        )
        if (!found) return
        const detail = selectDetail(found, this.#stage.viewport.window)
        this.dispatchEvent(new CustomEvent<SelectDetail>('metric-select', { detail, bubbles: true, composed: true }))
      },
    }
  }

  #home(): Span {
    const endMs = this.#feed.nowMs
    return this.#shared.view?.fixed ?? this.#frozen ?? { startMs: endMs - parseDurationMs(this.#range), endMs }
  }

  #windowChanged(): void {
    const { span } = this.#stage.viewport
    const detail: ZoomDetail = span ? { start: iso(span.startMs), end: iso(span.endMs) } : { start: null, end: null }
    this.dispatchEvent(new CustomEvent('metric-zoom', { detail, bubbles: true, composed: true }))
    this.#seriesChanged()
  }

  #groupChanged(parts: ReadonlySet<GroupPart>): void {
    const view = this.#shared.view!
    if (parts.has('cursorMs')) this.#stage.showForeign(view.cursorMs)
    if (parts.has('range') || parts.has('fixed')) this.#stage.viewport.reset()
    if (parts.has('span')) this.#stage.viewport.span = view.span
    if (parts.has('interval')) {
      this.#frozen = undefined
      if (view.interval === 'off') this.#frozen = this.#home()
    }
    if (parts.size > 1 || !parts.has('cursorMs')) this.#seriesChanged()
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
