/** Annotations as a page or the collector writes them, and their painting. Loaded with the first chart that has some. */
import type { PlotArea } from './axes.js'
import type { PlotColors } from './colors.js'
import type { Annotation } from './marks.js'
import { isSeverity } from './severity.js'
import type { Frame } from './trace.js'

/** Objects with `time` (ISO 8601 or Unix ms), and perhaps `end`, `title`, `text`, `severity`; what has no time is left out. */
export function toAnnotations(list: readonly unknown[]): Annotation[] {
  return list.flatMap((each) => {
    const { time, end, title, text, severity } = (each ?? {}) as Record<string, unknown>
    const startMs = toMs(time)
    if (Number.isNaN(startMs)) return []
    const endMs = toMs(end)
    const note: Annotation = {
      startMs,
      title: String(title ?? text ?? ''),
      text: title === undefined ? '' : String(text ?? ''),
      severity: isSeverity(severity) ? severity : 'info',
    }
    return [endMs > startMs ? { ...note, endMs } : note]
  })
}

function toMs(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? Date.parse(value) : Number.NaN
}

/** Spans as tinted bands; moments, and where spans begin, as a line under a small flag. */
export function paintAnnotations(
  context: CanvasRenderingContext2D,
  annotations: readonly Annotation[],
  frame: Frame,
  area: PlotArea,
  ratio: number,
  colors: PlotColors,
): void {
  const top = area.top * ratio
  const right = frame.left + area.width * ratio
  const xOf = (timeMs: number) => frame.left + (timeMs - frame.minX) * frame.pxPerX
  for (const { startMs, endMs, severity } of annotations) {
    const x = xOf(startMs)
    const end = endMs === undefined ? x : xOf(endMs)
    if (end < frame.left || x > right) continue
    const color = colors[severity]
    if (end > x) {
      context.globalAlpha = 0.1
      context.fillStyle = color
      context.fillRect(Math.max(x, frame.left), top, Math.min(end, right) - Math.max(x, frame.left), frame.bottom - top)
      context.globalAlpha = 1
    }
    if (x < frame.left) continue
    const sharp = Math.round(x) + 0.5
    context.strokeStyle = context.fillStyle = color
    context.lineWidth = Math.max(1, Math.round(ratio))
    context.setLineDash([2 * ratio, 3 * ratio])
    context.beginPath()
    context.moveTo(sharp, top)
    context.lineTo(sharp, frame.bottom)
    context.stroke()
    context.setLineDash([])
    const flag = 4.5 * ratio
    context.beginPath()
    context.moveTo(sharp - flag, top)
    context.lineTo(sharp + flag, top)
    context.lineTo(sharp, top + flag * 1.5)
    context.fill()
  }
}
