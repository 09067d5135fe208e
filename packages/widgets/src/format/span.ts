/** A length of time as attributes write it, in words: `15m` → "15 min", "15 Min.", "15 分". */
import { numberFormat } from './number.js'

const units: Record<string, string> = {
  ms: 'millisecond',
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
}

/** What is no duration is given back as it is. */
export function formatSpan(text: string): string {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text.trim())
  if (!match) return text
  return numberFormat({ style: 'unit', unit: units[match[2]], unitDisplay: 'short' }).format(Number(match[1]))
}
