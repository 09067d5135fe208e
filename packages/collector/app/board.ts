/**
 * The board: shows each widget once its metric exists, and makes a chart for every metric that the page does not know. So a
 * new project sees what it sends, and nothing that it does not.
 */
import { listMetrics, type Metric } from './catalogue.js'

const pollMs = 5000
/** More than that is a catalogue, not an overview. */
const maxExtraCharts = 12
/** With fewer charts than this the rest is opened: there is room. */
const fewCharts = 4

/** Tags of every series of a service, and those with too many values for a legend. */
const poorGroups = new Set(['service', 'environment', 'org.id', 'user.id', 'error.type'])

export interface BoardOptions {
  board: HTMLElement
  more: HTMLDetailsElement
  getToken(): Promise<string>
  /** Gives a widget the range that is chosen. */
  setRange(widget: Element): void
  /** The key was good before, and is not any more. */
  refused(): void
}

/** Follows the catalogue for as long as the page is there, or until the key is refused. */
export function followCatalogue({ board, more, getToken, setRange, refused }: BoardOptions): void {
  const waiting = new Set(board.querySelectorAll<HTMLElement>('[data-metric]'))
  const known = new Set([...waiting].map(({ dataset }) => dataset.metric))
  const extra = new Map<string, Element>()

  const showAll = (metrics: readonly Metric[]) => {
    const names = new Set(metrics.map(({ name }) => name))
    for (const widget of waiting) {
      const { metric } = widget.dataset
      if (!metric || !names.has(metric)) continue
      waiting.delete(widget)
      // The task table asks for runs, not for a metric: for it the name only says when there are some.
      if (widget.localName !== 'task-table') widget.setAttribute('metric', metric)
      widget.hidden = false
    }
    for (const metric of metrics) {
      if (known.has(metric.name) || extra.has(metric.name) || extra.size >= maxExtraCharts) continue
      const chart = chartOf(metric)
      setRange(chart)
      extra.set(metric.name, chart)
      more.querySelector('.charts')?.append(chart)
    }
    const wasHidden = more.hidden
    more.hidden = extra.size === 0
    if (wasHidden && !more.hidden) more.open = board.querySelectorAll('.charts > :not([hidden])').length < fewCharts
  }

  const poll = async () => {
    const metrics = await getToken()
      .then(listMetrics)
      .catch(() => [])
    if (metrics === 'refused') return refused()
    showAll(metrics)
    setTimeout(poll, pollMs)
  }
  void poll()
}

/** What each kind of metric is mostly asked for. */
const aggregations = { counter: 'rate', upDownCounter: 'sum', gauge: 'avg', histogram: 'p95' } as const

function chartOf({ name, kind, attributes }: Metric): Element {
  const chart = document.createElement('metric-chart')
  chart.setAttribute('title', name)
  chart.setAttribute('metric', name)
  chart.setAttribute('aggregation', aggregations[kind])
  const group = attributes.find((attribute) => !poorGroups.has(attribute))
  if (group) chart.setAttribute('group-by', group)
  chart.setAttribute('limit', '8')
  if (kind === 'counter') chart.setAttribute('fill', 'zero')
  return chart
}
