/** Templates of the chart's parts: legend, tooltip, data table; and where the tooltip goes. */
import { html, nothing, type TemplateResult } from 'lit'
import type { ChartData } from '../../chart/model.js'
import { latest, valueAt } from '../../chart/summary.js'
import type { PlotCursor } from '../../chart/time-plot.js'
import { formatBucketTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { messages } from '../shared/messages.js'

const maxTipRows = 10
const maxTableRows = 200
const tipGapPx = 14
const screenMarginPx = 8

/** A button a series: its colour, label, and value under the cursor, or its newest. */
export function legend(
  data: ChartData,
  unit: string,
  hidden: ReadonlySet<string>,
  cursor: PlotCursor | null,
  toggle: (key: string) => void,
): TemplateResult | typeof nothing {
  const { series } = data
  // One series without tags is named by the title already.
  if (series.length === 1 && Object.keys(series[0].tags).length === 0) return nothing
  return html`<ul class="legend" part="legend">
    ${series.map(({ key, label, color, dashed }, i) => {
      const value = cursor ? valueAt(data, i, cursor.index) : latest(data, i)
      return html`<li>
        <button class="key" aria-pressed=${hidden.has(key) ? 'false' : 'true'} @click=${() => toggle(key)}>
          <i class="dot s${color} ${dashed ? 'dashed' : ''}"></i>${label}<b>${formatValue(value, unit)}</b>
        </button>
      </li>`
    })}
  </ul>`
}

/** Hidden from assistive technology: the live region says the same. */
export function tip(
  data: ChartData | undefined,
  unit: string,
  hidden: ReadonlySet<string>,
  cursor: PlotCursor | null,
): TemplateResult {
  return html`<div class="tip" part="tooltip" popover="manual" aria-hidden="true">
    ${data && cursor ? tipContent(data, unit, hidden, cursor.index) : nothing}
  </div>`
}

function tipContent(data: ChartData, unit: string, hidden: ReadonlySet<string>, index: number): TemplateResult {
  const rows = data.series
    .map((series, i) => ({ ...series, value: valueAt(data, i, index) }))
    .filter(({ key, value }) => value !== undefined && !hidden.has(key))
    .sort((a, b) => b.value! - a.value!)
  const more = rows.length - maxTipRows
  return html`<time>${formatBucketTime(data.timesMs[index], data.stepMs)}</time>
    ${rows
      .slice(0, maxTipRows)
      .map(
        ({ label, color, dashed, value }) =>
          html`<div><i class="dot s${color} ${dashed ? 'dashed' : ''}"></i><span>${label}</span><b>${formatValue(value, unit)}</b></div>`,
      )}
    ${more > 0 ? html`<div><span>+ ${more}</span></div>` : nothing}`
}

/** Beside the cursor, on the side that has room, and never off the screen. */
export function placeTip(tip: HTMLElement, cursor: PlotCursor | null, area: HTMLElement): void {
  const isOpen = tip.matches(':popover-open')
  if (!cursor || tip.childElementCount < 2) {
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

/** The same data as rows, newest first. */
export function table(data: ChartData, unit: string): TemplateResult {
  const { series, timesMs, values, stepMs } = data
  const count = Math.min(maxTableRows, timesMs.length)
  const rows = Array.from({ length: count }, (_, i) => timesMs.length - 1 - i)
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${messages.showTable}>
    <table>
      <thead>
        <tr><th scope="col">${messages.time}</th>${series.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map(
          (i) =>
            html`<tr><td>${formatBucketTime(timesMs[i], stepMs)}</td>${values.map((column) => html`<td>${formatValue(column[i], unit)}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** A line of code that would send what the chart waits for. */
export function sampleCode(metric: string, aggregation: string): string {
  if (additive.has(aggregation)) return `counter('${metric}').add(1)`
  if (/^p\d/.test(aggregation)) return `histogram('${metric}').record(12.3)`
  return `gauge('${metric}').set(21)`
}

const additive = new Set(['count', 'sum', 'increase', 'rate'])
