/** What a heat map draws and does: its cells, their names, the cursor and the keys. Loaded with the first heat map. */
import type { HistogramResult, Tags } from '@telltale/protocol/api'
import { html, nothing, svg, type TemplateResult } from 'lit'
import type { GroupValue } from '../../chart/categories.js'
import { intensity, paintHeat } from '../../chart/heat.js'
import { timeTicks } from '../../chart/ticks.js'
import type { Span } from '../../client/group.js'
import type { ExportTable } from '../../export/table.js'
import { formatTick } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { readHeatShades } from '../../theme/heat-shades.js'
import { messages } from '../shared/messages.js'
import { list } from '../shared/query-attributes.js'
import { placeTooltip, tooltip } from '../shared/tooltip.js'
import { type Cell, cellAt, moveCell } from './heat-cursor.js'
import { crossModel, type HeatModel, spreadModel } from './heat-model.js'
import type { MetricHeatmap } from './metric-heatmap.component.js'

export { heatTokens } from '../../theme/heat-tokens.js'
export { heatStyles } from './heat.styles.js'

const tickSpacePx = 90
/** Up to so many cells each carry their value. */
const maxWrittenCells = 120
const minWrittenPx = 34

/** What the picture needs of its tag besides what is public. */
export interface HeatTag {
  name(): string
  unit(): string
  timeZone(): string | undefined
  width(): number
  /** Where the cursor is in time, for the others of its group. */
  point(timeMs: number | null): void
  select(label: string, tags: Tags, value: number, bucket?: Span): void
  /** For those who do not see it. */
  say(sentence: () => string): void
}

export class HeatPicture {
  readonly #host: MetricHeatmap
  readonly #tag: HeatTag
  #model: HeatModel | undefined
  #modelOf: unknown
  #unit = ''
  #shades: Uint32Array | undefined
  #active: Cell | undefined

  constructor(host: MetricHeatmap, tag: HeatTag) {
    this.#host = host
    this.#tag = tag
  }

  /** How two tags meet. */
  takeCross(values: readonly GroupValue[]): void {
    this.#modelOf = values
    this.#model = values.length > 0 ? crossModel(values, messages.none) : undefined
    this.#keepActive()
  }

  /** How values are spread over time; the same answer is read once. */
  takeSpread(result: HistogramResult | undefined): void {
    const unit = this.#tag.unit()
    if (result !== this.#modelOf || unit !== this.#unit) {
      this.#modelOf = result
      this.#unit = unit
      this.#model = result && spreadModel(result, unit, this.#tag.timeZone())
    }
    this.#keepActive()
  }

  draw(): void {
    const canvas = this.#host.renderRoot.querySelector('canvas')
    const outline = this.#host.renderRoot.querySelector<HTMLElement>('.cursor')
    if (!canvas || !outline || !this.#model) {
      placeTooltip(this.#host.renderRoot, undefined)
      return
    }
    this.#shades ??= readHeatShades(this.#host.shadowRoot!)
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
    placeTooltip(this.#host.renderRoot, this.#active && outline.getBoundingClientRect())
  }

  render(isOld: boolean): TemplateResult {
    const model = this.#model
    if (!model) return html``
    return html`<div class="grid ${isOld ? 'old' : ''}">
        <div class="row-labels" aria-hidden="true">${model.rowLabels.map((label) => html`<span title=${label}>${label}</span>`)}</div>
        <div
          class="plot focusable ${model.columnLabels ? 'cross' : ''}" part="plot" role="group" aria-roledescription="chart"
          aria-label=${messages.heatmap(this.#tag.name())} aria-describedby="summary" tabindex="0" @keydown=${this.#key}
          @pointermove=${this.#move} @pointerleave=${this.#leave} @blur=${this.#leave} @click=${this.#choose}
        >
          <canvas class="mark"></canvas>
          ${model.columnLabels && model.columns * model.rows <= maxWrittenCells && this.#tag.width() / model.columns > minWrittenPx ? this.#written(model) : nothing}
          <i class="cursor" hidden></i>
        </div>
        ${model.columnLabels ? columnNames(model.columnLabels) : this.#timeAxis(model)}
      </div>
      ${this.#legend(model)}
      <p class="hidden" id="summary">${this.#summary(model)}</p>
      ${tooltip(this.#active && this.#tip(model, this.#active))}
      <i class="watch" @transitionrun=${this.#colorsChanged}></i>`
  }

  exportTable(): ExportTable | undefined {
    const model = this.#model
    if (!model) return undefined
    const { columns, values } = model
    const cells = [...values.keys()].filter((at) => !Number.isNaN(values[at]))
    const [first, second] = list(this.#host.groupBy)
    const rowNames = cells.map((at) => model.rowName(Math.floor(at / columns)))
    const isCross = model.columnLabels !== undefined
    return {
      title: this.#tag.name(),
      columns: [
        isCross
          ? { name: first, kind: 'text', values: cells.map((at) => model.columnName(at % columns)) }
          : { name: messages.time, kind: 'time', values: cells.map((at) => model.timesMs[at % columns]) },
        { name: isCross ? second : this.#host.metric, kind: 'text', values: rowNames },
        {
          name: isCross ? this.#host.aggregation : messages.count,
          kind: 'number',
          unit: isCross ? this.#tag.unit() : '1',
          values: cells.map((at) => values[at]),
        },
      ],
    }
  }

  #keepActive(): void {
    const { columns = 0, rows = 0 } = this.#model ?? {}
    if (this.#active && (this.#active.column >= columns || this.#active.row >= rows)) this.#active = undefined
  }

  #timeAxis({ timesMs, stepMs }: HeatModel): TemplateResult {
    const startMs = timesMs[0]
    const endMs = timesMs[timesMs.length - 1] + stepMs
    const { stepMs: apartMs, ticksMs } = timeTicks(startMs, endMs, this.#tag.width() / tickSpacePx)
    return html`<svg class="times" aria-hidden="true">
      ${ticksMs.map((tickMs) => {
        const x = (tickMs - startMs) / (endMs - startMs)
        return x < 0.03 || x > 0.97
          ? nothing
          : svg`<text x="${(x * 100).toFixed(2)}%" y="12" text-anchor="middle">${formatTick(tickMs, apartMs, this.#tag.timeZone())}</text>`
      })}
    </svg>`
  }

  #written(model: HeatModel): TemplateResult {
    const { columns, rows, values, range } = model
    return html`<svg class="written" aria-hidden="true">
      ${[...values].map((value, at) =>
        Number.isNaN(value)
          ? nothing
          : svg`<text class=${intensity(value, range) > 0.55 ? 'on-strong' : ''} x="${((at % columns) + 0.5) * (100 / columns)}%" y="${(Math.floor(at / columns) + 0.5) * (100 / rows)}%" dy="4" text-anchor="middle">${formatValue(value, this.#tag.unit())}</text>`,
      )}
    </svg>`
  }

  #legend({ range, columnLabels }: HeatModel): TemplateResult {
    const unit = columnLabels ? this.#tag.unit() : ''
    return html`<div class="scale" part="legend" aria-hidden="true">
      <span>${formatValue(range.min, unit)}</span>
      <svg>${[0, 1, 2, 3, 4].map((i) => svg`<rect class="heat${i}" x="${i * 20}%" width="20.5%" height="100%"></rect>`)}</svg>
      <span>${formatValue(range.max, unit)}</span>
    </div>`
  }

  #tip(model: HeatModel, { column, row }: Cell) {
    const value = model.values[row * model.columns + column]
    const label = model.columnLabels ? this.#host.aggregation : messages.count
    const unit = model.columnLabels ? this.#tag.unit() : ''
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
    this.#tag.point(timeMs ?? null)
    this.#host.requestUpdate()
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
    this.#tag.select(model.rowName(row), model.tagsAt(column, row), value, bucket)
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
    this.#tag.say(() => this.#say(model, to))
  }

  readonly #colorsChanged = (): void => {
    this.#shades = undefined
    this.#host.requestUpdate()
  }
}

function columnNames(labels: readonly string[]): TemplateResult {
  return html`<div class="column-labels" aria-hidden="true">${labels.map((label) => html`<span title=${label}>${label}</span>`)}</div>`
}
