/** `<metric-pie>`: the shares of a total by the values of a tag, as a donut or a pie, live. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, svg, type TemplateResult } from 'lit'
import { ringSlice } from '../../chart/arc.js'
import { type Category, rankCategories } from '../../chart/categories.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { numberFormat } from '../../format/number.js'
import { formatValue, quantity } from '../../format/unit.js'
import { type EntryActions, entryClicked, entryPressed, isolateEntry, toggleEntry } from '../shared/legend-entry.js'
import { isRtl, moveMark } from '../shared/mark-cursor.js'
import { marksStyles } from '../shared/marks.styles.js'
import { messages } from '../shared/messages.js'
import { MetricElement } from '../shared/metric-element.js'
import { isAdditive } from '../shared/sample-code.js'
import { pieStyles } from './metric-pie.styles.js'

const radius = 50
const holeRadius = 33
const activeGrowth = 2

/**
 * Shares of a total. They have a meaning where values add up: use `sum`, `count`, `increase` or `rate`.
 *
 * @event {CustomEvent<SelectDetail>} metric-select - A share was clicked, or Enter pressed on it.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The ring. @csspart legend - Names, values and shares.
 * @csspart menu - The menu. @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 */
export class MetricPie extends MetricElement {
  static override properties: PropertyDeclarations = {
    type: { type: String },
    limit: { type: Number },
    noOther: { type: Boolean, attribute: 'no-other' },
  }
  static override styles: CSSResultGroup = [MetricElement.styles, marksStyles, pieStyles]

  declare type: 'donut' | 'pie'
  /** Keep this many shares, the largest. */
  declare limit: number
  /** Leave the rest out rather than fold it into one share. */
  declare noOther: boolean

  /** All that the legend lists, and those of them that the ring shows. */
  #listed: Category[] = []
  #shares: Category[] = []
  readonly #hidden = new Set<string>()
  #total = 0
  #active = -1

  constructor() {
    super()
    this.aggregation = 'sum'
    this.type = 'donut'
    this.limit = 6
    this.noOther = false
  }

  protected override willUpdate(): void {
    // A negative share has no place on a ring.
    const values = this.values().filter(({ value }) => value > 0)
    const restLabel = this.noOther || !isAdditive(this.aggregation) ? undefined : messages.other
    const { shown } = rankCategories(values, { sort: 'value', order: 'desc', limit: this.limit || 6, restLabel })
    this.#listed = shown
    this.#shares = shown.filter(({ key }) => !this.#hidden.has(key))
    this.#total = this.#shares.reduce((sum, { value }) => sum + value, 0)
    if (this.#active >= this.#shares.length) this.#active = -1
  }

  protected override body(state: WidgetState): TemplateResult {
    return html`<div class="body ${state.stale ? 'old' : ''}">
        <div
          class="ring focusable" part="plot" role="group" aria-roledescription="chart" aria-label=${messages.pie(this.name)}
          aria-describedby="summary" tabindex="0" @keydown=${this.#key} @blur=${() => this.#point(-1)}
          @pointerleave=${() => this.#point(-1)}
        >
          <svg viewBox="-53 -53 106 106" aria-hidden="true">${this.#slices()}</svg>
          ${this.type === 'pie' ? nothing : this.#middle()}
        </div>
        ${this.#legend()}
      </div>
      <p class="hidden" id="summary">${this.#shares.map((share) => this.#say(share)).join(', ')}</p>`
  }

  protected override skeleton(): TemplateResult {
    return html`<div class="body"><div class="bone circle"></div><div class="bones">${[80, 64, 70, 48].map(() => html`<div class="bone line"></div>`)}</div></div>`
  }

  protected override exportTable(): ExportTable | undefined {
    if (this.#shares.length === 0) return undefined
    // What the ring shows, so that shares add up to the whole.
    return {
      title: this.name,
      columns: [
        {
          name: this.groupBy || messages.name,
          kind: 'text',
          values: this.#shares.map(({ label }) => label || this.metric),
        },
        {
          name: this.aggregation,
          kind: 'number',
          unit: this.shownUnit,
          values: this.#shares.map(({ value }) => value),
        },
        { name: messages.share, kind: 'number', unit: 'ratio', values: this.#shares.map((share) => this.#part(share)) },
      ],
    }
  }

  #slices(): TemplateResult[] {
    let at = 0
    const inner = this.type === 'pie' ? 0 : holeRadius
    return this.#shares.map((share, i) => {
      const from = at
      at += this.#part(share)
      const isActive = i === this.#active
      const outer = radius + (isActive ? activeGrowth : 0)
      const dim = this.#active >= 0 && !isActive ? 'dim' : ''
      return svg`<path
        class="mark ${colorClass(share)} ${dim}" d=${ringSlice(from, at, outer, inner)}
        @pointerenter=${() => this.#point(i)} @click=${() => this.#choose(i)}
      ></path>`
    })
  }

  #middle(): TemplateResult {
    const share = this.#shares[this.#active]
    const { digits, unit } = quantity(share ? share.value : this.#total, this.shownUnit)
    return html`<div class="middle" aria-hidden="true">
      <b>${digits}${unit ? html`<small>${unit}</small>` : nothing}</b>
      <span>${share ? `${share.label || this.metric} · ${formatShare(this.#part(share))}` : messages.total}</span>
    </div>`
  }

  #legend(): TemplateResult {
    const unit = this.shownUnit
    return html`<div class="legend" part="legend" @pointerleave=${() => this.#point(-1)}>
      ${this.#listed.map((share) => {
        const at = this.#shares.indexOf(share)
        const entry = this.#entry(share.key)
        return html`<button
          class="row key ${at >= 0 && at === this.#active ? 'active' : ''}" aria-pressed=${at < 0 ? 'false' : 'true'} title=${messages.legendHint}
          @pointerenter=${() => this.#point(at)} @click=${(event: MouseEvent) => entryClicked(event, entry)}
          @dblclick=${entry.isolate} @keydown=${(event: KeyboardEvent) => entryPressed(event, entry)}
        >
          <i class="dot ${colorClass(share)}"></i><span>${share.label || this.metric}</span><b>${formatValue(share.value, unit)}</b>
          <em>${at < 0 ? '' : formatShare(this.#part(share))}</em>
        </button>`
      })}
    </div>`
  }

  #entry(key: string): EntryActions {
    const change = (run: () => void) => () => {
      run()
      this.#active = -1
      this.requestUpdate()
    }
    const keys = this.#listed.map((share) => share.key)
    return {
      toggle: change(() => toggleEntry(this.#hidden, key)),
      isolate: change(() => isolateEntry(this.#hidden, keys, key)),
    }
  }

  #part({ value }: Category): number {
    return this.#total > 0 ? value / this.#total : 0
  }

  #say(share: Category): string {
    return `${share.label || this.metric}: ${formatValue(share.value, this.shownUnit)}, ${formatShare(this.#part(share))}`
  }

  #point(index: number): void {
    if (index === this.#active) return
    this.#active = index
    this.requestUpdate()
  }

  #choose(index: number): void {
    const share = this.#shares[index]
    if (!share.isRest) this.select(share.label, share.tags, share.value)
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') this.#point(-1)
    if (event.key === 'Enter' && this.#active >= 0) this.#choose(this.#active)
    const to = moveMark(event.key, this.#active, this.#shares.length, isRtl(this))
    if (to === null) return
    event.preventDefault()
    this.#point(to)
    this.spoken = this.localized(() => this.#say(this.#shares[to]))
  }
}

function colorClass({ color, isRest }: Category): string {
  return isRest ? 'rest' : `s${color}`
}

function formatShare(share: number): string {
  return numberFormat({ style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share)
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-pie': MetricPie
  }
}
