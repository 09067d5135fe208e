/** Paints a chart on its canvas: layout, grid, labels, series. Everything is in device pixels, so that lines are sharp. */
import {
  type AxisMemory,
  fontSize,
  labelWidth,
  type PlotArea,
  paintTimeAxis,
  paintValueAxis,
  type ValueAxis,
  valueAxis,
} from './axes.js'
import type { PlotColors } from './colors.js'
import { paintThresholds, type Threshold } from './marks.js'
import { type Axis, type ChartData, isHidden, isStacked, type PlotSeries } from './model.js'
import { barPaths, linePaths, type SeriesPaths, scatterPaths } from './paths.js'
import { findExtremes, high, low } from './pyramid.js'
import { lowerBound } from './summary.js'
import { type Frame, isDense, type PathInput } from './trace.js'

export interface PlotStyle {
  colors: PlotColors
  scale: 'linear' | 'log'
  thresholds: readonly Threshold[]
  /** Painted over the grid and beneath the series. */
  beneath?: ((context: CanvasRenderingContext2D, frame: Frame, area: PlotArea, ratio: number) => void) | undefined
  /** IANA name; absent: the reader's own. */
  timeZone?: string | undefined
  /** Lines are told apart by dashes too, where colours can't be relied on. */
  isPatterned: boolean
}

export interface Painted {
  area: PlotArea
  /** Data → device pixels of the canvas. */
  frames: { left: Frame; right: Frame | undefined }
}

const lineWidthPx = 1.75
const topPx = 10
const rightPx = 4
const timeAxisPx = 24
/** In device-independent pixels; the first is a whole line. */
const patterns = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 3], [12, 4], [2, 6], [9, 3, 2, 3, 2, 3]]

/** `memory` is the chart's own, from its last picture. */
export function paint(
  context: CanvasRenderingContext2D,
  size: { width: number; height: number; ratio: number },
  data: ChartData,
  hidden: ReadonlySet<string>,
  style: PlotStyle,
  window: { startMs: number; endMs: number },
  memory: AxisMemory,
): Painted {
  const { width, height, ratio } = size
  const { colors } = style
  const shown = data.series.filter((series) => !isHidden(series, hidden))
  const plotHeight = Math.max(1, height - topPx - timeAxisPx)
  const font = `${fontSize(width) * ratio}px ${colors.font}`
  if (font !== memory.font) {
    memory.font = font
    memory.left = memory.right = memory.time = undefined
  }
  const leftAxis = axisOf('left', shown, data, style, window, plotHeight, memory.left)!
  const rightAxis = axisOf('right', shown, data, style, window, plotHeight, memory.right)
  memory.left = leftAxis
  memory.right = rightAxis

  context.clearRect(0, 0, width * ratio, height * ratio)
  context.font = font
  const left = labelWidth(context, leftAxis, ratio)
  const right = rightAxis ? labelWidth(context, rightAxis, ratio) : rightPx
  const area = { left, top: topPx, width: Math.max(1, width - left - right), height: plotHeight }
  const frameOf = ({ low, high, isLog }: ValueAxis): Frame => ({
    minX: window.startMs,
    pxPerX: (area.width * ratio) / (window.endMs - window.startMs),
    left: area.left * ratio,
    minY: low,
    pxPerY: (area.height * ratio) / (high - low),
    bottom: (area.top + area.height) * ratio,
    isLog,
  })
  const frames = { left: frameOf(leftAxis), right: rightAxis && frameOf(rightAxis) }

  paintValueAxis(context, frames.left, area, ratio, leftAxis, colors, 'left')
  if (rightAxis) paintValueAxis(context, frames.right!, area, ratio, rightAxis, colors, 'right')
  paintTimeAxis(context, frames.left, area, ratio, window, colors, style.timeZone, memory)
  style.beneath?.(context, frames.left, area, ratio)
  context.save()
  context.beginPath()
  context.rect(frames.left.left, 0, area.width * ratio, frames.left.bottom + ratio)
  context.clip()
  context.lineCap = 'round'
  // The period before lies behind the present one.
  for (const ghosts of [true, false]) {
    for (const series of shown) {
      if (series.isGhost !== ghosts) continue
      const frame = series.axis === 'right' ? frames.right! : frames.left
      paintSeries(context, series, frame, style, area, ratio, window)
    }
  }
  context.restore()
  paintThresholds(context, style.thresholds, frames, area, ratio, colors)
  return { area, frames }
}

/** The left axis is there in any case, the right one where a series of the chart stands on it. */
function axisOf(
  side: Axis,
  shown: readonly PlotSeries[],
  data: ChartData,
  style: PlotStyle,
  window: { startMs: number; endMs: number },
  height: number,
  before: ValueAxis | undefined,
): ValueAxis | undefined {
  const all = data.series.filter(({ axis }) => axis === side)
  if (side === 'right' && all.length === 0) return undefined
  const series = shown.filter(({ axis }) => axis === side)
  const isLog = style.scale === 'log'
  let [lowest, highest] = extent(series, window, isLog)
  for (const { value, axis } of style.thresholds) {
    // A threshold that is near is worth seeing; one that is far off would flatten the lines.
    if (axis !== side || (isLog && value <= 0)) continue
    if (value > highest && value <= highest * 1.6) highest = value
    if (value < lowest && value >= lowest / 1.6) lowest = value
  }
  const zeroBased = series.some(({ type }) => type !== 'line' && type !== 'scatter')
  return valueAxis(lowest, highest, { unit: all[0]?.unit ?? '', zeroBased, isLog, height }, before)
}

function paintSeries(
  context: CanvasRenderingContext2D,
  series: PlotSeries,
  frame: Frame,
  style: PlotStyle,
  area: PlotArea,
  ratio: number,
  window: { startMs: number; endMs: number },
): void {
  const { timesMs: times, tops: values, base, gapMs, isGhost } = series
  const [from, to] = visible(times, window)
  if (times.length === 0) return
  const input: PathInput = { times, values, base, from, to, gapMs }
  const color = style.colors.series[series.color]
  // Where a line fills whole pixel columns, width and round joins are only raster time.
  const dense = isDense(input, frame)
  const pattern = isGhost || series.dashed ? [5, 4] : style.isPatterned ? patterns[series.color] : patterns[0]
  context.setLineDash(dense ? [] : pattern.map((length) => length * ratio))
  context.lineWidth = dense ? Math.max(1, ratio) : (isGhost ? 1.25 : lineWidthPx) * ratio
  context.lineJoin = dense ? 'bevel' : 'round'
  // Dashes can't be told apart where a line fills its columns: there the period before is fainter instead.
  context.globalAlpha = isGhost ? (dense ? 0.35 : 0.6) : 1
  const { stroke, fill } = pathsOf(series, input, frame, ratio)
  if (fill) {
    context.fillStyle = fillOf(context, color, series, area, ratio)
    context.fill(fill)
  }
  if (stroke) {
    context.strokeStyle = color
    context.stroke(stroke)
  }
  context.globalAlpha = 1
}

function pathsOf({ type, stepMs }: PlotSeries, input: PathInput, frame: Frame, ratio: number): SeriesPaths {
  if (type === 'bar') return barPaths(input, frame, stepMs)
  if (type === 'scatter') return scatterPaths(input, frame, 2.5 * ratio)
  return linePaths(input, frame, type === 'area' || isStacked(type))
}

/** Indices of the first and last bucket in the window. */
function visible(timesMs: Float64Array, { startMs, endMs }: { startMs: number; endMs: number }): [number, number] {
  return [lowerBound(timesMs, startMs), lowerBound(timesMs, endMs + 1) - 1]
}

function extent(
  shown: readonly PlotSeries[],
  window: { startMs: number; endMs: number },
  isLog: boolean,
): [number, number] {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (const { timesMs, tops } of shown) {
    const [from, to] = visible(timesMs, window)
    findExtremes(tops, from, to)
    highest = Math.max(highest, high)
    lowest = Math.min(lowest, isLog && low <= 0 ? lowestPositive(tops, from, to) : low)
  }
  return [lowest, highest]
}

function lowestPositive(values: Float64Array, from: number, to: number): number {
  let lowest = Number.POSITIVE_INFINITY
  for (let i = from; i <= to; i++) if (values[i] > 0 && values[i] < lowest) lowest = values[i]
  return lowest
}

function fillOf(
  context: CanvasRenderingContext2D,
  color: string,
  { type }: PlotSeries,
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
