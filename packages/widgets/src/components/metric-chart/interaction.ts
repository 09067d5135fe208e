/** What clicks mean on a chart: which series is meant, and what events carry. */
import type { Tags } from '@telltale/protocol/api'
import { type ChartData, isHidden, type PlotSeries } from '../../chart/model.js'
import { indexAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'
import type { Span } from '../../client/group.js'

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

/** The shown series whose line is nearest to the cursor. */
export function nearestSeries(
  data: ChartData,
  hidden: ReadonlySet<string>,
  cursor: PlotCursor,
  topOf: (series: PlotSeries, value: number) => number,
): { series: PlotSeries; value: number; timeMs: number } | undefined {
  let found: { series: PlotSeries; value: number; timeMs: number } | undefined
  let nearestPx = Number.POSITIVE_INFINITY
  for (const series of data.series) {
    const at = isHidden(series, hidden) || series.isGhost ? -1 : indexAt(series, cursor.timeMs)
    if (at < 0) continue
    const value = series.values[at]
    const top = topOf(series, series.tops[at])
    // In a stack a click means the layer that it hits, whose edges are the value and its base.
    const isInside = series.base && cursor.top >= top && cursor.top <= topOf(series, series.base[at])
    const distancePx = isInside ? 0 : Math.abs(top - cursor.top)
    if (distancePx >= nearestPx) continue
    nearestPx = distancePx
    found = { series, value, timeMs: series.timesMs[at] }
  }
  return found
}

export function selectDetail({ series, value, timeMs }: NonNullable<ReturnType<typeof nearestSeries>>, window: Span) {
  const { label, tags, metric, aggregation, stepMs } = series
  const detail: SelectDetail = {
    point: { timestamp: iso(timeMs), value },
    series: { label, tags, metric, aggregation },
    range: { start: iso(timeMs), end: iso(timeMs + stepMs) },
    window: { start: iso(window.startMs), end: iso(window.endMs) },
  }
  return detail
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
