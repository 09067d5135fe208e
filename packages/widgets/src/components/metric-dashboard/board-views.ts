/** What stands in the place of a board, or of its widgets. */
import type { DashboardWidget } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import type { Cell } from '../../board/layout.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { boardMessages } from './board-messages.js'

export function emptyBoard(editable: boolean, add: () => void): TemplateResult {
  const text = boardMessages()
  return html`<div class="blank" part="empty">
    ${icons.empty}<strong>${text.emptyTitle}</strong>
    <p>${editable ? text.emptyText : text.emptyRead}</p>
    ${editable ? html`<button class="action" @click=${add}>${text.add}</button>` : nothing}
  </div>`
}

export function failedBoard(message: string, retry: () => void): TemplateResult {
  return html`<div class="card alone" part="error">
    <div class="state">
      ${icons.error}<strong role="alert">${messages.errorTitle}</strong>
      <p>${message}</p>
      <button class="action" @click=${retry}>${messages.retry}</button>
    </div>
  </div>`
}

export function skeleton(): TemplateResult {
  return html`<div class="board" role="status" aria-label=${messages.loading}>
    <div class="toolbar"><div class="bone name"></div></div>
    <div class="grid c12 bones">${Array.from({ length: 5 }, () => html`<div class="bone"></div>`)}</div>
  </div>`
}

/** Under a board that takes turns with others: which one it is. */
export function pager(name: string, { at, of }: { at: number; of: number }): TemplateResult {
  return html`<div class="pager" part="pager" data-no-picture>
    <span>${name}</span>
    ${Array.from({ length: of }, (_, i) => html`<i class=${i === at ? 'on' : ''}></i>`)}
    <span class="hidden">${at + 1} / ${of}</span>
  </div>`
}

/** In reading order, so that Tab goes as the eye does. */
export function inOrder(widgets: readonly DashboardWidget[], cells: readonly Cell[]): DashboardWidget[] {
  const rank = new Map([...cells].sort((a, b) => a.y - b.y || a.x - b.x).map(({ id }, i) => [id, i]))
  return [...widgets].sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0))
}
