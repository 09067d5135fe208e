/** The axes of a chart: which values and times are marked, how wide their labels are, and their painting. */
import { formatTick } from '../format/time.js'
import { axisFormatter } from '../format/unit.js'
import { currentLocale } from '../i18n/locale.js'
import type { PlotColors } from './colors.js'
import { logRange, valueRange } from './scale.js'
import { logTicks, ticksEvery, timeStep, valueTicks } from './ticks.js'
import { type Frame, pixelY } from './trace.js'

export interface ValueAxis {
  /** In units of the axis: logarithms where it is logarithmic. */
  low: number
  high: number
  isLog: boolean
  ticks: number[]
  labels: string[]
  /** Room that the labels take, in CSS pixels; 0 before they are measured. */
  width: number
  key: string
}

/** Labels of the window and of one half as long before and after it: they stay while time moves. */
interface TimeLabels {
  key: string
  fromMs: number
  toMs: number
  /** `half`: half of the label's width, in device pixels. */
  ticks: { timeMs: number; label: string; half: number }[]
}

/** What stood on a chart's axes in its last picture. Numbers in words and their widths cost more than a line's drawing. */
export interface AxisMemory {
  font: string
  left?: ValueAxis | undefined
  right?: ValueAxis | undefined
  time?: TimeLabels | undefined
}

export interface AxisOptions {
  unit: string
  zeroBased: boolean
  isLog: boolean
  /** Height of the plot, CSS pixels. */
  height: number
}

/** The plotting area within the canvas, in CSS pixels. */
export interface PlotArea {
  left: number
  top: number
  width: number
  height: number
}

const fontPx = 11
/** A chart as wide as a wall is read from further away. */
const wideFontPx = 14
const wideFromPx = 1600

export function fontSize(width: number): number {
  return width < wideFromPx ? fontPx : wideFontPx
}

export const labelGapPx = 8
const valueTickSpacePx = 34
const timeTickSpacePx = 72

/** `before` itself where nothing on it has changed. */
export function valueAxis(lowest: number, highest: number, options: AxisOptions, before?: ValueAxis): ValueAxis {
  const { unit, isLog, height } = options
  const { scale, format } = axisFormatter(unit, Math.max(Math.abs(lowest), Math.abs(highest)) || 1)
  const count = height / valueTickSpacePx
  const ceiling = ceilingOf(unit, scale)
  const [low, high] = isLog
    ? logRange(lowest, highest)
    : valueRange(lowest / scale, highest / scale, { zeroBased: options.zeroBased, ceiling })
  const key = `${low} ${high} ${scale} ${unit} ${isLog} ${height} ${currentLocale()}`
  if (before?.key === key) return before
  const ticks = isLog ? logTicks(low, high, count) : valueTicks(low, high, count).map((tick) => tick * scale)
  const labels = ticks.map((tick) => (tick === 0 ? '0' : format(tick)))
  const unscaled = isLog ? 1 : scale
  return { low: low * unscaled, high: high * unscaled, isLog, ticks, labels, width: 0, key }
}

function ceilingOf(unit: string, scale: number): number | undefined {
  if (unit === 'ratio') return 1 / scale
  return unit === 'percent' || unit === '%' ? 100 : undefined
}

/** In steps of eight, so that a label that gains a digit rarely moves the plot. */
export function labelWidth(context: CanvasRenderingContext2D, axis: ValueAxis, ratio: number): number {
  if (axis.width > 0) return axis.width
  const widest = Math.max(0, ...axis.labels.map((label) => context.measureText(label).width / ratio))
  axis.width = Math.ceil((widest + labelGapPx) / 8) * 8 + 2
  return axis.width
}

export function paintValueAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  area: PlotArea,
  ratio: number,
  axis: ValueAxis,
  colors: PlotColors,
  side: 'left' | 'right',
): void {
  const width = Math.max(1, Math.round(ratio))
  const right = frame.left + area.width * ratio
  context.lineWidth = width
  context.strokeStyle = colors.grid
  context.fillStyle = colors.muted
  context.textAlign = side === 'left' ? 'right' : 'left'
  context.textBaseline = 'middle'
  context.setLineDash([])
  context.beginPath()
  axis.ticks.forEach((tick, i) => {
    const y = Math.round(pixelY(frame, tick)) + (width % 2) / 2
    const x = side === 'left' ? frame.left - labelGapPx * ratio : right + labelGapPx * ratio
    context.fillText(axis.labels[i], x, y)
    // One grid is enough: that of the left axis.
    if (side === 'right') return
    context.moveTo(frame.left, y)
    context.lineTo(right, y)
  })
  context.stroke()
}

export function paintTimeAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  area: PlotArea,
  ratio: number,
  window: { startMs: number; endMs: number },
  colors: PlotColors,
  timeZone: string | undefined,
  memory: AxisMemory,
): void {
  context.fillStyle = colors.muted
  context.textAlign = 'center'
  context.textBaseline = 'top'
  memory.time = timeLabels(context, area, window, timeZone, memory.time)
  const right = context.canvas.width
  for (const { timeMs, label, half } of memory.time.ticks) {
    if (timeMs < window.startMs || timeMs > window.endMs) continue
    const x = frame.left + (timeMs - frame.minX) * frame.pxPerX
    // A label that would be cut off at the edge is left out.
    if (x - half >= 0 && x + half <= right) context.fillText(label, x, frame.bottom + 9 * ratio)
  }
}

function timeLabels(
  context: CanvasRenderingContext2D,
  { width }: PlotArea,
  { startMs, endMs }: { startMs: number; endMs: number },
  timeZone: string | undefined,
  before: TimeLabels | undefined,
): TimeLabels {
  const widthMs = endMs - startMs
  const key = `${widthMs} ${width} ${timeZone} ${currentLocale()}`
  if (before?.key === key && before.fromMs <= startMs && endMs <= before.toMs) return before
  const stepMs = timeStep(widthMs, width / timeTickSpacePx)
  const [fromMs, toMs] = [startMs - widthMs / 2, endMs + widthMs / 2]
  const ticks = ticksEvery(stepMs, fromMs, toMs, timeZone).map((timeMs) => {
    const label = formatTick(timeMs, stepMs, timeZone)
    return { timeMs, label, half: context.measureText(label).width / 2 }
  })
  return { key, fromMs, toMs, ticks }
}
