/** `<metric-card>`: one number over a range, how it compares with the range before, and a sparkline of its way there. */

import '../../i18n/en-values.js'
import type { Filters, MetricsQuery } from '@telltale/protocol/api'
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, svg, type TemplateResult } from 'lit'
import { sparkline } from '../../chart/sparkline.js'
import { type Trend, trendOf } from '../../chart/trend.js'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import { GroupController } from '../../controllers/group-controller.js'
import { LiveQueryController } from '../../controllers/live-query-controller.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { aggregateUnit, quantity } from '../../format/unit.js'
import { withGroup } from '../shared/group-attributes.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { duration, intervalMs, parseStreamRequest } from '../shared/query-attributes.js'
import { emptyState, errorState, staleBadge } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import { cardStyles } from './metric-card.styles.js'

interface MetricValue {
  value: number | null
  previous: number | null
  unit: string
}

/**
 * @csspart card - The surface. @csspart value - The number. @csspart trend - The comparison. @csspart sparkline - The curve.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 */
export class MetricCard extends WidgetElement {
  static override properties: PropertyDeclarations = {
    metric: { type: String },
    aggregation: { type: String },
    filters: {},
    range: { type: String },
    compareTo: { type: String, attribute: 'compare-to' },
    interval: { type: String },
    unit: { type: String },
    better: { type: String },
    group: { type: String },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, cardStyles]

  declare metric: string
  declare aggregation: string
  declare filters: Filters | string
  declare range: string
  /** How much earlier the value to compare with is from. Default: the range, so the one just before it. */
  declare compareTo: string
  declare interval: string
  declare unit: string | undefined
  /** Which direction is good news; without it a trend has no colour. */
  declare better: 'up' | 'down' | ''

  /** Tags of one group share range, filters and refresh. */
  declare group: string

  readonly #shared = new GroupController(this)
  readonly #value = new PollController<MetricValue>(this, this.source, () => this.#valueRequest())
  readonly #trail = new LiveQueryController(this, this.source, () => this.#streamRequest())
  readonly #visibility = new VisibilityController(this, (visible) => this.#value.setPaused(!visible))

  constructor() {
    super()
    this.metric = ''
    this.aggregation = 'avg'
    this.filters = ''
    this.range = '1h'
    this.compareTo = ''
    this.interval = '5s'
    this.better = ''
    this.group = ''
  }

  protected override render(): TemplateResult {
    const state = this.#value.state
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        <h3>${this.title || this.metric}</h3>
        <div class="tools">${state.phase === 'ready' ? this.menu() : nothing}</div>
      </div>
      ${state.phase === 'ready' ? this.#readyView(state) : this.#stateView(state)}
    </div>`
  }

  protected override exportTitle(): string {
    return this.title || this.metric
  }

  protected override exportTable(): ExportTable | undefined {
    const { result } = this.#value
    if (!result) return undefined
    const unit = this.unit ?? aggregateUnit(result.unit, this.aggregation)
    return {
      title: this.exportTitle(),
      columns: [
        { name: 'metric', kind: 'text', values: [this.metric] },
        { name: 'aggregation', kind: 'text', values: [this.aggregation] },
        { name: 'range', kind: 'text', values: [this.#range] },
        { name: 'value', kind: 'number', unit, values: [result.value] },
        { name: 'previous', kind: 'number', unit, values: [result.previous] },
      ],
    }
  }

  #readyView(state: WidgetState): TemplateResult {
    const { value, previous, unit } = this.#value.result!
    const shownUnit = this.unit ?? aggregateUnit(unit, this.aggregation)
    const { digits, unit: symbol } = quantity(value, shownUnit)
    return html`<p class="value ${state.stale ? 'old' : ''}" part="value">${digits}${symbol ? html`<span>${symbol}</span>` : nothing}</p>
      ${state.stale ? staleBadge(state.stale) : this.#trendView(trendOf(value, previous, shownUnit, this.better))}
      ${this.#sparkline()}`
  }

  #trendView(trend: Trend | undefined): TemplateResult {
    if (!trend) return html`<p class="trend" part="trend">${messages.noComparison}</p>`
    const { direction, text, verdict } = trend
    return html`<p class="trend" part="trend">
      <span class="delta ${verdict}">${icons[direction]}${direction === 'flat' ? messages.unchanged : text}</span>
      ${this.compareTo ? messages.sinceEarlier(this.compareTo) : messages.sinceBefore(this.#range)}
    </p>`
  }

  #sparkline(): TemplateResult | typeof nothing {
    const store = this.#trail.live?.store
    if (!store || store.length < 2 || !this.#visibility.visible) return nothing
    const { timesMs, columns } = store.view()
    const endMs = this.#trail.windowEndMs
    const shape = columns[0] && sparkline(timesMs, columns[0], endMs - parseDurationMs(this.#range), endMs)
    if (!shape) return nothing
    return html`<svg class="spark" part="sparkline" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      ${svg`<path class="area" d=${shape.area} /><path class="line" d=${shape.line} />`}
    </svg>`
  }

  #stateView(state: WidgetState): TemplateResult {
    if (!this.metric) return emptyState(messages.noMetric, '')
    if (state.phase === 'error') return errorState(state, () => this.#value.retry())
    if (state.phase === 'empty') return emptyState(messages.emptyTitle(this.#range), this.metric)
    return html`<div role="status" aria-label=${messages.loading}>
      <div class="bone number"></div>
      <div class="bone small"></div>
    </div>`
  }

  #streamRequest() {
    const { metric, aggregation, filters, range, interval } = this
    const own = { metric, aggregation, filters, range, interval, groupBy: '', step: 'auto', limit: undefined, fill: '' }
    try {
      return parseStreamRequest(withGroup(own, this.#shared.view))
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }

  get #range(): string {
    return this.#shared.view?.range ?? this.range
  }

  #valueRequest(): Poll<MetricValue> | ClientError | undefined {
    const request = this.#streamRequest()
    if (!request || request instanceof ClientError) return request
    const { range, step: _, ...selection } = request.query
    try {
      const query: MetricsQuery = {
        ...selection,
        time_range: { start: `now-${range}`, end: 'now' },
        compare_to: this.compareTo ? duration('compare-to', this.compareTo) : range!,
      }
      return {
        key: JSON.stringify([query, this.interval]),
        intervalMs: intervalMs(this.interval),
        ask: async (client) => {
          const { data, compare, meta } = await queriesOf(client).metrics(query)
          return { value: data[0]?.value ?? null, previous: compare?.[0]?.value ?? null, unit: meta.unit }
        },
        isEmpty: ({ value }) => value === null,
      }
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-card': MetricCard
  }
}
