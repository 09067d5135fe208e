/** `<metric-heatmap>`: how a metric's values are spread over time, or, with two tags, how one value goes with another. */

import '../../i18n/en-values.js'
import type { HistogramQuery, HistogramResult } from '@telltale/protocol/api'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  svg,
  type TemplateResult,
} from 'lit'
import { intensity, paintHeat } from '../../chart/heat.js'
import { timeTicks } from '../../chart/ticks.js'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import type { LiveRequest } from '../../controllers/live-query-controller.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatTick } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { readHeatShades } from '../../theme/heat-shades.js'
import { heatTokens } from '../../theme/heat-tokens.js'
import { withGroup } from '../shared/group-attributes.js'
import { marksStyles } from '../shared/marks.styles.js'
import { messages } from '../shared/messages.js'
import { MetricElement } from '../shared/metric-element.js'
import { intervalMs, list, parseStreamRequest } from '../shared/query-attributes.js'
import { placeTooltip, tooltip } from '../shared/tooltip.js'
import { type Cell, cellAt, moveCell } from './heat-cursor.js'
import { crossModel, type HeatModel, heatStep, spreadModel } from './heat-model.js'
import { heatStyles } from './metric-heatmap.styles.js'

const cellPx = 8
const tickSpacePx = 90
/** Up to so many cells each carry their value. */
const maxWrittenCells = 120
const minWrittenPx = 34

/**
 * @event {CustomEvent<SelectDetail>} metric-select - A cell was clicked, or Enter pressed on it.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The cells. @csspart legend - The scale of colours.
 * @csspart tooltip - The cell under the pointer. @csspart menu - The menu. @csspart empty - The empty state.
 * @csspart error - The error state. @csspart badge - The note that data may be old.
 * @cssproperty [--telltale-heat-1] - The colour of the least; `-2` to `-5` go on to that of the most.
 * @cssproperty [--telltale-chart-height=300px] - Height, where the tag is not sized otherwise.
 */
export class MetricHeatmap extends MetricElement {
  static override properties: PropertyDeclarations = {
    step: { type: String },
    rows: { type: Number },
  }
  static override styles: CSSResultGroup = [MetricElement.styles, marksStyles, heatTokens, heatStyles]

  /** Length of a column; `auto` fits the width. */
  declare step: string
  /** At most this many rows of values. */
  declare rows: number

  readonly #spread = new PollController<HistogramResult>(this, this.source, () => this.#spreadRequest())
  #model: HeatModel | undefined
  #modelOf: unknown
  #shades: Uint32Array | undefined
  #active: Cell | undefined
  #width = 0
  #resize: ResizeObserver | undefined

  constructor() {
    super()
    new VisibilityController(this, (visible) => this.#spread.setPaused(!visible))
    this.step = 'auto'
    this.rows = 40
    this.interval = '5s'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#resize = new ResizeObserver(() => {
      this.#width = this.clientWidth
      this.requestUpdate()
    })
    this.#resize.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize?.disconnect()
  }

  get #isCross(): boolean {
    return list(this.groupBy).length >= 2
  }

  protected override request(): LiveRequest | ClientError | undefined {
    return this.#isCross ? super.request() : undefined
  }

  protected override get state(): WidgetState {
    return this.#isCross ? this.query.state : this.#spread.state
  }

  protected override retry(): void {
    if (this.#isCross) super.retry()
    else this.#spread.retry()
  }

  protected override get shownUnit(): string {
    return this.#isCross ? super.shownUnit : (this.unit ?? this.#spread.result?.meta.unit ?? '')
  }

  protected override subtitle(): string {
    if (this.#isCross) return super.subtitle()
    return [this.title ? this.metric : '', this.shownRange].filter(Boolean).join(' · ')
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    if (this.#isCross) {
      const values = this.values()
      this.#model = values.length > 0 ? crossModel(values, messages.none) : undefined
    } else if (this.#spread.result !== this.#modelOf || changed.has('unit')) {
      const { result } = this.#spread
      this.#modelOf = result
      this.#model = result && spreadModel(result, this.shownUnit, this.shared.view?.timeZone)
    }
    const { columns = 0, rows = 0 } = this.#model ?? {}
    if (this.#active && (this.#active.column >= columns || this.#active.row >= rows)) this.#active = undefined
  }

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector('canvas')
    const outline = this.renderRoot.querySelector<HTMLElement>('.cursor')
    if (!canvas || !outline || !this.#model) {
      placeTooltip(this.renderRoot, undefined)
      return
    }
    this.#shades ??= readHeatShades(this.shadowRoot!)
    paintHeat(canvas, this.#model, this.#model.range, this.#shades)
    outline.hidden = !this.#active
    if (this.#active) {
      const { column, row } = this.#active
      const { columns, rows } = this.#model
      outline.style.insetInlineStart = `${(column / columns) * 100}%`
      outline.style.insetBlockStart = `${(row / rows) * 100}%`
      outline.style.inlineSize = `${100 / columns}%`
      outline.style.blockSize = `${100 / rows}%`
    }
    placeTooltip(this.renderRoot, this.#active && outline.getBoundingClientRect())
  }

  protected override body(state: WidgetState): TemplateResult {
    const model = this.#model
    if (!model) return html``
    return html`<div class="grid ${state.stale ? 'old' : ''}">
        <div class="row-labels" aria-hidden="true">${model.rowLabels.map((label) => html`<span title=${label}>${label}</span>`)}</div>
        <div
          class="plot focusable ${model.columnLabels ? 'cross' : ''}" part="plot" role="group" aria-roledescription="chart"
          aria-label=${messages.heatmap(this.name)} aria-describedby="summary" tabindex="0" @keydown=${this.#key}
          @pointermove=${this.#move} @pointerleave=${this.#leave} @blur=${this.#leave} @click=${this.#choose}
        >
          <canvas class="mark"></canvas>
          ${model.columnLabels && model.columns * model.rows <= maxWrittenCells && this.#width / model.columns > minWrittenPx ? this.#written(model) : nothing}
          <i class="cursor" hidden></i>
        </div>
        ${model.columnLabels ? columnNames(model.columnLabels) : this.#timeAxis(model)}
      </div>
      ${this.#legend(model)}
      <p class="hidden" id="summary">${this.#summary(model)}</p>
      ${tooltip(this.#active && this.#tip(model, this.#active))}
      <i class="watch" @transitionrun=${this.#colorsChanged}></i>`
  }

  protected override exportTable(): ExportTable | undefined {
    const model = this.#model
    if (!model) return undefined
    const { columns, values } = model
    const cells = [...values.keys()].filter((at) => !Number.isNaN(values[at]))
    const [first, second] = list(this.groupBy)
    const rowNames = cells.map((at) => model.rowName(Math.floor(at / columns)))
    const isCross = model.columnLabels !== undefined
    return {
      title: this.name,
      columns: [
        isCross
          ? { name: first, kind: 'text', values: cells.map((at) => model.columnName(at % columns)) }
          : { name: messages.time, kind: 'time', values: cells.map((at) => model.timesMs[at % columns]) },
        { name: isCross ? second : this.metric, kind: 'text', values: rowNames },
        {
          name: isCross ? this.aggregation : messages.count,
          kind: 'number',
          unit: isCross ? this.shownUnit : '1',
          values: cells.map((at) => values[at]),
        },
      ],
    }
  }

  #spreadRequest(): Poll<HistogramResult> | ClientError | undefined {
    if (this.#isCross || !this.metric || this.#width === 0) return undefined
    const { metric, filters, range, interval } = this
    const own = {
      metric,
      aggregation: 'p50',
      groupBy: '',
      filters,
      range,
      interval,
      step: 'auto',
      limit: undefined,
      fill: '',
    }
    try {
      const view = this.shared.view
      const parsed = parseStreamRequest(withGroup(own, view))
      if (!parsed || parsed instanceof ClientError) return parsed
      const { query } = parsed
      const span = view?.span
      const rangeMs = span ? span.endMs - span.startMs : parseDurationMs(query.range!)
      const asked: HistogramQuery = {
        metric_name: metric,
        filters: query.filters ?? {},
        time_range: span ? { start: span.startMs, end: span.endMs } : { start: `now-${query.range}`, end: 'now' },
        step: this.step === 'auto' ? heatStep(rangeMs, this.#width, cellPx) : this.step,
        time_zone: view?.timeZone ?? query.time_zone!,
        rows: Math.max(2, Math.min(512, this.rows || 40)),
      }
      return {
        key: JSON.stringify([asked, interval]),
        intervalMs: intervalMs(parsed.interval),
        ask: (client) => queriesOf(client).histogram(asked),
        isEmpty: ({ rows }) => rows.length === 0,
      }
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }

  #timeAxis({ timesMs, stepMs }: HeatModel): TemplateResult {
    const startMs = timesMs[0]
    const endMs = timesMs[timesMs.length - 1] + stepMs
    const { stepMs: apartMs, ticksMs } = timeTicks(startMs, endMs, this.#width / tickSpacePx)
    return html`<svg class="times" aria-hidden="true">
      ${ticksMs.map((tickMs) => {
        const x = (tickMs - startMs) / (endMs - startMs)
        return x < 0.03 || x > 0.97
          ? nothing
          : svg`<text x="${(x * 100).toFixed(2)}%" y="12" text-anchor="middle">${formatTick(tickMs, apartMs, this.shared.view?.timeZone)}</text>`
      })}
    </svg>`
  }

  #written(model: HeatModel): TemplateResult {
    const { columns, rows, values, range } = model
    return html`<svg class="written" aria-hidden="true">
      ${[...values].map((value, at) =>
        Number.isNaN(value)
          ? nothing
          : svg`<text class=${intensity(value, range) > 0.55 ? 'on-strong' : ''} x="${((at % columns) + 0.5) * (100 / columns)}%" y="${(Math.floor(at / columns) + 0.5) * (100 / rows)}%" dy="4" text-anchor="middle">${formatValue(value, this.shownUnit)}</text>`,
      )}
    </svg>`
  }

  #legend({ range, columnLabels }: HeatModel): TemplateResult {
    const unit = columnLabels ? this.shownUnit : ''
    return html`<div class="scale" part="legend" aria-hidden="true">
      <span>${formatValue(range.min, unit)}</span>
      <svg>${[0, 1, 2, 3, 4].map((i) => svg`<rect class="heat${i}" x="${i * 20}%" width="20.5%" height="100%"></rect>`)}</svg>
      <span>${formatValue(range.max, unit)}</span>
    </div>`
  }

  #tip(model: HeatModel, { column, row }: Cell) {
    const value = model.values[row * model.columns + column]
    const label = model.columnLabels ? this.aggregation : messages.count
    const unit = model.columnLabels ? this.shownUnit : ''
    return {
      title: model.columnName(column),
      rows: [
        { dot: '', label: model.rowName(row), value: '' },
        { dot: '', label, value: Number.isNaN(value) ? (model.columnLabels ? '–' : '0') : formatValue(value, unit) },
      ],
    }
  }

  #summary(model: HeatModel): string {
    const { columns, values } = model
    let top = -1
    for (let at = 0; at < values.length; at++) if (!(values[at] <= values[top]) && !Number.isNaN(values[at])) top = at
    return top < 0 ? messages.noValue : this.#say(model, { column: top % columns, row: Math.floor(top / columns) })
  }

  #say(model: HeatModel, cell: Cell): string {
    const { title, rows } = this.#tip(model, cell)
    return messages.cell(title, rows[0].label, `${rows[1].label} ${rows[1].value}`)
  }

  #setActive(cell: Cell | undefined): void {
    if (cell?.column === this.#active?.column && cell?.row === this.#active?.row) return
    this.#active = cell
    const timeMs = cell && this.#model?.timesMs[cell.column]
    this.shared.set({ cursorMs: timeMs ?? null })
    this.requestUpdate()
  }

  readonly #move = (event: PointerEvent): void => {
    if (this.#model) this.#setActive(cellAt(event, event.currentTarget as HTMLElement, this.#model))
  }

  readonly #leave = (): void => {
    this.#setActive(undefined)
  }

  readonly #choose = (): void => {
    const model = this.#model
    if (!model || !this.#active) return
    const { column, row } = this.#active
    const value = model.values[row * model.columns + column]
    if (Number.isNaN(value)) return
    const startMs = model.timesMs[column]
    const bucket = startMs === undefined ? undefined : { startMs, endMs: startMs + model.stepMs }
    this.select(model.rowName(row), model.tagsAt(column, row), value, bucket)
  }

  readonly #key = (event: KeyboardEvent): void => {
    const model = this.#model
    if (!model) return
    if (event.key === 'Escape') this.#leave()
    if (event.key === 'Enter') this.#choose()
    const to = moveCell(event.key, this.#active, model)
    if (!to) return
    event.preventDefault()
    this.#setActive(to)
    this.spoken = this.localized(() => this.#say(model, to))
  }

  readonly #colorsChanged = (): void => {
    this.#shades = undefined
    this.requestUpdate()
  }
}

function columnNames(labels: readonly string[]): TemplateResult {
  return html`<div class="column-labels" aria-hidden="true">${labels.map((label) => html`<span title=${label}>${label}</span>`)}</div>`
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-heatmap': MetricHeatmap
  }
}
