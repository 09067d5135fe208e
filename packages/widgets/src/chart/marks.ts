/** What is said about a chart beside its series: thresholds across it, annotations at times, and their attributes' grammar. */
import type { PlotArea } from './axes.js'
import type { PlotColors } from './colors.js'
import type { Axis } from './model.js'
import { isSeverity, type Severity } from './severity.js'
import { type Frame, pixelY } from './trace.js'

export interface Threshold {
  value: number
  severity: Severity
  label: string
  axis: Axis
}

export interface Annotation {
  startMs: number
  /** Of a span; absent for a moment. */
  endMs?: number | undefined
  title: string
  text: string
  severity: Severity
}

/** `200:warning,500:critical`, or JSON: `[{"value":200,"severity":"warning","label":"SLO","axis":"right"}]`. */
export function parseThresholds(text: string): Threshold[] | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('[')) {
    const list = parseJson(trimmed)
    return Array.isArray(list) ? complete(list.map((each) => thresholdOf(each))) : undefined
  }
  const parts = trimmed.split(',').filter((part) => part.trim() !== '')
  return complete(
    parts.map((part) => {
      const [value, severity, label] = part.split(':').map((piece) => piece.trim())
      return thresholdOf({ value: value === '' ? Number.NaN : Number(value), severity, label })
    }),
  )
}

function thresholdOf(each: unknown): Threshold | undefined {
  const { value, severity = 'warning', label = '', axis = 'left' } = (each ?? {}) as Record<string, unknown>
  if (typeof value !== 'number' || !Number.isFinite(value) || !isSeverity(severity)) return undefined
  if (axis !== 'left' && axis !== 'right') return undefined
  return { value, severity, label: String(label), axis }
}

function complete(list: (Threshold | undefined)[]): Threshold[] | undefined {
  return list.includes(undefined) ? undefined : (list as Threshold[])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A dashed line in the colour of its severity, with its name at the right end. */
export function paintThresholds(
  context: CanvasRenderingContext2D,
  thresholds: readonly Threshold[],
  frames: { left: Frame; right: Frame | undefined },
  area: PlotArea,
  ratio: number,
  colors: PlotColors,
): void {
  context.lineWidth = Math.max(1, Math.round(ratio))
  context.textAlign = 'right'
  context.textBaseline = 'alphabetic'
  for (const { value, severity, label, axis } of thresholds) {
    const frame = axis === 'right' ? frames.right : frames.left
    if (!frame) continue
    const y = Math.round(pixelY(frame, value)) + 0.5
    if (y < area.top * ratio || y > frame.bottom) continue
    const right = frame.left + area.width * ratio
    context.strokeStyle = context.fillStyle = colors[severity]
    context.setLineDash([4 * ratio, 3 * ratio])
    context.beginPath()
    context.moveTo(frame.left, y)
    context.lineTo(right, y)
    context.stroke()
    if (!label) continue
    const above = y - 4 * ratio > area.top * ratio + 10 * ratio
    // Lines may run through it: it stands on a rim of the surface's colour.
    const [x, base] = [right - 4 * ratio, above ? y - 4 * ratio : y + 12 * ratio]
    context.setLineDash([])
    context.save()
    context.strokeStyle = colors.surface
    context.lineWidth = 3 * ratio
    context.strokeText(label, x, base)
    context.restore()
    context.fillText(label, x, base)
  }
  context.setLineDash([])
}
