/** What pointers and keys mean on a chart: which bucket a key goes to, which series a click means, and what events carry. */
import type { Tags } from '@telltale/protocol/api'
import type { ChartData, ChartSeries } from '../../chart/model.js'
import { valueAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'

export interface TimeSpan {
  start: string
  end: string
}

/** `detail` of `metric-select`; all times are ISO 8601. */
export interface SelectDetail {
  point: { timestamp: string; value: number }
  series: { label: string; tags: Tags; metric: string; aggregation: string }
  /** The bucket that the point stands for. */
  range: TimeSpan
  /** What the chart showed. */
  window: TimeSpan
}

/** `detail` of `metric-zoom`; both null after a reset. */
export type ZoomDetail = TimeSpan | { start: null; end: null }

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }

/** The bucket that a key moves to, within the window; null for keys that move nothing. */
export function moveIndex(
  key: string,
  data: ChartData,
  window: { startMs: number; endMs: number },
  current: number | null,
): number | null {
  const isIn = (timeMs: number) => timeMs >= window.startMs && timeMs <= window.endMs
  const first = data.timesMs.findIndex(isIn)
  if (first < 0) return null
  let last = data.timesMs.length - 1
  while (last > first && !isIn(data.timesMs[last])) last--
  if (key === 'Home') return first
  if (key === 'End') return last
  if (!Object.hasOwn(steps, key)) return null
  if (current === null) return last
  return Math.min(last, Math.max(first, current + steps[key]))
}

/** The shown series whose line is nearest to the cursor. */
export function nearestSeries(
  data: ChartData,
  hidden: ReadonlySet<string>,
  cursor: PlotCursor,
  topOf: (value: number) => number,
): { series: ChartSeries; value: number } | undefined {
  let found: { series: ChartSeries; value: number } | undefined
  let nearestPx = Number.POSITIVE_INFINITY
  data.series.forEach((series, i) => {
    const value = valueAt(data, i, cursor.index)
    if (hidden.has(series.key) || value === undefined) return
    const base = data.bases[i]?.[cursor.index]
    const drawn = base === undefined ? value : base + value
    // In a stack a click means the layer that it hits, whose edges are the value and its base.
    const top = topOf(drawn)
    const isInside = base !== undefined && cursor.top >= top && cursor.top <= topOf(base)
    const distancePx = isInside ? 0 : Math.abs(top - cursor.top)
    if (distancePx >= nearestPx) return
    nearestPx = distancePx
    found = { series, value }
  })
  return found
}
