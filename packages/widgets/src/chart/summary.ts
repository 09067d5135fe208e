/** A chart in words: what is said to those who hear it instead of seeing it. */
import { formatBucketTime } from '../format/time.js'
import { formatValue } from '../format/unit.js'
import { messages } from '../i18n/messages.js'
import type { ChartData } from './model.js'

const maxSeriesSaid = 12

export function summarize(data: ChartData, unit: string): string {
  const said = data.series.slice(0, maxSeriesSaid).map(({ label }, i) => {
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const value of data.values[i]) {
      if (value < low) low = value
      if (value > high) high = value
    }
    const show = (value: number) => formatValue(value, unit)
    return messages.seriesSummary(label, show(latest(data, i)), show(low), show(high))
  })
  const more = data.series.length - said.length
  return [messages.seriesCount(data.series.length), ...said, more > 0 ? messages.andMore(more) : ''].join(' ').trim()
}

/** One bucket in words. */
export function describeBucket(data: ChartData, index: number, unit: string, hidden: ReadonlySet<string>): string {
  const values = data.series.flatMap(({ key, label }, i) => {
    const value = valueAt(data, i, index)
    return hidden.has(key) || value === undefined ? [] : [`${label} ${formatValue(value, unit)}`]
  })
  return `${formatBucketTime(data.timesMs[index], data.stepMs)}: ${values.join(', ') || messages.noValue}`
}

/** Where a series has what it shows for a bucket: there, or at its last point that is no gap away; −1 for none. */
export function indexAt(data: ChartData, series: number, index: number): number {
  const column = data.values[series]
  const { timesMs } = data
  for (let i = index; i >= 0 && timesMs[index] - timesMs[i] <= data.gapMs[series]; i--) {
    if (!Number.isNaN(column[i])) return i
  }
  return -1
}

export function valueAt(data: ChartData, series: number, index: number): number | undefined {
  const at = indexAt(data, series, index)
  return at < 0 ? undefined : data.values[series][at]
}

/** The newest value that will not change any more. */
export function latest(data: ChartData, series: number): number {
  const column = data.values[series]
  for (let i = data.settled - 1; i >= 0; i--) if (!Number.isNaN(column[i])) return column[i]
  return Number.NaN
}
