/** The axes of a chart: which values and times are marked, how wide their labels are, and their painting. */
import { formatTick } from '../format/time.js'
import { axisFormatter } from '../format/unit.js'
import type { PlotColors } from './colors.js'
import { logRange, valueRange } from './scale.js'
import { logTicks, timeTicks, valueTicks } from './ticks.js'
import { type Frame, pixelY } from './trace.js'

export interface ValueAxis {
  /** In units of the axis: logarithms where it is logarithmic. */
  low: number
  high: number
  isLog: boolean
  ticks: number[]
  labels: string[]
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

export const fontPx = 11
export const labelGapPx = 8
const valueTickSpacePx = 34
const timeTickSpacePx = 72

export function valueAxis(lowest: number, highest: number, options: AxisOptions): ValueAxis {
  const { unit, isLog, height } = options
  const { scale, format } = axisFormatter(unit, Math.max(Math.abs(lowest), Math.abs(highest)) || 1)
  const count = height / valueTickSpacePx
  const label = (tick: number) => (tick === 0 ? '0' : format(tick))
  if (isLog) {
    const [low, high] = logRange(lowest, highest)
    const ticks = logTicks(low, high, count)
    return { low, high, isLog, ticks, labels: ticks.map(label) }
  }
  const ceiling = ceilingOf(unit, scale)
  const [low, high] = valueRange(lowest / scale, highest / scale, { zeroBased: options.zeroBased, ceiling })
  const ticks = valueTicks(low, high, count).map((tick) => tick * scale)
  return { low: low * scale, high: high * scale, isLog, ticks, labels: ticks.map(label) }
}

function ceilingOf(unit: string, scale: number): number | undefined {
  if (unit === 'ratio') return 1 / scale
  return unit === 'percent' || unit === '%' ? 100 : undefined
}

/** In steps of eight, so that a label that gains a digit rarely moves the plot. */
export function labelWidth(context: CanvasRenderingContext2D, labels: readonly string[], ratio: number): number {
  const widest = Math.max(0, ...labels.map((label) => context.measureText(label).width / ratio))
  return Math.ceil((widest + labelGapPx) / 8) * 8 + 2
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
): void {
  context.fillStyle = colors.muted
  context.textAlign = 'center'
  context.textBaseline = 'top'
  const { stepMs, ticksMs } = timeTicks(window.startMs, window.endMs, area.width / timeTickSpacePx, timeZone)
  const right = context.canvas.width
  for (const tickMs of ticksMs) {
    const x = frame.left + (tickMs - frame.minX) * frame.pxPerX
    const label = formatTick(tickMs, stepMs, timeZone)
    // A label that would be cut off at the edge is left out.
    const half = context.measureText(label).width / 2
    if (x - half >= 0 && x + half <= right) context.fillText(label, x, frame.bottom + 9 * ratio)
  }
}
