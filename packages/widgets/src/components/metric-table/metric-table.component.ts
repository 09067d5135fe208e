/** `<metric-table>`: a group a row, an aggregation a column, sorted and searched; only the rows on the screen are in the page. */

import '../../i18n/en-values.js'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import { LatePart } from '../../controllers/late-part.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { adoptStyles } from '../shared/adopt-styles.js'
import { withGroup } from '../shared/group-attributes.js'
import { messages } from '../shared/messages.js'
import { MetricElement } from '../shared/metric-element.js'
import { intervalMs, list, parseAggregation, parseStreamRequest } from '../shared/query-attributes.js'
import { errorState, staleBadge } from '../shared/states.js'
import { askTable, type TableQuestion } from './metric-rows.js'
import { tableStyles } from './metric-table.styles.js'
import { rowsOf, type TableData } from './table-data.js'

/**
 * @event {CustomEvent<SelectDetail>} metric-select - A row was clicked, or Enter pressed on it.
 * @csspart card - The surface. @csspart header - Title and search. @csspart table - The table. @csspart menu - The menu.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 * @cssproperty [--telltale-table-height=420px] - Height from which on the rows scroll, where the tag is not sized otherwise.
 */
export class MetricTable extends MetricElement {
  static override properties: PropertyDeclarations = {
    aggregations: { type: String },
    limit: { type: Number },
    sort: { type: String },
    order: { type: String },
    trend: { type: Boolean },
    noSearch: { type: Boolean, attribute: 'no-search' },
    data: { attribute: false },
  }
  static override styles: CSSResultGroup = [MetricElement.styles, tableStyles]

  /** Columns, comma-separated: `count,avg,p95`. Default: `aggregation` alone. */
  declare aggregations: string
  /** Keep this many groups, the largest by the first column. Default: all, up to 10,000. */
  declare limit: number | undefined
  /** Name of the column that is sorted by at first. Default: the first with numbers. */
  declare sort: string
  declare order: 'asc' | 'desc'
  /** A sparkline a row, of the first column. */
  declare trend: boolean
  /** No search field. */
  declare noSearch: boolean
  /** Rows of the page's own, in place of a metric: `{ columns: [{ name, kind, unit, values }], trends }`. */
  declare data: TableData | undefined

  readonly #answer = new PollController<TableData>(this, this.source, () => this.#request())
  readonly #rows = new LatePart(this, async () => {
    const { rowsStyles, TableRows } = await import('./table-rows.js')
    adoptStyles(this.shadowRoot!, rowsStyles)
    return new TableRows(this, (label, tags, value) => this.select(label, tags, value))
  })

  constructor() {
    super()
    new VisibilityController(this, (visible) => this.#answer.setPaused(!visible))
    this.interval = '5s'
    this.aggregations = ''
    this.sort = ''
    this.order = 'desc'
    this.trend = false
    this.noSearch = false
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#rows.settled
    return super.getUpdateComplete()
  }

  /** Nothing is streamed: rows are asked for. */
  protected override request(): undefined {
    return undefined
  }

  protected override get state(): WidgetState {
    const state = this.data ? ownState(this.data) : this.#answer.state
    return state.phase === 'ready' ? (this.#rows.state ?? state) : state
  }

  protected override retry(): void {
    void this.#rows.load()
    this.#answer.retry()
  }

  protected override subtitle(): string {
    if (this.data) return ''
    const by = this.groupBy ? messages.by(this.groupBy) : ''
    return [this.title ? this.metric : '', by, this.shownRange].filter(Boolean).join(' · ')
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    this.#rows.value?.take(this.data ?? this.#answer.result)
  }

  protected override render(): TemplateResult {
    const { state } = this
    const rows = state.phase === 'ready' ? this.#rows.value : undefined
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        <div class="titles">
          ${this.name ? html`<h3>${this.name}</h3>` : nothing}<span class="sub">${this.subtitle()}</span>
          ${state.phase === 'error' ? nothing : staleBadge(state.stale)}
        </div>
        ${rows && !this.noSearch ? rows.searchField() : nothing}
        <div class="tools">${rows ? this.menu() : nothing}</div>
      </div>
      ${rows ? rows.table(this.name) : this.stateView(state)}
    </div>`
  }

  protected override skeleton(): TemplateResult {
    return html`${Array.from({ length: 6 }, () => html`<div class="bone line"></div>`)}`
  }

  protected override stateView(state: WidgetState): TemplateResult {
    if (!this.data) return super.stateView(state)
    if (state.phase === 'error') return errorState(state, () => this.retry())
    return state.phase === 'empty' ? html`<p class="nothing">${messages.noValue}</p>` : this.waiting()
  }

  protected override exportTable(): ExportTable | undefined {
    return this.#rows.value?.exportTable(this.name)
  }

  #request(): Poll<TableData> | ClientError | undefined {
    const { metric, filters, range, interval, groupBy } = this
    if (this.data || !metric) return undefined
    const names = list(this.aggregations || this.aggregation)
    const own = {
      metric,
      aggregation: names[0] ?? 'avg',
      groupBy,
      filters,
      range,
      interval,
      step: '',
      limit: undefined,
      fill: '',
    }
    try {
      const aggregations = names.map((name) => ({ name, aggregation: parseAggregation(name) }))
      const parsed = parseStreamRequest(withGroup(own, this.shared.view))
      if (!parsed || parsed instanceof ClientError) return parsed
      const { range: shown, aggregation: _, ...selection } = parsed.query
      const span = this.shared.view?.span
      const question: TableQuestion = {
        selection: {
          ...selection,
          time_range: span ? { start: span.startMs, end: span.endMs } : { start: `now-${shown}`, end: 'now' },
          ...(this.limit ? { limit: this.limit } : {}),
        },
        aggregations,
        trendRange: this.trend ? (span ? `${span.endMs - span.startMs}ms` : shown!) : '',
        unit: this.unit,
      }
      return {
        key: JSON.stringify([question, interval]),
        intervalMs: intervalMs(parsed.interval),
        ask: (client) => askTable(queriesOf(client), question),
        isEmpty: (data) => rowsOf(data) === 0,
      }
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }
}

function ownState(data: TableData): WidgetState {
  return { phase: rowsOf(data) > 0 ? 'ready' : 'empty' }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-table': MetricTable
  }
}
