/** A chart's data as a table, and as what is exported: loaded when either is asked for. */
import { css, html, type TemplateResult } from 'lit'
import type { ChartData, PlotSeries } from '../../chart/model.js'
import { lowerBound } from '../../chart/summary.js'
import type { Span } from '../../client/group.js'
import type { ExportTable } from '../../export/table.js'
import { formatBucketTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { messages } from '../shared/messages.js'

const maxTableRows = 200

export const tableStyles = css`
  .scroll {
    flex: 1;
    overflow: auto;
    margin-block-end: 12px;
    border-radius: 8px;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 12px;
  }
  th,
  td {
    padding: 4px 10px;
    text-align: end;
    white-space: nowrap;
    border-block-end: 1px solid var(--_line);
  }
  th:first-child,
  td:first-child {
    text-align: start;
  }
  th {
    position: sticky;
    inset-block-start: 0;
    background: var(--_surface);
    color: var(--_muted);
    font-weight: 500;
  }
  td {
    direction: ltr;
    unicode-bidi: isolate;
  }
`

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
