/** A figure beside what it was: the new one, the old one, and how far it moved. */
import { html, type TemplateResult } from 'lit'

/** Smaller moves than this are noise. */
const steady = 0.02

export function change(
  now: number | null,
  before: number | null,
  format: (value: number) => string,
  better: 'up' | 'down' | 'neither',
): TemplateResult {
  const shown = now === null ? '–' : format(now)
  if (before === null) return html`<span class="change"><b>${shown}</b></span>`
  if (before === 0)
    return html`<span class="change"><b>${shown}</b><small>${now === 0 ? 'as before' : 'none before'}</small></span>`
  const was = html`<small>was ${format(before)}</small>`
  if (now === null || now === before) return html`<span class="change"><b>${shown}</b>${was}</span>`
  const moved = (now - before) / Math.abs(before)
  const isUp = moved > 0
  const mood =
    Math.abs(moved) < steady || better === 'neither' ? 'steady' : isUp === (better === 'up') ? 'better' : 'worse'
  const digits = Math.abs(moved) < 0.1 ? 1 : 0
  const percent = { style: 'percent', signDisplay: 'always', maximumFractionDigits: digits } as const
  const text = new Intl.NumberFormat('en', percent).format(moved)
  return html`<span class="change"><b>${shown}</b> <i class=${mood}>${isUp ? '▲' : '▼'} ${text}</i>${was}</span>`
}

export function milliseconds(ms: number): string {
  const [value, unit] = ms < 1000 ? [ms, 'millisecond'] : ms < 60_000 ? [ms / 1000, 'second'] : [ms / 60_000, 'minute']
  return new Intl.NumberFormat('en', { style: 'unit', unit, maximumSignificantDigits: 3 }).format(value)
}
