/** What a metric table shows and does: rows in their order, the search, and the keys. Loaded with the first such table. */
import type { Tags } from '@telltale/protocol/api'
import { html, nothing, type ReactiveController, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ExportTable } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { currentLocale } from '../../i18n/locale.js'
import { cellText } from '../shared/data-table.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { lengthBar, trendCell } from './cells.js'
import type { MetricTable } from './metric-table.component.js'
import { rowsOf, type TableData } from './table-data.js'
import { type TableSort, TableView, visibleRows } from './table-view.js'

export { rowsStyles } from './rows.styles.js'

const rowHeightPx = 34

export class TableRows implements ReactiveController {
  readonly #host: MetricTable
  readonly #select: (label: string, tags: Tags, value: number) => void
  #view: TableView | undefined
  /** What the tag says of its columns and their order: what a reader has sorted by holds until that changes. */
  #said = ''
  #sort: TableSort | undefined
  #search = ''
  #from = 0
  #height = 0
  /** Position of the row that keys are on. */
  #active = 0
  #mustFocus = false
  #resize: ResizeObserver | undefined

  constructor(host: MetricTable, select: (label: string, tags: Tags, value: number) => void) {
    this.#host = host
    this.#select = select
    host.addController(this)
  }

  /** Before the tag is rendered; `data` are the same until others come. */
  take(data: TableData | undefined): void {
    if (data !== this.#view?.data) this.#view = data && new TableView(data)
    const { sort, order, aggregations } = this.#host
    const said = JSON.stringify([sort, order, aggregations])
    if (said !== this.#said) this.#sort = undefined
    this.#said = said
    if (!this.#view) return
    this.#sort ??= this.#firstSort(this.#view.data)
    this.#view.show(this.#search, this.#sort, currentLocale())
    this.#active = Math.min(this.#active, Math.max(0, this.#view.order.length - 1))
  }

  hostDisconnected(): void {
    this.#resize?.disconnect()
    this.#resize = undefined
  }

  hostUpdated(): void {
    const scroller = this.#scroller
    if (!scroller) {
      this.hostDisconnected()
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

  searchField(): TemplateResult {
    return html`<label class="search" data-no-picture>
      ${icons.search}
      <input type="search" aria-label=${messages.search} placeholder=${messages.search} .value=${this.#search} @input=${this.#searched} />
    </label>`
  }

  table(name: string): TemplateResult {
    const view = this.#view!
    const { data, order } = view
    const shown = visibleRows(this.#from, this.#height, rowHeightPx, order.length)
    const rows = order.subarray(shown.from, shown.to)
    const total = rowsOf(data)
    const hasTrends = data.trends !== undefined
    const columnCount = data.columns.length + (hasTrends ? 1 : 0)
    const longest = this.#longest(view)
    const spacer = (count: number) =>
      html`<tr class="spacer" data-rows=${count} aria-hidden="true"><td colspan=${columnCount}></td></tr>`
    return html`<div class="scroll" role="region" aria-label=${name || messages.showTable} tabindex="0" @scroll=${this.#scrolled}>
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

  exportTable(title: string): ExportTable | undefined {
    const view = this.#view
    if (!view || rowsOf(view.data) === 0) return undefined
    const columns = view.data.columns.map((column) => ({
      ...column,
      values: Array.from(view.order, (row) => column.values[row]),
    }))
    return { title, columns }
  }

  get #scroller(): HTMLElement | null {
    return this.#host.renderRoot.querySelector<HTMLElement>('.scroll')
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
    const named = columns.findIndex(({ name }) => name === this.#host.sort)
    const column = named >= 0 ? named : columns.findIndex(({ kind }) => kind === 'number')
    return column >= 0 ? { column, order: this.#host.order === 'asc' ? 'asc' : 'desc' } : undefined
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
    this.#host.requestUpdate()
  }

  readonly #scrolled = (): void => {
    const { scrollTop } = this.#scroller!
    if (Math.abs(scrollTop - this.#from) < rowHeightPx) return
    this.#from = scrollTop
    this.#host.requestUpdate()
  }

  #measure(): void {
    const height = this.#scroller?.clientHeight ?? 0
    if (Math.abs(height - this.#height) < 1) return
    this.#height = height
    this.#host.requestUpdate()
  }

  #choose(position: number): void {
    const view = this.#view!
    this.#active = position
    this.#host.requestUpdate()
    const row = view.order[position]
    const { columns } = view.data
    const texts = columns.filter(({ kind }) => kind === 'text')
    const tags: Tags = Object.fromEntries(
      texts.map(({ name, values }) => [name, (values[row] as string | null) ?? null]),
    )
    const measured = columns[this.#sort?.column ?? -1]
    const value = measured?.kind === 'number' ? Number(measured.values[row]) : Number.NaN
    this.#select(texts.map(({ values }) => values[row] ?? messages.none).join(' · '), tags, value)
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
    this.#host.requestUpdate()
  }
}
