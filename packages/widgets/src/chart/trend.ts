/** How a value compares with the one before: by how much, in which direction, and whether that is good. */
import { numberFormat } from '../format/number.js'

export interface Trend {
  direction: 'up' | 'down' | 'flat'
  text: string
  verdict: 'good' | 'bad' | 'neutral'
}

/** Below this share nobody would call it a change. */
const flatShare = 0.0005

/** Ratios and percents differ in points; all else in percent of what it was. Nothing where there is nothing to compare. */
export function trendOf(
  value: number | null,
  previous: number | null,
  unit: string,
  better: 'up' | 'down' | '',
): Trend | undefined {
  if (value === null || previous === null) return undefined
  const isShare = unit === 'ratio' || unit === 'percent' || unit === '%'
  if (!isShare && previous === 0 && value !== 0) return undefined
  const points = (value - previous) * (unit === 'ratio' ? 100 : 1)
  const share = isShare ? points / 100 : previous === 0 ? 0 : (value - previous) / Math.abs(previous)
  const direction = Math.abs(share) < flatShare ? 'flat' : share > 0 ? 'up' : 'down'
  const verdict = direction === 'flat' || !better ? 'neutral' : direction === better ? 'good' : 'bad'
  const text = isShare
    ? `${numberFormat({ signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(points)}\u202fpp`
    : numberFormat({
        style: 'percent',
        signDisplay: 'exceptZero',
        maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0,
      }).format(share)
  return { direction, text, verdict }
}
