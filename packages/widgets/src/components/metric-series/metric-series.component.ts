/** `<metric-series>`: one more query in a `<metric-chart>`, on the axis and in the shape that it names. Shows nothing itself. */
import type { Filters } from '@telltale/protocol/api'
import { LitElement, type PropertyDeclarations } from 'lit'
import type { Axis, ChartType } from '../../chart/model.js'
import { questionProperties } from '../shared/query-properties.js'

/** Told to the chart around it when it changes. */
export const seriesEvent = 'telltale-series'

/**
 * @attr metric - Name of the metric. Default: that of the chart.
 * @attr aggregation - `avg`, `p95`, … Default: `avg`.
 * @attr group-by - Tags to split by, comma-separated.
 * @attr filters - `key=value,key=value` or JSON.
 * @attr label - What it is called in the legend. Default: its metric or aggregation.
 * @attr unit - The unit of its values. Default: that of the metric.
 * @attr axis - `left` or `right`. Default: `left`.
 * @attr type - `line`, `area`, `bar`, `stacked` or `scatter`. Default: that of the chart.
 */
export class MetricSeries extends LitElement {
  static override properties: PropertyDeclarations = {
    ...questionProperties,
    label: { type: String },
    axis: { type: String },
    type: { type: String },
  }

  declare metric: string
  declare aggregation: string
  declare groupBy: string
  declare filters: Filters | string
  declare label: string
  declare unit: string | undefined
  declare axis: Axis
  declare type: ChartType | ''

  constructor() {
    super()
    this.metric = ''
    this.aggregation = 'avg'
    this.groupBy = ''
    this.filters = ''
    this.label = ''
    this.axis = 'left'
    this.type = ''
  }

  /** What its chart asks for it. */
  get attributesRead() {
    const { aggregation, groupBy, filters, label, unit } = this
    const axis: Axis = this.axis === 'right' ? 'right' : 'left'
    return { aggregation, groupBy, filters, label, unit, axis }
  }

  /** It is read by its chart, and has nothing of its own to show. */
  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override updated(): void {
    this.dispatchEvent(new Event(seriesEvent, { bubbles: true }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-series': MetricSeries
  }
}
