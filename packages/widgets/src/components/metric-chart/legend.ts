/** The legend: a button a series with its value under the cursor or its newest, a search where there are many. */
import { html, nothing, type TemplateResult } from 'lit'
import { type ChartData, ghostKey, isHidden, type PlotSeries } from '../../chart/model.js'
import { latest, valueAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'
import { formatSpan } from '../../format/span.js'
import { formatValue } from '../../format/unit.js'
import { entryClicked, entryPressed, isolateEntry, toggleEntry } from '../shared/legend-entry.js'
import { messages } from '../shared/messages.js'
import { dot } from './chart-tip.js'

/** From here on names are found quicker by typing than by looking. */
const searchFrom = 9
const maxShown = 200

export interface LegendListener {
  hiddenChanged(): void
  searched(): void
}

/** One series without tags is named by the title already. */
export function isNamed({ series }: ChartData): boolean {
  return series.length > 1 || Object.keys(series[0]?.tags ?? {}).length > 0
}

export class ChartLegend {
  /** Keys of series that are switched off, and `ghostKey`. */
  readonly hidden = new Set<string>()
  readonly #listener: LegendListener
  #search = ''

  constructor(listener: LegendListener) {
    this.#listener = listener
  }

  /** `compareTo`: how much earlier the period before is. */
  render(data: ChartData, cursor: PlotCursor | null, compareTo: string): TemplateResult | typeof nothing {
    const own = data.series.filter(({ isGhost }) => !isGhost)
    if (!isNamed(data)) return nothing
    const wanted = this.#search.trim().toLowerCase()
    const found = wanted ? own.filter(({ label }) => label.toLowerCase().includes(wanted)) : own
    const keys = own.map(({ key }) => key)
    return html`<div class="legend" part="legend">
      ${own.length >= searchFrom ? this.#searchField() : nothing}
      <ul>
        ${found.slice(0, maxShown).map((series) => this.#entry(series, keys, cursor))}
        ${own.length < data.series.length ? this.#ghostEntry(compareTo) : nothing}
        ${found.length === 0 ? html`<li class="none">${messages.noRowMatches(this.#search)}</li>` : nothing}
      </ul>
    </div>`
  }

  #entry(series: PlotSeries, keys: readonly string[], cursor: PlotCursor | null): TemplateResult {
    const { key, label, unit } = series
    const value = cursor ? valueAt(series, cursor.timeMs) : latest(series)
    const entry = {
      toggle: () => this.#toggle(key),
      isolate: () => {
        isolateEntry(this.hidden, keys, key)
        this.#listener.hiddenChanged()
      },
    }
    return html`<li>
      <button
        class="key" aria-pressed=${isHidden(series, this.hidden) ? 'false' : 'true'} title=${messages.legendHint}
        @click=${(event: MouseEvent) => entryClicked(event, entry)} @dblclick=${entry.isolate}
        @keydown=${(event: KeyboardEvent) => entryPressed(event, entry)}
      >${dot(series)}<span>${label}</span><b>${formatValue(value, unit)}</b></button>
    </li>`
  }

  #searchField(): TemplateResult {
    return html`<input
      class="find" type="search" .value=${this.#search} placeholder=${messages.search} aria-label=${messages.searchSeries} data-no-picture
      @input=${(event: Event) => {
        this.#search = (event.target as HTMLInputElement).value
        this.#listener.searched()
      }}
    />`
  }

  #ghostEntry(compareTo: string): TemplateResult {
    return html`<li>
      <button class="key" aria-pressed=${this.hidden.has(ghostKey) ? 'false' : 'true'} @click=${() => this.#toggle(ghostKey)}>
        <i class="dash"></i><span>${messages.earlier(formatSpan(compareTo))}</span>
      </button>
    </li>`
  }

  #toggle(key: string): void {
    toggleEntry(this.hidden, key)
    this.#listener.hiddenChanged()
  }
}
