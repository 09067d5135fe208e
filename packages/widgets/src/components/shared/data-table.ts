/** The data behind a drawing as an HTML table: for those who would rather read rows, by eye or by ear. */
import '../../i18n/en-values.js'
import { html, nothing, type TemplateResult } from 'lit'
import { type ExportColumn, type ExportTable, rowCount } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { formatDateTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { messages } from './messages.js'

const maxRows = 500

export function dataTable(table: ExportTable): TemplateResult {
  const count = rowCount(table)
  const shown = Math.min(count, maxRows)
  return html`<div class="data" tabindex="0" role="region" aria-label=${messages.showTable}>
      <table>
        <thead>
          <tr>${table.columns.map(({ name, kind }) => html`<th scope="col" class=${kind}>${name}</th>`)}</tr>
        </thead>
        <tbody>
          ${Array.from({ length: shown }, (_, row) => html`<tr>${table.columns.map((column) => cell(column, row))}</tr>`)}
        </tbody>
      </table>
    </div>
    ${count > shown ? html`<p class="sub data-more">${messages.matches(formatNumber(shown), formatNumber(count))}</p>` : nothing}`
}

function cell(column: ExportColumn, row: number): TemplateResult {
  return html`<td class=${column.kind}>${cellText(column, row)}</td>`
}

export function cellText({ kind, unit, values }: ExportColumn, row: number): string {
  const value = values[row]
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return kind === 'text' ? '' : '–'
  return kind === 'time' ? formatDateTime(value) : formatValue(value, unit ?? '')
}
