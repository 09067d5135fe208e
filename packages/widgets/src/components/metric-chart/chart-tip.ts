/** The chart's tooltip: what it says, and where it goes. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Annotation } from '../../chart/marks.js'
import { type ChartData, isHidden, type PlotSeries } from '../../chart/model.js'
import { valueAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'
import { formatBucketTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'

const maxTipRows = 10
const tipGapPx = 14
const screenMarginPx = 8

export interface TipContent {
  data: ChartData
  hidden: ReadonlySet<string>
  cursor: PlotCursor
  annotations: readonly Annotation[]
  timeZone: string | undefined
  /** How close to the cursor an annotation has to be. */
  nearMs: number
}

/** Hidden from assistive technology: the live region says the same. */
export function tip(content: TipContent | undefined): TemplateResult {
  return html`<div class="tip" part="tooltip" popover="manual" aria-hidden="true" data-no-picture>
    ${content ? tipContent(content) : nothing}
  </div>`
}

function tipContent({ data, hidden, cursor, annotations, timeZone, nearMs }: TipContent): TemplateResult {
  const { timeMs } = cursor
  const before = new Map(data.series.filter(({ isGhost }) => isGhost).map((ghost) => [ghost.label, ghost]))
  const rows = data.series
    .map((series) => ({ series, value: valueAt(series, timeMs) }))
    .filter(({ series, value }) => value !== undefined && !series.isGhost && !isHidden(series, hidden))
    .sort((a, b) => b.value! - a.value!)
  const more = rows.length - maxTipRows
  const notes = annotations.filter(
    ({ startMs, endMs = startMs }) => startMs - nearMs <= timeMs && timeMs <= endMs + nearMs,
  )
  return html`<time>${formatBucketTime(timeMs, data.stepMs, timeZone)}</time>
    ${rows.slice(0, maxTipRows).map(({ series, value }) => tipRow(series, value!, before.get(series.label), timeMs, hidden))}
    ${more > 0 ? html`<div><span>+ ${more}</span></div>` : nothing}
    ${notes
      .slice(0, 3)
      .map(
        ({ title, text, severity }) =>
          html`<p class="note ${severity}">${title}${text ? html`<small>${text}</small>` : nothing}</p>`,
      )}`
}

function tipRow(
  series: PlotSeries,
  value: number,
  ghost: PlotSeries | undefined,
  timeMs: number,
  hidden: ReadonlySet<string>,
): TemplateResult {
  const earlier = ghost && !isHidden(ghost, hidden) ? valueAt(ghost, timeMs) : undefined
  return html`<div>
    ${dot(series)}<span>${series.label}</span><b>${formatValue(value, series.unit)}</b>
    ${earlier === undefined ? nothing : html`<small>${formatValue(earlier, series.unit)}</small>`}
  </div>`
}

export function dot({ color, dashed }: PlotSeries): TemplateResult {
  return html`<i class="dot s${color} ${dashed ? 'dashed' : ''}"></i>`
}

/** Beside the cursor, on the side that has room, and never off the screen. */
export function placeTip(tip: HTMLElement, cursor: PlotCursor | null, area: HTMLElement): void {
  const isOpen = tip.matches(':popover-open')
  if (!cursor || cursor.isForeign || tip.childElementCount < 2) {
    if (isOpen) tip.hidePopover()
    return
  }
  if (!isOpen) tip.showPopover()
  const { left, top, width } = area.getBoundingClientRect()
  const scale = width / area.offsetWidth || 1
  const x = left + cursor.left * scale
  const { offsetWidth, offsetHeight } = tip
  const { clientWidth, clientHeight } = document.documentElement
  const fitsRight = x + tipGapPx + offsetWidth <= clientWidth - screenMarginPx
  const wanted = fitsRight ? x + tipGapPx : x - tipGapPx - offsetWidth
  const clamp = (value: number, size: number, room: number) =>
    Math.max(screenMarginPx, Math.min(value, room - size - screenMarginPx))
  tip.style.left = `${clamp(wanted, offsetWidth, clientWidth)}px`
  tip.style.top = `${clamp(top + cursor.top * scale - offsetHeight / 2, offsetHeight, clientHeight)}px`
}
