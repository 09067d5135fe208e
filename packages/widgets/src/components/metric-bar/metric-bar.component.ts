/** `<metric-bar>`: a metric by the values of a tag, as bars, live: sorted, the largest first, the rest in one. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { type CategorySort, type Layer, rankCategories, type Stack, stackCategories } from '../../chart/categories.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { formatValue } from '../../format/unit.js'
import { entryClicked, entryPressed, isolateEntry, toggleEntry } from '../shared/legend-entry.js'
import { isRtl, moveMark } from '../shared/mark-cursor.js'
import { marksStyles } from '../shared/marks.styles.js'
import { messages } from '../shared/messages.js'
import { MetricElement } from '../shared/metric-element.js'
import { list } from '../shared/query-attributes.js'
import { isAdditive } from '../shared/sample-code.js'
import { placeTooltip, type Tip, tooltip } from '../shared/tooltip.js'
import { columnsView, rowsView } from './bars.js'
import { barStyles } from './metric-bar.styles.js'

/** Above this many, neighbouring bars would share colours: then all have one. */
const maxColors = 8

/**
 * Bars by the values of the first tag of `group-by`; further tags stack them.
 *
 * @event {CustomEvent<SelectDetail>} metric-select - A bar was clicked, or Enter pressed on it.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The bars. @csspart legend - The layers of stacks.
 * @csspart tooltip - Values of a bar. @csspart menu - The menu. @csspart empty - The empty state. @csspart error - The error state.
 * @csspart badge - The note that data may be old.
 * @cssproperty [--telltale-chart-height=300px] - Height of vertical bars, where the tag is not sized otherwise.
 */
export class MetricBar extends MetricElement {
  static override properties: PropertyDeclarations = {
    orientation: { type: String },
    sort: { type: String },
    order: { type: String },
    limit: { type: Number },
    other: { type: Boolean },
  }
  static override styles: CSSResultGroup = [MetricElement.styles, marksStyles, barStyles]

  /** `horizontal` or `vertical`. */
  declare orientation: 'horizontal' | 'vertical'
  /** `value`, `name`, or `none` for the collector's order. */
  declare sort: CategorySort
  declare order: 'asc' | 'desc'
  /** Keep this many bars, the largest; 0 keeps all. */
  declare limit: number
  /** Fold the rest into one bar, where values add up: sums, counts and rates. */
  declare other: boolean

  #stacks: Stack[] = []
  #layers: Layer[] = []
  /** Layers that the legend has switched off. */
  readonly #hidden = new Set<string>()
  #hiddenCount = 0
  #active = -1
  /** Keys stay where they are while the pointer is elsewhere. */
  #isByKey = false

  constructor() {
    super()
    this.orientation = 'horizontal'
    this.sort = 'value'
    this.order = 'desc'
    this.limit = 10
    this.other = false
  }

  protected override willUpdate(): void {
    const values = this.values()
    const restLabel = this.other && isAdditive(this.aggregation) ? messages.other : undefined
    const options = { sort: this.sort, order: this.order, limit: Math.max(0, this.limit || 0), restLabel }
    if (list(this.groupBy).length > 1) {
      const stacked = stackCategories(values, options, messages.none, this.#hidden)
      this.#stacks = stacked.stacks
      this.#layers = stacked.layers
      this.#hiddenCount = stacked.hiddenCount
    } else {
      const { shown, hiddenCount } = rankCategories(values, options)
      const isPlain = shown.length > maxColors
      this.#layers = []
      this.#hiddenCount = hiddenCount
      this.#stacks = shown.map((category) => {
        const layer = { key: '', label: category.label, color: isPlain ? -1 : category.color }
        return { category, parts: [{ layer, value: category.value, tags: category.tags }] }
      })
    }
    if (this.#active >= this.#stacks.length) this.#active = -1
  }

  protected override updated(): void {
    const mark = this.#active < 0 ? undefined : this.renderRoot.querySelectorAll('.hit')[this.#active]
    placeTooltip(this.renderRoot, mark?.getBoundingClientRect())
  }

  protected override body(state: WidgetState): TemplateResult {
    const input = {
      stacks: this.#stacks,
      unit: this.shownUnit,
      active: this.#active,
      point: (index: number) => this.#point(index),
      choose: (index: number) => this.#choose(index),
    }
    const isVertical = this.orientation === 'vertical'
    return html`<div
        class="plot focusable ${isVertical ? 'vertical' : 'horizontal'} ${state.stale ? 'old' : ''}" part="plot"
        role="group" aria-roledescription="chart" aria-label=${messages.bars(this.name)} aria-describedby="summary"
        tabindex="0" @keydown=${this.#key} @blur=${this.#leave} @pointerleave=${this.#leave}
      >
        ${isVertical ? columnsView(input) : rowsView(input)}
      </div>
      ${this.#layers.length > 0 ? this.#legend() : nothing}
      ${this.#hiddenCount > 0 ? html`<p class="sub more-note">${messages.andMore(this.#hiddenCount)}</p>` : nothing}
      <p class="hidden" id="summary">${this.#summary()}</p>
      ${tooltip(this.#tip())}`
  }

  protected override skeleton(): TemplateResult {
    return html`${[92, 74, 61, 45, 30].map((width) => html`<svg class="bone-bar" aria-hidden="true"><rect class="bone" width="${width}%" height="100%" rx="4"></rect></svg>`)}`
  }

  protected override exportTable(): ExportTable | undefined {
    if (this.#stacks.length === 0) return undefined
    const unit = this.shownUnit
    const rows = this.#stacks.flatMap(({ category, parts }) =>
      parts.map(({ layer, value }) => ({ bar: category.label, layer: layer.label, value })),
    )
    const [first, ...others] = list(this.groupBy)
    return {
      title: this.name,
      columns: [
        { name: first ?? messages.name, kind: 'text', values: rows.map(({ bar }) => bar || this.metric) },
        ...(others.length > 0
          ? [{ name: others.join(' · '), kind: 'text' as const, values: rows.map(({ layer }) => layer) }]
          : []),
        { name: this.aggregation, kind: 'number', unit, values: rows.map(({ value }) => value) },
      ],
    }
  }

  #legend(): TemplateResult {
    const change = (run: (key: string) => void, key: string) => () => {
      run(key)
      this.requestUpdate()
    }
    const toggle = (key: string) => toggleEntry(this.#hidden, key)
    const keys = this.#layers.map(({ key }) => key)
    const isolate = (key: string) => isolateEntry(this.#hidden, keys, key)
    return html`<ul class="layers" part="legend">
      ${this.#layers.map(({ key, label, color }) => {
        const entry = { toggle: change(toggle, key), isolate: change(isolate, key) }
        return html`<li>
          <button
            class="key" aria-pressed=${this.#hidden.has(key) ? 'false' : 'true'} title=${messages.legendHint}
            @click=${(event: MouseEvent) => entryClicked(event, entry)} @dblclick=${entry.isolate}
            @keydown=${(event: KeyboardEvent) => entryPressed(event, entry)}
          ><i class="dot s${color}"></i>${label}</button>
        </li>`
      })}
    </ul>`
  }

  #tip(): Tip | undefined {
    const stack = this.#stacks[this.#active]
    if (!stack) return undefined
    const { category, parts } = stack
    const unit = this.shownUnit
    const rows = parts.map(({ layer, value }) => ({
      dot: layer.color < 0 ? '' : `s${layer.color}`,
      label: this.#layers.length > 0 ? layer.label : this.aggregation,
      value: formatValue(value, unit),
    }))
    if (parts.length > 1) rows.push({ dot: '', label: messages.total, value: formatValue(category.value, unit) })
    return { title: category.label || this.metric, rows }
  }

  #summary(): string {
    const unit = this.shownUnit
    const said = this.#stacks.map(({ category }) => `${category.label}: ${formatValue(category.value, unit)}`)
    return `${messages.seriesCount(said.length)} ${said.slice(0, 12).join(', ')}`
  }

  #point(index: number): void {
    if (this.#isByKey && index < 0) return
    this.#isByKey = false
    this.#active = index
    this.requestUpdate()
  }

  readonly #leave = (event: Event): void => {
    if (event.type === 'pointerleave' && this.#isByKey) return
    this.#isByKey = false
    this.#active = -1
    this.requestUpdate()
  }

  #choose(index: number): void {
    const { category } = this.#stacks[index]
    if (!category.isRest) this.select(category.label, category.tags, category.value)
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.#leave(event)
    if (event.key === 'Enter' && this.#active >= 0) this.#choose(this.#active)
    const to = moveMark(event.key, this.#active, this.#stacks.length, isRtl(this))
    if (to === null) return
    event.preventDefault()
    this.#isByKey = true
    this.#active = to
    this.localized(() => {
      const tip = this.#tip()!
      const values = tip.rows.map(({ label, value }) => (this.#layers.length > 0 ? `${label} ${value}` : value))
      this.spoken = `${tip.title}: ${values.join(', ')} (${formatNumber(to + 1)}/${formatNumber(this.#stacks.length)})`
    })
    this.requestUpdate()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-bar': MetricBar
  }
}
