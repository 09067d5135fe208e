/** How templates are written: a widget a line. */
import type { DashboardTemplate } from '@telltale/protocol/api'

export type Widget = Record<string, unknown>
type Cells = readonly [x: number, y: number, w: number, h: number]

/** A widget of one metric. */
export function widget(
  type: string,
  [x, y, w, h]: Cells,
  title: string,
  metric: string,
  aggregation?: string,
  config: Widget = {},
): Widget {
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return {
    id,
    type,
    position: { x, y, w, h },
    config: { title, ...(metric ? { metric } : {}), ...(aggregation ? { aggregation } : {}), ...config },
  }
}

export const by = (...tags: string[]): Widget => ({ group_by: tags })

interface TemplateInput {
  id: string
  name: string
  description: string
  tags: string[]
  needs: DashboardTemplate['needs']
  filters?: { tag: string; label: string }[]
  widgets: Widget[]
}

export function template({
  id,
  name,
  description,
  tags,
  needs,
  filters = [],
  widgets,
}: TemplateInput): DashboardTemplate {
  const dashboard = {
    ...{ name, description, tags, filters, widgets },
    time_range: { start: 'now-1h', end: 'now' },
    refreshInterval: '5s',
  }
  return { id, name, description, needs, dashboard }
}
