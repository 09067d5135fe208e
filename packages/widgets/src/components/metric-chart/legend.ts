/** The legend: a button a series with its value under the cursor or its newest, a search where there are many. */
import { html, nothing, type TemplateResult } from 'lit'
import { type ChartData, ghostKey, isHidden } from '../../chart/model.js'
import { latest, valueAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'
import { formatSpan } from '../../format/span.js'
import { formatValue } from '../../format/unit.js'
import { entryClicked, entryPressed } from '../shared/legend-entry.js'
import { messages } from '../shared/messages.js'
import { dot } from './chart-tip.js'

/** From here on names are found quicker by typing than by looking. */
const searchFrom = 9
const maxShown = 200

export interface LegendState {
  data: ChartData
  hidden: ReadonlySet<string>
  cursor: PlotCursor | null
  search: string
  /** How much earlier the period before is; empty: none is shown. */
  compareTo: string
}

export interface LegendActions {
  toggle(key: string): void
  /** Shows one series alone, or all again where it is alone already. */
  isolate(key: string): void
  search(text: string): void
}

/** One series without tags is named by the title already. */
export function isNamed({ series }: ChartData): boolean {
  return series.length > 1 || Object.keys(series[0]?.tags ?? {}).length > 0
}

export function legend(state: LegendState, actions: LegendActions): TemplateResult | typeof nothing {
  const { data, hidden, cursor, compareTo } = state
  const own = data.series.filter(({ isGhost }) => !isGhost)
  if (!isNamed(data)) return nothing
  const wanted = state.search.trim().toLowerCase()
  const found = wanted ? own.filter(({ label }) => label.toLowerCase().includes(wanted)) : own
  return html`<div class="legend" part="legend">
    ${own.length >= searchFrom ? searchField(state.search, actions) : nothing}
    <ul>
      ${found.slice(0, maxShown).map((series) => {
        const value = cursor ? valueAt(series, cursor.timeMs) : latest(series)
        const entry = { toggle: () => actions.toggle(series.key), isolate: () => actions.isolate(series.key) }
        return html`<li>
          <button
            class="key" aria-pressed=${isHidden(series, hidden) ? 'false' : 'true'} title=${messages.legendHint}
            @click=${(event: MouseEvent) => entryClicked(event, entry)} @dblclick=${entry.isolate}
            @keydown=${(event: KeyboardEvent) => entryPressed(event, entry)}
          >${dot(series)}<span>${series.label}</span><b>${formatValue(value, series.unit)}</b></button>
        </li>`
      })}
      ${compareTo ? ghostKeyButton(compareTo, hidden, actions) : nothing}
      ${found.length === 0 ? html`<li class="none">${messages.noRowMatches(state.search)}</li>` : nothing}
    </ul>
  </div>`
}

function searchField(search: string, actions: LegendActions): TemplateResult {
  return html`<input
    class="find" type="search" .value=${search} placeholder=${messages.search} aria-label=${messages.searchSeries} data-no-picture
    @input=${(event: Event) => actions.search((event.target as HTMLInputElement).value)}
  />`
}

function ghostKeyButton(compareTo: string, hidden: ReadonlySet<string>, actions: LegendActions): TemplateResult {
  return html`<li>
    <button class="key" aria-pressed=${hidden.has(ghostKey) ? 'false' : 'true'} @click=${() => actions.toggle(ghostKey)}>
      <i class="dash"></i><span>${messages.earlier(formatSpan(compareTo))}</span>
    </button>
  </li>`
}
