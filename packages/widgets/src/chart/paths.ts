/**
 * Canvas paths of a series from typed columns with NaN for "no bucket": lines and areas that break at real gaps, dots
 * where a point stands alone, bars, and at most four points a pixel column however many buckets there are.
 */

/** Data → canvas pixels; plain numbers, so that the loops below call nothing. */
export interface Frame {
  minX: number
  pxPerX: number
  left: number
  minY: number
  pxPerY: number
  bottom: number
}

export interface PathInput {
  times: Float64Array
  values: Float64Array
  /** What a stacked series stands on; absent: zero. */
  base?: Float64Array | undefined
  /** First and last index that are in view. */
  from: number
  to: number
  /** A hole longer than this breaks the line. */
  gapMs: number
}

export interface SeriesPaths {
  stroke: Path2D | null
  fill: Path2D | null
}

/** A line, and with `area` also what lies between it and its base. */
export function linePaths(input: PathInput, frame: Frame, area: boolean): SeriesPaths {
  const { times, values, base, gapMs } = input
  const stroke = new Path2D()
  const fill = area ? new Path2D() : null
  const zeroY = frame.bottom - (0 - frame.minY) * frame.pxPerY
  const last = neighbour(values, input.to, 1)
  const dense = isDense(input, frame)
  let runStart = -1
  let previous = -1
  // The pixel column being gathered: its first, lowest, highest and last y.
  let columnX = 0
  let minY = 0
  let maxY = 0
  let lastY = 0

  const flushColumn = () => {
    if (minY !== lastY) stroke.lineTo(columnX, minY)
    if (maxY !== lastY && maxY !== minY) stroke.lineTo(columnX, maxY)
    stroke.lineTo(columnX, lastY)
  }
  const endRun = () => {
    flushColumn()
    // A lone point: the round cap of a line without length makes it a dot.
    if (runStart === previous) stroke.lineTo(columnX + 0.01, lastY)
    if (fill) addRun(fill, input, frame, runStart, previous, zeroY)
  }

  for (let i = neighbour(values, input.from, -1); i <= last; i++) {
    const value = values[i]
    if (Number.isNaN(value)) continue
    const exactX = frame.left + (times[i] - frame.minX) * frame.pxPerX
    const x = dense ? Math.round(exactX) : exactX
    const y = frame.bottom - (value - frame.minY) * frame.pxPerY
    if (previous < 0 || times[i] - times[previous] > gapMs) {
      if (previous >= 0) endRun()
      runStart = i
      stroke.moveTo(x, y)
      columnX = x
      minY = maxY = lastY = y
    } else if (x === columnX) {
      if (y < minY) minY = y
      if (y > maxY) maxY = y
      lastY = y
    } else {
      flushColumn()
      stroke.lineTo(x, y)
      columnX = x
      minY = maxY = lastY = y
    }
    previous = i
  }
  if (previous >= 0) endRun()
  return { stroke, fill: base || area ? fill : null }
}

/** More buckets than pixel columns: each column is drawn once, from its first to its last value over its extremes. */
export function isDense({ times, from, to }: PathInput, frame: Frame): boolean {
  return to > from && to - from > (times[to] - times[from]) * frame.pxPerX
}

function addRun(fill: Path2D, input: PathInput, frame: Frame, from: number, to: number, zeroY: number): void {
  const { times, values, base } = input
  const px = (i: number) => frame.left + (times[i] - frame.minX) * frame.pxPerX
  fill.moveTo(px(from), base ? frame.bottom - (base[from] - frame.minY) * frame.pxPerY : zeroY)
  for (let i = from; i <= to; i++) {
    if (!Number.isNaN(values[i])) fill.lineTo(px(i), frame.bottom - (values[i] - frame.minY) * frame.pxPerY)
  }
  if (base) {
    for (let i = to; i >= from; i--) {
      if (!Number.isNaN(values[i])) fill.lineTo(px(i), frame.bottom - (base[i] - frame.minY) * frame.pxPerY)
    }
  } else {
    fill.lineTo(px(to), zeroY)
  }
  fill.closePath()
}

/** Bars from the bucket's start to its end, with a hair between them where there is room. */
export function barPaths(input: PathInput, frame: Frame, stepMs: number): SeriesPaths {
  const { times, values, base, from, to } = input
  const fill = new Path2D()
  const zeroY = frame.bottom - (0 - frame.minY) * frame.pxPerY
  const stepPx = stepMs * frame.pxPerX
  const gapPx = stepPx > 6 ? Math.max(1, Math.round(stepPx * 0.18)) : 0
  const widthPx = Math.max(1, stepPx - gapPx)
  for (let i = Math.max(0, from - 1); i <= to; i++) {
    const value = values[i]
    if (Number.isNaN(value)) continue
    const x = frame.left + (times[i] - frame.minX) * frame.pxPerX + gapPx / 2
    const y = frame.bottom - (value - frame.minY) * frame.pxPerY
    const y0 = base ? frame.bottom - (base[i] - frame.minY) * frame.pxPerY : zeroY
    fill.rect(x, Math.min(y, y0), widthPx, Math.max(Math.abs(y0 - y), value === (base?.[i] ?? 0) ? 0 : 1))
  }
  return { stroke: null, fill }
}

export function scatterPaths(input: PathInput, frame: Frame, radiusPx: number): SeriesPaths {
  const fill = new Path2D()
  for (let i = input.from; i <= input.to; i++) {
    const value = input.values[i]
    if (Number.isNaN(value)) continue
    const x = frame.left + (input.times[i] - frame.minX) * frame.pxPerX
    const y = frame.bottom - (value - frame.minY) * frame.pxPerY
    fill.moveTo(x + radiusPx, y)
    fill.arc(x, y, radiusPx, 0, 2 * Math.PI)
  }
  return { stroke: null, fill }
}

/** The next point outside of the view, so that a line runs on to the edge; `from` itself where there is none. */
function neighbour(values: Float64Array, from: number, step: 1 | -1): number {
  for (let i = from + step; i >= 0 && i < values.length; i += step) if (!Number.isNaN(values[i])) return i
  return from
}
