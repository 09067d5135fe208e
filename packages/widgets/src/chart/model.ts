/** Columns of stores → what one chart draws: series with labels, colours and axes, stacked where asked, and when a hole is a gap. */
import type { Tags } from '@telltale/protocol/api'
import type { SeriesView } from '../client/series-store.js'
import { assignColors } from './palette.js'

export type ChartType = 'line' | 'area' | 'bar' | 'stacked' | 'scatter'
export type Axis = 'left' | 'right'

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

/** One query's answer, and how it is shown. */
export interface ChartSource {
  view: SeriesView
  groups: readonly Tags[]
  stepMs: number
  type: ChartType
  axis: Axis
  unit: string
  metric: string
  aggregation: string
  /** Names a series without tags. */
  name: string
  /** Stands behind the labels of series with tags, where several queries share a chart. */
  suffix?: string
  /** A period before, drawn behind the present one in its colours. */
  isGhost?: boolean
  /** Buckets that end after this may still grow. */
  settledBeforeMs?: number
}

export interface PlotSeries extends ChartSeries {
  type: ChartType
  axis: Axis
  unit: string
  metric: string
  aggregation: string
  isGhost: boolean
  timesMs: Float64Array
  /** As they were sent. */
  values: Float64Array
  /** Where each is drawn: sums from below where stacked, else the values themselves. */
  tops: Float64Array
  base?: Float64Array
  gapMs: number
  stepMs: number
  /** Buckets from here on may still grow. */
  settled: number
}

export interface ChartData {
  series: readonly PlotSeries[]
  /** The distinct time axes: one a source. */
  axes: readonly Float64Array[]
  /** The shortest step: how exactly times are said. */
  stepMs: number
}

/** The key in `hidden` under which all of the period before is hidden. */
export const ghostKey = '~before'

const collator = new Intl.Collator(undefined, { numeric: true })

export function isStacked(type: ChartType): boolean {
  return type === 'bar' || type === 'stacked'
}

/** Series in the order of their labels. Groups without a value in the window are left out: they ended long ago. */
export function listSeries(
  groups: readonly Tags[],
  columns: readonly Float64Array[],
  single: string,
  suffix = '',
): ChartSeries[] {
  const series: Omit<ChartSeries, 'color' | 'dashed'>[] = []
  for (let i = 0; i < groups.length; i++) {
    if (!hasValue(columns[i])) continue
    const label = labelOf(groups[i], single)
    const isTagged = suffix && Object.keys(groups[i]).length > 0
    const shown = isTagged ? `${label} · ${suffix}` : label
    series.push({ key: JSON.stringify(groups[i]), label: shown, tags: groups[i], column: i })
  }
  series.sort((a, b) => collator.compare(a.label, b.label))
  const colors = assignColors(series.map(({ label }) => label))
  return series.map((each, i) => ({ ...each, color: colors[i], dashed: colors.indexOf(colors[i]) < i }))
}

function hasValue(column: Float64Array | undefined): boolean {
  // The newest first: a series that lives is found at once.
  for (let i = (column?.length ?? 0) - 1; i >= 0; i--) if (!Number.isNaN(column![i])) return true
  return false
}

export function labelOf(tags: Tags, single: string): string {
  const values = Object.values(tags)
  return values.length === 0 ? single : values.map((value) => value ?? 'none').join(' · ')
}

/** `breakAtEveryHole`: the query was asked to fill with null, so that each null is meant. */
export function buildChartData(
  sources: readonly ChartSource[],
  hidden: ReadonlySet<string>,
  breakAtEveryHole = false,
): ChartData {
  const series = sources.flatMap((source, index) => seriesOf(source, index, hidden, breakAtEveryHole))
  colour(series)
  const axes = sources.map(({ view }) => view.timesMs).filter((times) => times.length > 0)
  const stepMs = Math.min(...sources.filter((source) => !source.isGhost).map((source) => source.stepMs))
  return { series, axes, stepMs: Number.isFinite(stepMs) ? stepMs : 0 }
}

function seriesOf(
  source: ChartSource,
  index: number,
  hidden: ReadonlySet<string>,
  breakAtEveryHole: boolean,
): PlotSeries[] {
  const { view, groups, stepMs, type, axis, unit, metric, aggregation, isGhost = false } = source
  const settled = settledCount(view.timesMs, stepMs, source.settledBeforeMs ?? Number.POSITIVE_INFINITY)
  const listed = listSeries(groups, view.columns, source.name, source.suffix).map((each): PlotSeries => {
    const values = view.columns[each.column]
    const gapMs = breakAtEveryHole ? stepMs * 1.5 : gapLength(view.timesMs, values, stepMs)
    return {
      ...each,
      ...{ key: index === 0 ? each.key : `${index} ${each.key}`, type: isGhost ? 'line' : type },
      ...{ axis, unit, metric, aggregation, isGhost, timesMs: view.timesMs, values, tops: values, gapMs },
      ...{ stepMs, settled },
    }
  })
  if (isStacked(type) && !isGhost) stack(listed, hidden)
  return listed
}

/** Each label gets its own colour over all queries of the chart; a ghost has that of the series it stands behind. */
function colour(series: PlotSeries[]): void {
  const own = series.filter(({ isGhost }) => !isGhost)
  const colors = assignColors(own.map(({ label }) => label))
  const byLabel = new Map<string, number>()
  own.forEach((each, i) => {
    each.color = colors[i]
    each.dashed = colors.indexOf(colors[i]) < i
    byLabel.set(each.label, colors[i])
  })
  for (const each of series) if (each.isGhost) each.color = byLabel.get(each.label) ?? each.color
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
function stack(series: PlotSeries[], hidden: ReadonlySet<string>): void {
  const length = series[0]?.values.length ?? 0
  let sum = new Float64Array(length)
  for (const each of series) {
    each.base = sum
    const isHidden = hidden.has(each.key)
    const next = new Float64Array(length)
    const top = new Float64Array(length)
    for (let i = 0; i < length; i++) {
      const value = isHidden ? Number.NaN : each.values[i]
      next[i] = sum[i] + (!Number.isNaN(value) ? value : 0)
      top[i] = !Number.isNaN(value) ? next[i] : Number.NaN
    }
    each.tops = top
    sum = next
  }
}

/** Whether a series is out of sight, by itself or with the whole period before. */
export function isHidden(series: PlotSeries, hidden: ReadonlySet<string>): boolean {
  return hidden.has(series.key) || (series.isGhost && hidden.has(ghostKey))
}

const distances = new Float64Array(100)

/**
 * A series that reports every minute into 5 s buckets has holes everywhere and no gap. So a gap is a hole four times as
 * long as the series' usual distance between points, and never less than three and a half steps.
 */
export function gapLength(timesMs: Float64Array, values: Float64Array, stepMs: number): number {
  let count = 0
  let next = Number.NaN
  let isEven = true
  // This is asked with every frame, and the newest hundred are enough for a median.
  const oldest = Math.max(0, values.length - 600)
  for (let i = values.length - 1; i >= oldest && count < distances.length; i--) {
    if (Number.isNaN(values[i])) continue
    if (!Number.isNaN(next)) {
      distances[count] = next - timesMs[i]
      isEven &&= distances[count] === distances[0]
      count++
    }
    next = timesMs[i]
  }
  if (count === 0) return stepMs * 3.5
  if (!isEven) distances.subarray(0, count).sort()
  return Math.max(stepMs * 3.5, distances[count >> 1] * 4)
}
