/** The tag that shows a choice, as an element of the page. */
import { html, type TemplateResult } from 'lit'
import type { Choice } from './choice.js'

export function preview({ metric, aggregation, groupBy, filters, range, view }: Choice): TemplateResult {
  const by = groupBy.join(',')
  switch (view) {
    case 'ranking':
      return html`<metric-bar metric=${metric} aggregation=${aggregation} group-by=${by} .filters=${filters} range=${range}></metric-bar>`
    case 'pie':
      return html`<metric-pie metric=${metric} aggregation=${aggregation} group-by=${by} .filters=${filters} range=${range}></metric-pie>`
    case 'heatmap':
      return html`<metric-heatmap metric=${metric} aggregation=${aggregation} group-by=${by} .filters=${filters} range=${range}></metric-heatmap>`
    case 'table':
      return html`<metric-table metric=${metric} aggregations=${aggregation} group-by=${by} .filters=${filters} range=${range} trend></metric-table>`
    case 'gauge':
      return html`<metric-gauge metric=${metric} aggregation=${aggregation} .filters=${filters} range=${range}></metric-gauge>`
    case 'card':
      return html`<metric-card metric=${metric} aggregation=${aggregation} .filters=${filters} range=${range}></metric-card>`
    default:
      return html`<metric-chart metric=${metric} aggregation=${aggregation} group-by=${by} .filters=${filters} range=${range} type=${view}></metric-chart>`
  }
}
