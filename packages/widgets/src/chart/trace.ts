/**
 * A column of values → the pixels that its line goes through, in runs that break at real gaps. Where there are more points
 * than device columns, each column keeps its first, lowest, highest and last value (M4): a line through those covers the
 * same pixels as one through all of them.
 */
import { findExtremes, high, low } from './pyramid.js'

/** Data → canvas pixels; plain numbers, so that the loops below call nothing. */
export interface Frame {
  minX: number
  pxPerX: number
  left: number
  /** In units of the axis: logarithms where it is logarithmic. */
  minY: number
  pxPerY: number
  bottom: number
  isLog: boolean
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

/** Points as x, y, x, y …; a run ends where the next one starts. */
export interface Trace {
  xy: Float64Array
  length: number
  /** Positions in `xy` at which runs start. */
  runs: number[]
}

export function emptyTrace(): Trace {
  return { xy: new Float64Array(4096), length: 0, runs: [] }
}

/** A value that a logarithmic axis can't show stands below its lower edge. */
export function pixelY(frame: Frame, value: number): number {
  if (!frame.isLog) return frame.bottom - (value - frame.minY) * frame.pxPerY
  return value > 0 ? frame.bottom - (Math.log10(value) - frame.minY) * frame.pxPerY : frame.bottom + 8
}

/** More points than device columns. */
export function isDense({ times, from, to }: PathInput, frame: Frame): boolean {
  return to > from && to - from > (times[to] - times[from]) * frame.pxPerX
}

/** Fills `trace` with the line through `values`, which may be the input's values or its base. */
export function traceLine(trace: Trace, input: PathInput, values: Float64Array, frame: Frame): void {
  trace.length = 0
  trace.runs.length = 0
  const from = neighbour(input.values, input.from, -1)
  const to = neighbour(input.values, input.to, 1)
  if (isDense(input, frame)) traceColumns(trace, input, values, frame, from, to)
  else tracePoints(trace, input, values, frame, from, to)
}

function tracePoints(
  trace: Trace,
  { times, values: shown, gapMs }: PathInput,
  values: Float64Array,
  frame: Frame,
  from: number,
  to: number,
): void {
  reserve(trace, (to - from + 2) * 2)
  const { xy } = trace
  let previousMs = Number.NaN
  let at = 0
  for (let i = from; i <= to; i++) {
    if (Number.isNaN(shown[i])) continue
    if (!(times[i] - previousMs <= gapMs)) trace.runs.push(at)
    xy[at++] = frame.left + (times[i] - frame.minX) * frame.pxPerX
    xy[at++] = pixelY(frame, values[i])
    previousMs = times[i]
  }
  trace.length = at
}

function traceColumns(
  trace: Trace,
  { times, values: shown, gapMs }: PathInput,
  values: Float64Array,
  frame: Frame,
  from: number,
  to: number,
): void {
  const { left, minX, pxPerX } = frame
  const firstColumn = Math.round(left + (times[from] - minX) * pxPerX)
  const lastColumn = Math.round(left + (times[to] - minX) * pxPerX)
  reserve(trace, (lastColumn - firstColumn + 2) * 8)
  const { xy } = trace
  let at = 0
  let previousMs = Number.NaN
  for (let next = from; next <= to; ) {
    const column = Math.round(left + (times[next] - minX) * pxPerX)
    // The first index beyond this column. Points are mostly even in time, so steps that double find it quickly.
    let step = 1
    while (next + step <= to && left + (times[next + step] - minX) * pxPerX < column + 0.5) step *= 2
    let start = next + (step >> 1)
    let end = Math.min(to + 1, next + step)
    while (start < end) {
      const middle = (start + end) >>> 1
      if (left + (times[middle] - minX) * pxPerX < column + 0.5) start = middle + 1
      else end = middle
    }
    // A point that is exactly on the edge was rounded into this column.
    const beyond = Math.max(start, next + 1)
    let first = next
    while (first < beyond && Number.isNaN(shown[first])) first++
    if (first < beyond) {
      let last = beyond - 1
      while (Number.isNaN(shown[last])) last--
      if (!(times[first] - previousMs <= gapMs)) trace.runs.push(at)
      previousMs = times[last]
      findExtremes(values, first, last)
      const firstY = pixelY(frame, values[first])
      const lastY = pixelY(frame, values[last])
      xy[at++] = column
      xy[at++] = firstY
      if (last > first) {
        // Lowest and highest in the order that needs the fewest points: most columns of a few points repeat one.
        const lowY = pixelY(frame, low)
        const highY = pixelY(frame, high)
        const endsLow = lastY === lowY
        const oneY = endsLow ? highY : lowY
        const otherY = endsLow ? lowY : highY
        if (oneY !== firstY) {
          xy[at++] = column
          xy[at++] = oneY
        }
        if (otherY !== oneY) {
          xy[at++] = column
          xy[at++] = otherY
        }
        if (lastY !== otherY) {
          xy[at++] = column
          xy[at++] = lastY
        }
      }
    }
    next = beyond
  }
  trace.length = at
}

function reserve(trace: Trace, length: number): void {
  if (trace.xy.length < length) trace.xy = new Float64Array(length * 2)
}

/** The next point outside of the view, so that a line runs on to the edge; `from` itself where there is none. */
function neighbour(values: Float64Array, from: number, step: 1 | -1): number {
  for (let i = from + step; i >= 0 && i < values.length; i += step) if (!Number.isNaN(values[i])) return i
  return Math.min(Math.max(from, 0), values.length - 1)
}
