/** Paints a chart on its canvas: layout, grid, labels, series. Everything is in device pixels, so that lines are sharp. */
import { formatTick } from '../format/time.js'
import { axisFormatter } from '../format/unit.js'
import { type ChartData, type ChartType, isStacked } from './model.js'
import { barPaths, type Frame, isDense, linePaths, type SeriesPaths, scatterPaths } from './paths.js'
import { valueRange } from './scale.js'
import { timeTicks, valueTicks } from './ticks.js'

export interface PlotColors {
  series: readonly string[]
  ink: string
  surface: string
  info: string
  good: string
  warning: string
  critical: string
  muted: string
  grid: string
  font: string
}

export interface PlotStyle {
  type: ChartType
  unit: string
  colors: PlotColors
}

/** The plotting area within the canvas, in CSS pixels. */
export interface PlotArea {
  left: number
  top: number
  width: number
  height: number
}

export interface Painted {
  area: PlotArea
  /** Data → device pixels of the canvas. */
  frame: Frame
}

const lineWidthPx = 1.75
const fontPx = 11
const topPx = 10
const rightPx = 4
const timeAxisPx = 24
const labelGapPx = 8
const valueTickSpacePx = 34
const timeTickSpacePx = 72

export function paint(
  context: CanvasRenderingContext2D,
  size: { width: number; height: number; ratio: number },
  data: ChartData,
  hidden: ReadonlySet<string>,
  style: PlotStyle,
  window: { startMs: number; endMs: number },
): Painted {
  const { width, height, ratio } = size
  const { colors, unit, type } = style
  const [from, to] = visible(data.timesMs, window.startMs, window.endMs)
  const [lowest, highest] = extent(data, hidden, from, to)
  const { scale, format } = axisFormatter(unit, Math.max(Math.abs(lowest), Math.abs(highest)) || 1)
  const [low, high] = valueRange(lowest / scale, highest / scale, {
    zeroBased: type !== 'line' && type !== 'scatter',
    ceiling: ceilingOf(unit, scale),
  })
  const plotHeight = Math.max(1, height - topPx - timeAxisPx)
  const ticks = valueTicks(low, high, plotHeight / valueTickSpacePx)
  const labels = ticks.map((tick) => (tick === 0 ? '0' : format(tick * scale)))

  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, width * ratio, height * ratio)
  context.font = `${fontPx * ratio}px ${colors.font}`
  // In steps of eight, so that a label that gains a digit rarely moves the plot.
  const widest = Math.max(0, ...labels.map((label) => context.measureText(label).width / ratio))
  const left = Math.ceil((widest + labelGapPx) / 8) * 8 + 2
  const area = { left, top: topPx, width: Math.max(1, width - left - rightPx), height: plotHeight }
  const frame: Frame = {
    minX: window.startMs,
    pxPerX: (area.width * ratio) / (window.endMs - window.startMs),
    left: area.left * ratio,
    minY: low * scale,
    pxPerY: (area.height * ratio) / ((high - low) * scale),
    bottom: (area.top + area.height) * ratio,
  }

  paintValueAxis(
    context,
    frame,
    area,
    ratio,
    ticks.map((tick) => tick * scale),
    labels,
    colors,
  )
  paintTimeAxis(context, frame, area, ratio, window, colors)
  context.save()
  context.beginPath()
  context.rect(frame.left, 0, area.width * ratio, frame.bottom + ratio)
  context.clip()
  context.lineCap = 'round'
  data.series.forEach((series, i) => {
    if (hidden.has(series.key)) return
    const input = { times: data.timesMs, values: data.tops[i], base: data.bases[i], from, to, gapMs: data.gapMs[i] }
    const color = colors.series[series.color]
    // Where a line fills whole pixel columns, width and round joins are only raster time.
    const dense = isDense(input, frame)
    context.setLineDash(series.dashed ? [5 * ratio, 4 * ratio] : [])
    context.lineWidth = dense ? Math.max(1, ratio) : lineWidthPx * ratio
    context.lineJoin = dense ? 'bevel' : 'round'
    paintSeries(
      context,
      pathsOf(type, input, frame, data.stepMs, ratio),
      color,
      fillOf(context, color, type, area, ratio),
    )
  })
  context.restore()
  return { area, frame }
}

function paintSeries(
  context: CanvasRenderingContext2D,
  { stroke, fill }: SeriesPaths,
  color: string,
  fillStyle: string | CanvasGradient,
): void {
  if (fill) {
    context.fillStyle = fillStyle
    context.fill(fill)
  }
  if (!stroke) return
  context.strokeStyle = color
  context.stroke(stroke)
}

function pathsOf(
  type: ChartType,
  input: Parameters<typeof linePaths>[0],
  frame: Frame,
  stepMs: number,
  ratio: number,
): SeriesPaths {
  if (type === 'bar') return barPaths(input, frame, stepMs)
  if (type === 'scatter') return scatterPaths(input, frame, 2.5 * ratio)
  return linePaths(input, frame, type === 'area' || isStacked(type))
}

function paintValueAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  area: PlotArea,
  ratio: number,
  ticks: readonly number[],
  labels: readonly string[],
  colors: PlotColors,
): void {
  context.lineWidth = Math.max(1, Math.round(ratio))
  context.strokeStyle = colors.grid
  context.fillStyle = colors.muted
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  context.beginPath()
  ticks.forEach((tick, i) => {
    const y = Math.round(frame.bottom - (tick - frame.minY) * frame.pxPerY) + (context.lineWidth % 2) / 2
    context.moveTo(frame.left, y)
    context.lineTo(frame.left + area.width * ratio, y)
    context.fillText(labels[i], frame.left - labelGapPx * ratio, y)
  })
  context.stroke()
}

function paintTimeAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  area: PlotArea,
  ratio: number,
  window: { startMs: number; endMs: number },
  colors: PlotColors,
): void {
  context.fillStyle = colors.muted
  context.textAlign = 'center'
  context.textBaseline = 'top'
  const { stepMs, ticksMs } = timeTicks(window.startMs, window.endMs, area.width / timeTickSpacePx)
  const right = frame.left + (area.width + rightPx) * ratio
  for (const tickMs of ticksMs) {
    const x = frame.left + (tickMs - frame.minX) * frame.pxPerX
    const label = formatTick(tickMs, stepMs)
    // A label that would be cut off at the edge is left out.
    const half = context.measureText(label).width / 2
    if (x - half >= 0 && x + half <= right) context.fillText(label, x, frame.bottom + 9 * ratio)
  }
}

/** Indices of the first and last bucket in the window. */
function visible(timesMs: Float64Array, startMs: number, endMs: number): [number, number] {
  return [lowerBound(timesMs, startMs), lowerBound(timesMs, endMs + 1) - 1]
}

/** Index of the first time that is not before `timeMs`. */
export function lowerBound(timesMs: Float64Array, timeMs: number): number {
  let low = 0
  let high = timesMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (timesMs[middle] < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

function extent(data: ChartData, hidden: ReadonlySet<string>, from: number, to: number): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let s = 0; s < data.series.length; s++) {
    if (hidden.has(data.series[s].key)) continue
    const column = data.tops[s]
    for (let i = from; i <= to; i++) {
      // NaN fails both comparisons.
      if (column[i] < low) low = column[i]
      if (column[i] > high) high = column[i]
    }
  }
  return low <= high ? [low, high] : [Number.NaN, Number.NaN]
}

/** What a share cannot be above, in the axis's own unit. */
function ceilingOf(unit: string, scale: number): number | undefined {
  if (unit === 'ratio') return 1 / scale
  return unit === 'percent' || unit === '%' ? 100 : undefined
}

function fillOf(
  context: CanvasRenderingContext2D,
  color: string,
  type: ChartType,
  area: PlotArea,
  ratio: number,
): CanvasGradient | string {
  if (type === 'bar' || type === 'scatter') return color
  const mix = (percent: number) => `color-mix(in srgb, ${color} ${percent}%, transparent)`
  if (type !== 'area') return mix(38)
  const gradient = context.createLinearGradient(0, area.top * ratio, 0, (area.top + area.height) * ratio)
  gradient.addColorStop(0, mix(26))
  gradient.addColorStop(1, mix(2))
  return gradient
}
