/** A column of values → SVG path data in a 100 × 100 box: the shape of a trend, without axes. */

const maxPoints = 100

export interface Sparkline {
  line: string
  area: string
}

/** Nothing where there are fewer than two values. */
export function sparkline(
  timesMs: Float64Array,
  values: Float64Array,
  startMs: number,
  endMs: number,
): Sparkline | undefined {
  const points = average(timesMs, values, startMs, endMs)
  if (points.length < 2) return undefined
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const [, value] of points) {
    if (value < low) low = value
    if (value > high) high = value
  }
  // A flat line stands in the middle; all others leave room for the width of the stroke.
  const y = (value: number) => (high === low ? 50 : 94 - ((value - low) / (high - low)) * 88)
  const line = points.map(([x, value]) => `${x.toFixed(1)},${y(value).toFixed(1)}`).join('L')
  return {
    line: `M${line}`,
    area: `M${points[0][0].toFixed(1)},100L${line}L${points[points.length - 1][0].toFixed(1)},100Z`,
  }
}

/** At most `maxPoints` means over equal spans of time. */
function average(
  timesMs: Float64Array,
  values: Float64Array,
  startMs: number,
  endMs: number,
): [x: number, value: number][] {
  const sums = new Float64Array(maxPoints)
  const counts = new Uint32Array(maxPoints)
  for (let i = 0; i < timesMs.length; i++) {
    const slot = Math.floor(((timesMs[i] - startMs) / (endMs - startMs)) * maxPoints)
    if (slot < 0 || slot >= maxPoints || Number.isNaN(values[i])) continue
    sums[slot] += values[i]
    counts[slot]++
  }
  const points: [number, number][] = []
  counts.forEach((count, slot) => {
    if (count > 0) points.push([((slot + 0.5) / maxPoints) * 100, sums[slot] / count])
  })
  return points
}
