/** The kinds of widgets: the tag of each, its sizes on the grid, and what a new one asks for. */
import type { DashboardWidget, MetricKind, WidgetConfig } from '@telltale/protocol/api'

export type WidgetKindName = DashboardWidget['type']

/** What can be set about a widget; the panel shows a control for each. */
export type WidgetField =
  | 'metric'
  | 'aggregation'
  | 'group_by'
  | 'filters'
  | 'chartType'
  | 'unit'
  | 'thresholds'
  | 'limit'
  | 'range'
  | 'step'
  | 'compare_to'
  | 'link'
  | 'text'

export interface WidgetKind {
  tag: string
  /** Of a new one, and the least, in cells of 12 columns. */
  w: number
  h: number
  minW: number
  minH: number
  fields: readonly WidgetField[]
  /** Alone in its row it takes no more than its least height. */
  isLowAlone?: boolean
  defaults: WidgetConfig
}

const series = ['metric', 'aggregation', 'group_by', 'filters', 'unit', 'range', 'link'] as const

export const widgetKinds: Readonly<Record<string, WidgetKind>> = {
  chart: {
    tag: 'metric-chart',
    ...{ w: 6, h: 5, minW: 3, minH: 3 },
    fields: [
      'metric',
      'chartType',
      'aggregation',
      'group_by',
      'filters',
      'unit',
      'thresholds',
      'step',
      'compare_to',
      'range',
      'link',
    ],
    defaults: { chartType: 'line', aggregation: 'avg' },
  },
  card: {
    tag: 'metric-card',
    ...{ w: 3, h: 3, minW: 2, minH: 2, isLowAlone: true },
    fields: ['metric', 'aggregation', 'filters', 'unit', 'compare_to', 'range', 'link'],
    defaults: { aggregation: 'avg' },
  },
  bar: {
    tag: 'metric-bar',
    ...{ w: 4, h: 5, minW: 3, minH: 3 },
    fields: [...series, 'limit'],
    defaults: { aggregation: 'sum', limit: 10 },
  },
  pie: {
    tag: 'metric-pie',
    ...{ w: 4, h: 5, minW: 2, minH: 3 },
    fields: [...series, 'limit'],
    defaults: { aggregation: 'sum', limit: 6 },
  },
  gauge: {
    tag: 'metric-gauge',
    ...{ w: 3, h: 4, minW: 2, minH: 3 },
    fields: ['metric', 'aggregation', 'filters', 'unit', 'thresholds', 'range', 'link'],
    defaults: { aggregation: 'last' },
  },
  heatmap: {
    tag: 'metric-heatmap',
    ...{ w: 6, h: 5, minW: 4, minH: 3 },
    fields: ['metric', 'filters', 'unit', 'range', 'link'],
    defaults: {},
  },
  table: {
    tag: 'metric-table',
    ...{ w: 6, h: 6, minW: 3, minH: 3 },
    fields: [...series, 'limit'],
    defaults: { aggregation: 'avg' },
  },
  tasks: {
    tag: 'task-table',
    ...{ w: 8, h: 7, minW: 4, minH: 4 },
    fields: ['filters', 'range'],
    defaults: {},
  },
  text: {
    tag: 'board-text',
    ...{ w: 4, h: 2, minW: 1, minH: 1 },
    fields: ['text'],
    defaults: { text: '' },
  },
}

/** Stored boards may use other names for the same, and types that this version does not draw. */
const aliases: Readonly<Record<string, string>> = { metric: 'card' }

const unknownKind: WidgetKind = {
  tag: '',
  ...{ w: 4, h: 4, minW: 1, minH: 1 },
  fields: [],
  defaults: {},
}

export function kindOf(type: string): WidgetKind {
  const name = aliases[type] ?? type
  return Object.hasOwn(widgetKinds, name) ? widgetKinds[name]! : unknownKind
}

/** What a new widget of a metric begins with, by the metric's kind. */
export function defaultAggregation(kind: MetricKind): WidgetConfig['aggregation'] {
  return ({ counter: 'rate', upDownCounter: 'last', gauge: 'avg', histogram: 'p95' } as const)[kind]
}
