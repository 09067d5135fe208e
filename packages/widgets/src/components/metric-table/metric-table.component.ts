/** `<metric-table>`: a group a row, an aggregation a column, sorted and searched; only the rows on the screen are in the page. */

import '../../i18n/en-values.js'
import type { Tags } from '@telltale/protocol/api'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { currentLocale } from '../../i18n/locale.js'
import { cellText } from '../shared/data-table.js'
import { withGroup } from '../shared/group-attributes.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { MetricElement } from '../shared/metric-element.js'
import { intervalMs, list, parseAggregation, parseStreamRequest } from '../shared/query-attributes.js'
import { staleBadge } from '../shared/states.js'
import { lengthBar, trendCell } from './cells.js'
import { askTable, type TableQuestion } from './metric-rows.js'
import { tableStyles } from './metric-table.styles.js'
import { rowsOf, type TableData, type TableSort, TableView, visibleRows } from './table-view.js'

const rowHeightPx = 34

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
  #view: TableView | undefined
  #sort: TableSort | undefined
  #search = ''
  #from = 0
  #height = 0
  /** Position of the row that keys are on. */
  #active = 0
  #mustFocus = false
  #resize: ResizeObserver | undefined

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

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize?.disconnect()
    this.#resize = undefined
  }

  /** Nothing is streamed: rows are asked for. */
  protected override request(): undefined {
    return undefined
  }

  protected override get state(): WidgetState {
    if (!this.data) return this.#answer.state
    return { phase: rowsOf(this.data) > 0 ? 'ready' : 'empty' }
  }

  protected override retry(): void {
    this.#answer.retry()
  }

  protected override subtitle(): string {
    if (this.data) return ''
    const by = this.groupBy ? messages.by(this.groupBy) : ''
    return [this.title ? this.metric : '', by, this.shownRange].filter(Boolean).join(' · ')
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    const data = this.data ?? this.#answer.result
    if (data !== this.#view?.data) this.#view = data && new TableView(data)
    if (changed.has('sort') || changed.has('order') || changed.has('aggregations')) this.#sort = undefined
    if (!this.#view) return
    this.#sort ??= this.#firstSort(this.#view.data)
    this.#view.show(this.#search, this.#sort, currentLocale())
    this.#active = Math.min(this.#active, Math.max(0, this.#view.order.length - 1))
  }

  protected override updated(): void {
    const scroller = this.#scroller
    if (!scroller) {
      this.#resize?.disconnect()
      this.#resize = undefined
      return
    }
    if (!this.#resize) {
      this.#resize = new ResizeObserver(() => this.#measure())
      this.#resize.observe(scroller)
    }
    for (const spacer of scroller.querySelectorAll<HTMLElement>('.spacer')) {
      spacer.style.blockSize = `${Number(spacer.dataset.rows) * rowHeightPx}px`
    }
    if (this.#mustFocus) {
      this.#mustFocus = false
      scroller.querySelector<HTMLElement>('.name[tabindex="0"]')?.focus({ preventScroll: true })
    }
  }

  protected override render(): TemplateResult {
    const { state } = this
    const isReady = state.phase === 'ready' && this.#view !== undefined
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        <div class="titles">
          ${this.name ? html`<h3>${this.name}</h3>` : nothing}<span class="sub">${this.subtitle()}</span>
          ${state.phase === 'error' ? nothing : staleBadge(state.stale)}
        </div>
        ${isReady && !this.noSearch ? this.#searchField() : nothing}
        <div class="tools">${isReady ? this.menu() : nothing}</div>
      </div>
      ${isReady ? this.#table(this.#view!) : this.stateView(state)}
    </div>`
  }

  protected override skeleton(): TemplateResult {
    return html`${Array.from({ length: 6 }, () => html`<div class="bone line"></div>`)}`
  }

  protected override stateView(state: WidgetState): TemplateResult {
    return this.data ? html`<p class="nothing">${messages.noValue}</p>` : super.stateView(state)
  }

  protected override exportTable(): ExportTable | undefined {
    const view = this.#view
    if (!view || rowsOf(view.data) === 0) return undefined
    const columns = view.data.columns.map((column) => ({
      ...column,
      values: Array.from(view.order, (row) => column.values[row]),
    }))
    return { title: this.name, columns }
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.scroll')
  }

  #searchField(): TemplateResult {
    return html`<label class="search" data-no-picture>
      ${icons.search}
      <input type="search" aria-label=${messages.search} placeholder=${messages.search} .value=${this.#search} @input=${this.#searched} />
    </label>`
  }

  #table(view: TableView): TemplateResult {
    const { data, order } = view
    const shown = visibleRows(this.#from, this.#height, rowHeightPx, order.length)
    const rows = order.subarray(shown.from, shown.to)
    const total = rowsOf(data)
    const hasTrends = data.trends !== undefined
    const columnCount = data.columns.length + (hasTrends ? 1 : 0)
    const longest = this.#longest(view)
    const spacer = (count: number) =>
      html`<tr class="spacer" data-rows=${count} aria-hidden="true"><td colspan=${columnCount}></td></tr>`
    return html`<div class="scroll" role="region" aria-label=${this.name || messages.showTable} tabindex="0" @scroll=${this.#scrolled}>
        <table part="table" aria-rowcount=${order.length + 1}>
          <thead>
            <tr aria-rowindex="1">
              ${data.columns.map((column, i) => this.#head(column.name, column.kind, i))}
              ${hasTrends ? html`<th scope="col" class="trend">${messages.trend}</th>` : nothing}
            </tr>
          </thead>
          <tbody @keydown=${this.#key}>
            ${spacer(shown.from)}
            ${repeat(
              rows,
              (row) => row,
              (row, i) => this.#row(view, row, shown.from + i, longest),
            )}
            ${spacer(order.length - shown.to)}
          </tbody>
        </table>
        ${order.length === 0 ? html`<p class="nothing">${messages.noRowMatches(this.#search)}</p>` : nothing}
      </div>
      <p class="footer" aria-live="polite">${
        order.length === total
          ? messages.rows(formatNumber(total))
          : messages.matches(formatNumber(order.length), formatNumber(total))
      }</p>`
  }

  #head(name: string, kind: string, column: number): TemplateResult {
    const isSorted = this.#sort?.column === column
    const order = this.#sort?.order === 'asc' ? 'ascending' : 'descending'
    return html`<th scope="col" class=${kind} aria-sort=${isSorted ? order : nothing}>
      <button @click=${() => this.#sortBy(column, kind)}>${name}${isSorted && this.#sort?.order === 'asc' ? icons.up : icons.down}</button>
    </th>`
  }

  #row({ data }: TableView, row: number, position: number, longest: number): TemplateResult {
    return html`<tr aria-rowindex=${position + 2} class=${position === this.#active ? 'active' : ''} @click=${() => this.#choose(position)}>
      ${data.columns.map((column, i) => {
        const text = cellText(column, row)
        if (i === 0) {
          return html`<td class=${column.kind}><button class="name" tabindex=${position === this.#active ? 0 : -1}>${text || messages.none}</button></td>`
        }
        const isMeasured = i === this.#sort?.column && column.kind === 'number' && longest > 0
        return html`<td class=${column.kind} title=${column.kind === 'text' ? text : nothing}>
          ${isMeasured ? html`<span class="length">${lengthBar(Number(column.values[row] ?? 0) / longest)}<span>${text}</span></span>` : text}
        </td>`
      })}
      ${data.trends ? html`<td class="trend">${trendCell(data.trends[row])}</td>` : nothing}
    </tr>`
  }

  /** What the bars of the sorted column are measured by; 0 where it has negative numbers or none. */
  #longest({ data, order }: TableView): number {
    const column = this.#sort && data.columns[this.#sort.column]
    if (column?.kind !== 'number' || order.length === 0) return 0
    const first = Number(column.values[order[0]])
    let last = first
    for (let i = order.length - 1; i >= 0; i--) {
      last = Number(column.values[order[i]] ?? Number.NaN)
      if (!Number.isNaN(last)) break
    }
    return first < 0 || last < 0 ? 0 : Math.max(first, last)
  }

  #firstSort({ columns }: TableData): TableSort | undefined {
    const named = columns.findIndex(({ name }) => name === this.sort)
    const column = named >= 0 ? named : columns.findIndex(({ kind }) => kind === 'number')
    return column >= 0 ? { column, order: this.order === 'asc' ? 'asc' : 'desc' } : undefined
  }

  #sortBy(column: number, kind: string): void {
    const isAgain = this.#sort?.column === column
    const first = kind === 'text' ? 'asc' : 'desc'
    const turned = this.#sort?.order === 'asc' ? 'desc' : 'asc'
    this.#sort = { column, order: isAgain ? turned : first }
    this.#toTop()
  }

  readonly #searched = (event: Event): void => {
    this.#search = (event.target as HTMLInputElement).value
    this.#toTop()
  }

  #toTop(): void {
    this.#active = 0
    this.#from = 0
    const scroller = this.#scroller
    if (scroller) scroller.scrollTop = 0
    this.requestUpdate()
  }

  readonly #scrolled = (): void => {
    const { scrollTop } = this.#scroller!
    if (Math.abs(scrollTop - this.#from) < rowHeightPx) return
    this.#from = scrollTop
    this.requestUpdate()
  }

  #measure(): void {
    const height = this.#scroller?.clientHeight ?? 0
    if (Math.abs(height - this.#height) < 1) return
    this.#height = height
    this.requestUpdate()
  }

  #choose(position: number): void {
    const view = this.#view!
    this.#active = position
    this.requestUpdate()
    const row = view.order[position]
    const { columns } = view.data
    const texts = columns.filter(({ kind }) => kind === 'text')
    const tags: Tags = Object.fromEntries(
      texts.map(({ name, values }) => [name, (values[row] as string | null) ?? null]),
    )
    const measured = columns[this.#sort?.column ?? -1]
    const value = measured?.kind === 'number' ? Number(measured.values[row]) : Number.NaN
    this.select(texts.map(({ values }) => values[row] ?? messages.none).join(' · '), tags, value)
  }

  readonly #key = (event: KeyboardEvent): void => {
    // Its observer speaks a frame late, and where the last row stands depends on the height.
    this.#measure()
    const count = this.#view!.order.length
    const page = Math.max(1, Math.floor(this.#height / rowHeightPx) - 2)
    const at = this.#active
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: count - 1, PageDown: at + page, PageUp: at - page }[
      event.key
    ]
    if (to === undefined) return
    event.preventDefault()
    this.#active = Math.max(0, Math.min(count - 1, to))
    this.#mustFocus = true
    const scroller = this.#scroller!
    const top = this.#active * rowHeightPx
    // The head is sticky and takes a row's height of what is seen.
    if (top < scroller.scrollTop) scroller.scrollTop = top
    else if (top + 2 * rowHeightPx > scroller.scrollTop + this.#height) {
      scroller.scrollTop = top + 2 * rowHeightPx - this.#height
    }
    this.#from = scroller.scrollTop
    this.requestUpdate()
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

declare global {
  interface HTMLElementTagNameMap {
    'metric-table': MetricTable
  }
}
