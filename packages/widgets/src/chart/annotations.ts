/** Annotations as a page or the collector writes them. */
import type { Annotation } from './marks.js'
import { isSeverity } from './severity.js'

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
