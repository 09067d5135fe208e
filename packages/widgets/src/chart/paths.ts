/** Canvas paths of a series: lines, areas between a line and its base, bars, dots. */
import { emptyTrace, type Frame, type PathInput, pixelY, type Trace, traceLine } from './trace.js'

export interface SeriesPaths {
  stroke: Path2D | null
  fill: Path2D | null
}

/** One chart is painted at a time, so all share the room for its points. */
const topTrace = emptyTrace()
const baseTrace = emptyTrace()

/** A line, and with `area` also what lies between it and its base. */
export function linePaths(input: PathInput, frame: Frame, area: boolean): SeriesPaths {
  const stroke = new Path2D()
  traceLine(topTrace, input, input.values, frame)
  addLine(stroke, topTrace)
  if (!area) return { stroke, fill: null }
  const fill = new Path2D()
  if (input.base) {
    traceLine(baseTrace, input, input.base, frame)
    addBand(fill, topTrace, baseTrace)
  } else {
    addArea(fill, topTrace, zeroY(frame))
  }
  return { stroke, fill }
}

function addLine(path: Path2D, { xy, length, runs }: Trace): void {
  for (let run = 0; run < runs.length; run++) {
    const end = runs[run + 1] ?? length
    let at = runs[run]
    path.moveTo(xy[at], xy[at + 1])
    // A lone point: the round cap of a line without length makes it a dot.
    if (end - at === 2) path.lineTo(xy[at] + 0.01, xy[at + 1])
    for (at += 2; at < end; at += 2) path.lineTo(xy[at], xy[at + 1])
  }
}

function addArea(path: Path2D, { xy, length, runs }: Trace, bottomY: number): void {
  for (let run = 0; run < runs.length; run++) {
    const end = runs[run + 1] ?? length
    path.moveTo(xy[runs[run]], bottomY)
    for (let at = runs[run]; at < end; at += 2) path.lineTo(xy[at], xy[at + 1])
    path.lineTo(xy[end - 2], bottomY)
    path.closePath()
  }
}

/** Both traces have the same points in time, so their runs belong together. */
function addBand(path: Path2D, top: Trace, base: Trace): void {
  for (let run = 0; run < top.runs.length; run++) {
    const end = top.runs[run + 1] ?? top.length
    path.moveTo(top.xy[top.runs[run]], top.xy[top.runs[run] + 1])
    for (let at = top.runs[run] + 2; at < end; at += 2) path.lineTo(top.xy[at], top.xy[at + 1])
    const baseEnd = base.runs[run + 1] ?? base.length
    for (let at = baseEnd - 2; at >= base.runs[run]; at -= 2) path.lineTo(base.xy[at], base.xy[at + 1])
    path.closePath()
  }
}

/** Bars from the bucket's start to its end, with a hair between them where there is room. */
export function barPaths(input: PathInput, frame: Frame, stepMs: number): SeriesPaths {
  const { times, values, base, from, to } = input
  const fill = new Path2D()
  const zero = zeroY(frame)
  const stepPx = stepMs * frame.pxPerX
  const gapPx = stepPx > 6 ? Math.max(1, Math.round(stepPx * 0.18)) : 0
  const widthPx = Math.max(1, stepPx - gapPx)
  for (let i = Math.max(0, from - 1); i <= to; i++) {
    const value = values[i]
    if (Number.isNaN(value)) continue
    const x = frame.left + (times[i] - frame.minX) * frame.pxPerX + gapPx / 2
    const y = pixelY(frame, value)
    const y0 = base && base[i] !== 0 ? pixelY(frame, base[i]) : zero
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
    const y = pixelY(frame, value)
    fill.moveTo(x + radiusPx, y)
    fill.arc(x, y, radiusPx, 0, 2 * Math.PI)
  }
  return { stroke: null, fill }
}

/** Where amounts start: at zero, or at the lower edge of a logarithmic axis. */
function zeroY(frame: Frame): number {
  return frame.isLog ? frame.bottom : pixelY(frame, 0)
}
