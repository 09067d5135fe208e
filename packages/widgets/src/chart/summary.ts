/** A chart in words and numbers: what is said to those who hear it, and what stands under a cursor. */
import { formatBucketTime } from '../format/time.js'
import { formatValue } from '../format/unit.js'
import { messages } from '../i18n/messages.js'
import { type ChartData, isHidden, type PlotSeries } from './model.js'
import { findExtremes, high, low } from './pyramid.js'

const maxSeriesSaid = 12

export function summarize(data: ChartData): string {
  const own = data.series.filter(({ isGhost }) => !isGhost)
  const said = own.slice(0, maxSeriesSaid).map((series) => {
    findExtremes(series.values, 0, series.values.length - 1)
    const show = (value: number) => formatValue(value, series.unit)
    return messages.seriesSummary(series.label, show(latest(series)), show(low), show(high))
  })
  const more = own.length - said.length
  return [messages.seriesCount(own.length), ...said, more > 0 ? messages.andMore(more) : ''].join(' ').trim()
}

/** One moment in words. */
export function describeMoment(
  data: ChartData,
  timeMs: number,
  hidden: ReadonlySet<string>,
  timeZone: string | undefined,
): string {
  const values = data.series.flatMap((series) => {
    const value = valueAt(series, timeMs)
    return isHidden(series, hidden) || series.isGhost || value === undefined
      ? []
      : [`${series.label} ${formatValue(value, series.unit)}`]
  })
  return `${formatBucketTime(timeMs, data.stepMs, timeZone)}: ${values.join(', ') || messages.noValue}`
}

/** Index of the first time that is not before `timeMs`. */
export function lowerBound(timesMs: Float64Array, timeMs: number): number {
  let from = 0
  let to = timesMs.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (timesMs[middle] < timeMs) from = middle + 1
    else to = middle
  }
  return from
}

/** Where a series has what it shows at a time: its bucket then, or its last point that is no gap away; −1 for none. */
export function indexAt({ timesMs, values, gapMs }: PlotSeries, timeMs: number): number {
  let i = lowerBound(timesMs, timeMs)
  if (i === timesMs.length || timesMs[i] > timeMs) i--
  for (; i >= 0 && timeMs - timesMs[i] <= gapMs; i--) if (!Number.isNaN(values[i])) return i
  return -1
}

export function valueAt(series: PlotSeries, timeMs: number): number | undefined {
  const at = indexAt(series, timeMs)
  return at < 0 ? undefined : series.values[at]
}

/** The newest value that will not change any more. */
export function latest({ values, settled }: PlotSeries): number {
  for (let i = settled - 1; i >= 0; i--) if (!Number.isNaN(values[i])) return values[i]
  return Number.NaN
}

/** The bucket that is nearest to a time, or with `within` the one that holds it; NaN where there is none. */
export function nearestTime(data: ChartData, timeMs: number, within: boolean): number {
  let found = Number.NaN
  for (const times of data.axes) {
    const at = lowerBound(times, timeMs)
    for (const candidate of [times[at - 1], times[at]]) {
      if (candidate === undefined || (within && candidate > timeMs)) continue
      if (!(Math.abs(found - timeMs) <= Math.abs(candidate - timeMs))) found = candidate
    }
  }
  return found
}
