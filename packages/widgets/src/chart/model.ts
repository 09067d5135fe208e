/** Columns of the store → what one chart draws: series with labels and colours, stacked where asked, and when a hole is a gap. */
import type { Tags } from '@telltale/protocol/api'
import type { SeriesView } from '../client/series-store.js'
import { assignColors } from './palette.js'

export type ChartType = 'line' | 'area' | 'bar' | 'stacked' | 'scatter'

export interface ChartSeries {
  key: string
  label: string
  tags: Tags
  /** Index into the palette. */
  color: number
  /** Another series of this chart has the same colour: this one is dashed. */
  dashed: boolean
  /** Column of the store. */
  column: number
}

export interface ChartData {
  series: readonly ChartSeries[]
  timesMs: Float64Array
  /** As they were sent, in the order of `series`. */
  values: Float64Array[]
  /** Where each is drawn: sums from below where stacked, else the values themselves. */
  tops: Float64Array[]
  bases: (Float64Array | undefined)[]
  gapMs: number[]
  stepMs: number
  /** Buckets from here on may still grow. */
  settled: number
}

export function isStacked(type: ChartType): boolean {
  return type === 'bar' || type === 'stacked'
}

/** Series in the order of their labels. Groups without a value in the window are left out: they ended long ago. */
export function listSeries(groups: readonly Tags[], columns: readonly Float64Array[], single: string): ChartSeries[] {
  const series: Omit<ChartSeries, 'color' | 'dashed'>[] = []
  for (let i = 0; i < groups.length; i++) {
    if (!columns[i]?.some((value) => !Number.isNaN(value))) continue
    series.push({ key: JSON.stringify(groups[i]), label: labelOf(groups[i], single), tags: groups[i], column: i })
  }
  series.sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }))
  const colors = assignColors(series.map(({ label }) => label))
  return series.map((each, i) => ({ ...each, color: colors[i], dashed: colors.indexOf(colors[i]) < i }))
}

export function labelOf(tags: Tags, single: string): string {
  const values = Object.values(tags)
  return values.length === 0 ? single : values.map((value) => value ?? 'none').join(' · ')
}

export function buildChartData(
  view: SeriesView,
  series: readonly ChartSeries[],
  hidden: ReadonlySet<string>,
  type: ChartType,
  stepMs: number,
  breakAtEveryHole: boolean,
  settledBeforeMs = Number.POSITIVE_INFINITY,
): ChartData {
  const values = series.map(({ column }) => view.columns[column])
  const { tops, bases } = isStacked(type)
    ? stack(values, series, hidden)
    : { tops: values, bases: values.map(() => undefined) }
  const gapMs = values.map((column) => (breakAtEveryHole ? stepMs * 1.5 : gapLength(view.timesMs, column, stepMs)))
  const settled = settledCount(view.timesMs, stepMs, settledBeforeMs)
  return { series, timesMs: view.timesMs, values, tops, bases, gapMs, stepMs, settled }
}

/** The view without buckets that end after `beforeMs`: they may still grow. */
export function takeSettled(view: SeriesView, stepMs: number, beforeMs: number): SeriesView {
  const count = settledCount(view.timesMs, stepMs, beforeMs)
  if (count === view.timesMs.length) return view
  return { timesMs: view.timesMs.subarray(0, count), columns: view.columns.map((column) => column.subarray(0, count)) }
}

function settledCount(timesMs: Float64Array, stepMs: number, beforeMs: number): number {
  let count = timesMs.length
  while (count > 0 && timesMs[count - 1] + stepMs > beforeMs) count--
  return count
}

/** Each shown series stands on the sum of those before it; hidden ones take no room. */
function stack(
  values: Float64Array[],
  series: readonly ChartSeries[],
  hidden: ReadonlySet<string>,
): Pick<ChartData, 'tops' | 'bases'> {
  const length = values[0]?.length ?? 0
  let sum = new Float64Array(length)
  const tops: Float64Array[] = []
  const bases: Float64Array[] = []
  values.forEach((column, s) => {
    bases.push(sum)
    const isHidden = hidden.has(series[s].key)
    const next = new Float64Array(length)
    const top = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const value = isHidden ? Number.NaN : column[i]
      next[i] = sum[i] + (!Number.isNaN(value) ? value : 0)
      top[i] = !Number.isNaN(value) ? next[i] : Number.NaN
    }
    tops.push(top)
    sum = next
  })
  return { tops, bases }
}

/**
 * A series that reports every minute into 5 s buckets has holes everywhere and no gap. So a gap is a hole four times as
 * long as the series' usual distance between points, and never less than three and a half steps.
 */
export function gapLength(timesMs: Float64Array, values: Float64Array, stepMs: number): number {
  const distances: number[] = []
  let previous = Number.NaN
  // The newest few hundred are enough for a median.
  for (let i = Math.max(0, values.length - 600); i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    if (!Number.isNaN(previous)) distances.push(timesMs[i] - previous)
    previous = timesMs[i]
  }
  if (distances.length === 0) return stepMs * 3.5
  distances.sort((a, b) => a - b)
  return Math.max(stepMs * 3.5, distances[distances.length >> 1] * 4)
}
