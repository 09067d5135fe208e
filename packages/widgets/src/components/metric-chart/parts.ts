/** Templates of the chart's parts beside the plot: tooltip and data table; and where the tooltip goes. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Annotation } from '../../chart/marks.js'
import { type ChartData, isHidden, type PlotSeries } from '../../chart/model.js'
import { lowerBound, valueAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'
import type { Span } from '../../client/group.js'
import type { ExportTable } from '../../export/table.js'
import { formatBucketTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { messages } from '../shared/messages.js'

const maxTipRows = 10
const maxTableRows = 200
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

/** Every time in the window that a series has a bucket at, newest first. */
export function timesIn({ axes }: ChartData, { startMs, endMs }: Span): number[] {
  const times = new Set<number>()
  for (const axis of axes) for (const timeMs of axis) if (timeMs >= startMs && timeMs <= endMs) times.add(timeMs)
  return [...times].sort((a, b) => b - a)
}

/** The same data as rows, newest first. */
export function table(data: ChartData, window: Span, timeZone: string | undefined): TemplateResult {
  const series = data.series.filter(({ isGhost }) => !isGhost)
  const rows = timesIn(data, window).slice(0, maxTableRows)
  return html`<div class="scroll" part="table" tabindex="0" role="region" aria-label=${messages.showTable}>
    <table>
      <thead>
        <tr><th scope="col">${messages.time}</th>${series.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          (timeMs) =>
            html`<tr><td>${formatBucketTime(timeMs, data.stepMs, timeZone)}</td>${series.map((each) => html`<td>${formatValue(exactly(each, timeMs), each.unit)}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** What is in the window, oldest first: a column a series. */
export function chartTable(data: ChartData, window: Span, title: string): ExportTable {
  const times = timesIn(data, window).reverse()
  return {
    title,
    columns: [
      { name: 'time', kind: 'time', values: times },
      ...data.series
        .filter(({ isGhost }) => !isGhost)
        .map((series) => ({
          name: series.label,
          kind: 'number' as const,
          unit: series.unit,
          values: times.map((timeMs) => exactly(series, timeMs)),
        })),
    ],
  }
}

function exactly({ timesMs, values }: PlotSeries, timeMs: number): number | null {
  const at = lowerBound(timesMs, timeMs)
  return timesMs[at] === timeMs && !Number.isNaN(values[at]) ? values[at] : null
}
