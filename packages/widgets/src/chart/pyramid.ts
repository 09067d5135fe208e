/**
 * Lowest and highest values of any stretch of a column. A long column gets a pyramid, so that a chart of a million points
 * looks at tens of numbers for each pixel column instead of at a thousand.
 *
 *   level 1   ├── 4096 points ──┤├── …
 *   level 0   ├64┤├64┤├64┤ …
 *   values    · · · · · · · · ·        NaN is no value
 */

const fanOut = 64
/** Below this a scan is as quick as the pyramid's making. */
const minLength = 8_192

interface Level {
  low: Float64Array
  high: Float64Array
}

/** Keyed by the view: who changes values behind a view takes a new view, as `SeriesStore.view()` does. */
const pyramids = new WeakMap<Float64Array, Level[]>()

/** Results of the last `findExtremes`: numbers in a module allocate nothing. */
export let low = Number.POSITIVE_INFINITY
export let high = Number.NEGATIVE_INFINITY

/** Sets `low` and `high` to the extremes of values[from…to], `to` included; `low > high` where there is none. */
export function findExtremes(values: Float64Array, from: number, to: number): void {
  low = Number.POSITIVE_INFINITY
  high = Number.NEGATIVE_INFINITY
  let start = from
  let end = to + 1
  let lows = values
  let highs = values
  if (end - start > 2 * fanOut && values.length >= minLength) {
    for (const level of levelsOf(values)) {
      if (end - start <= 2 * fanOut) break
      const firstBlock = Math.ceil(start / fanOut)
      const lastBlock = Math.floor(end / fanOut)
      scan(lows, highs, start, firstBlock * fanOut)
      scan(lows, highs, lastBlock * fanOut, end)
      start = firstBlock
      end = lastBlock
      lows = level.low
      highs = level.high
    }
  }
  scan(lows, highs, start, end)
}

function scan(lows: Float64Array, highs: Float64Array, start: number, end: number): void {
  let min = low
  let max = high
  for (let i = start; i < end; i++) {
    // NaN fails both comparisons.
    if (lows[i] < min) min = lows[i]
    if (highs[i] > max) max = highs[i]
  }
  low = min
  high = max
}

function levelsOf(values: Float64Array): Level[] {
  let levels = pyramids.get(values)
  if (!levels) {
    levels = []
    let below: Level = { low: values, high: values }
    while (below.low.length > 2 * fanOut) {
      below = summarise(below)
      levels.push(below)
    }
    pyramids.set(values, levels)
  }
  return levels
}

function summarise({ low: lows, high: highs }: Level): Level {
  const count = lows.length
  const length = Math.ceil(count / fanOut)
  const level = { low: new Float64Array(length), high: new Float64Array(length) }
  // A column that is new is read once from end to end: half of the loads where both are the values themselves.
  const isValues = lows === highs
  for (let block = 0, at = 0; block < length; block++) {
    const end = Math.min(count, at + fanOut)
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    if (isValues) {
      for (; at < end; at++) {
        const value = lows[at]
        if (value < min) min = value
        if (value > max) max = value
      }
    } else {
      for (; at < end; at++) {
        if (lows[at] < min) min = lows[at]
        if (highs[at] > max) max = highs[at]
      }
    }
    level.low[block] = min
    level.high[block] = max
  }
  return level
}
