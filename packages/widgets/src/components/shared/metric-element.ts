/** What the tags of one value a group share: bars, pies, gauges. A query over the whole range, live; its states; its table. */
import '../../i18n/en-values.js'
import type { Filters } from '@telltale/protocol/api'
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { type GroupValue, groupValues } from '../../chart/categories.js'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import type { Span } from '../../client/group.js'
import { GroupController } from '../../controllers/group-controller.js'
import { LiveQueryController, type LiveRequest } from '../../controllers/live-query-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { aggregateUnit } from '../../format/unit.js'
import type { SelectDetail } from '../metric-chart/interaction.js'
import { dataTable } from './data-table.js'
import { dataTableStyles } from './data-table.styles.js'
import { withGroup } from './group-attributes.js'
import type { MenuItem } from './menu.js'
import { messages } from './messages.js'
import { parseStreamRequest } from './query-attributes.js'
import { queryProperties } from './query-properties.js'
import { sampleCode } from './sample-code.js'
import { emptyState, errorState, staleBadge } from './states.js'
import { WidgetElement } from './widget-element.js'

export class MetricElement extends WidgetElement {
  static override properties: PropertyDeclarations = queryProperties
  static override styles: CSSResultGroup = [WidgetElement.styles, dataTableStyles]

  /** Name of the metric. */
  declare metric: string
  /** `avg sum count min max last rate increase p50 … p999`, or any percentile. */
  declare aggregation: string
  /** Tags to split by, comma-separated. */
  declare groupBy: string
  /** `task.type=email,status=ok`, or JSON. */
  declare filters: Filters | string
  /** What the values are taken over, such as `15m`. */
  declare range: string
  /** How often they are sent: `live`, `1s`, `5s`, `30s`, `1m`. */
  declare interval: string
  /** In place of the metric's own. */
  declare unit: string | undefined
  /** Tags of one group share range, filters and refresh. */
  declare group: string

  protected readonly shared = new GroupController(this)
  protected readonly query = new LiveQueryController(this, this.source, () => this.request())
  protected showsTable = false
  /** What the live region says. */
  protected spoken = ''

  constructor() {
    super()
    this.metric = ''
    this.aggregation = 'avg'
    this.groupBy = ''
    this.filters = ''
    this.range = '1h'
    this.interval = '5s'
    this.group = ''
  }

  /** What is asked: one value a group over the whole range. */
  protected request(): LiveRequest | ClientError | undefined {
    const { metric, aggregation, groupBy, filters, range, interval } = this
    const own = { metric, aggregation, groupBy, filters, range, interval, step: '', limit: undefined, fill: '' }
    try {
      return parseStreamRequest(withGroup(own, this.shared.view))
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }

  protected get state(): WidgetState {
    return this.query.state
  }

  protected retry(): void {
    this.query.retry()
  }

  protected get shownRange(): string {
    return this.shared.view?.range ?? this.range
  }

  protected get shownUnit(): string {
    return this.unit ?? aggregateUnit(this.query.live?.store.meta?.unit ?? '', this.aggregation)
  }

  protected get name(): string {
    return this.title || this.metric
  }

  protected override exportTitle(): string {
    return this.name
  }

  protected values(): GroupValue[] {
    const store = this.query.live?.store
    return store?.meta ? groupValues(store.groups, store.view().columns, messages.none) : []
  }

  protected subtitle(): string {
    const by = this.groupBy ? ` ${messages.by(this.groupBy)}` : ''
    return [this.title ? this.metric : '', `${this.aggregation}${by}`, this.shownRange].filter(Boolean).join(' · ')
  }

  /** Card, header, and either the body, its table, or the state that keeps it away. */
  protected override render(): TemplateResult {
    const { state } = this
    const isReady = state.phase === 'ready'
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        <div class="titles">
          ${this.name ? html`<h3>${this.name}</h3>` : nothing}<span class="sub">${this.subtitle()}</span>
          ${state.phase === 'error' ? nothing : staleBadge(state.stale)}
        </div>
        <div class="tools">${isReady ? this.menu([this.tableItem()]) : nothing}</div>
      </div>
      ${isReady ? (this.showsTable ? this.tableView() : this.body(state)) : this.stateView(state)}
      <p class="hidden" aria-live="polite">${this.spoken}</p>
    </div>`
  }

  protected override exportTable(): ExportTable | undefined {
    return undefined
  }

  /** The drawing. */
  protected body(_state: WidgetState): TemplateResult {
    return html``
  }

  /** Bones in the shape of what is to come. */
  protected skeleton(): TemplateResult {
    return html`<div class="bone waiting"></div>`
  }

  protected stateView(state: WidgetState): TemplateResult {
    if (!this.metric) return emptyState(messages.noMetric, '')
    if (state.phase === 'error') return errorState(state, () => this.retry())
    if (state.phase === 'empty') {
      return emptyState(
        messages.emptyTitle(this.shownRange),
        messages.emptyMetric(this.metric),
        sampleCode(this.metric, this.aggregation),
      )
    }
    return this.waiting()
  }

  protected waiting(): TemplateResult {
    return html`<div class="skeleton" role="status" aria-label=${messages.loading}>${this.skeleton()}</div>`
  }

  protected tableView(): TemplateResult | typeof nothing {
    const table = this.exportTable()
    return table ? dataTable(table) : nothing
  }

  protected tableItem(): MenuItem {
    return {
      label: this.showsTable ? messages.showChart : messages.showTable,
      icon: this.showsTable ? 'chart' : 'table',
      run: () => {
        this.showsTable = !this.showsTable
        this.requestUpdate()
      },
    }
  }

  /** Tells the page which value was chosen, and over which time: of a bucket, or the whole range. */
  protected select(label: string, tags: SelectDetail['series']['tags'], value: number, bucket?: Span): void {
    const endMs = this.query.windowEndMs
    const iso = (ms: number) => new Date(ms).toISOString()
    const window = { start: iso(endMs - parseDurationMs(this.shownRange)), end: iso(endMs) }
    const detail: SelectDetail = {
      point: { timestamp: bucket ? iso(bucket.startMs) : window.start, value },
      series: { label, tags, metric: this.metric, aggregation: this.aggregation },
      range: bucket ? { start: iso(bucket.startMs), end: iso(bucket.endMs) } : window,
      window,
    }
    this.dispatchEvent(new CustomEvent('metric-select', { detail, bubbles: true, composed: true }))
  }
}
