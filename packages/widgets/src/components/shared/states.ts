/** Templates of the states that every tag shares: empty, error, and the badge of what may be old. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Staleness, WidgetState } from '../../controllers/widget-state.js'
import { firstIcons as icons } from './first-icons.js'
import { messages } from './messages.js'

export function emptyState(title: string, text: string, code?: string): TemplateResult {
  return html`<div class="state" part="empty">
    ${icons.empty}<strong>${title}</strong>
    <p>${text}</p>
    ${code ? html`<code>${code}</code>` : nothing}
  </div>`
}

export function errorState(state: WidgetState, retry: () => void): TemplateResult {
  const { error, stale } = state
  const seconds = stale ? secondsUntil(stale) : undefined
  return html`<div class="state" part="error">
    ${icons.error}<strong role="alert">${messages.errorTitle}</strong>
    <p>${(error && messages.errors[error.code]) ?? error?.message} ${stale ? messages.retryIn(seconds ?? 0) : nothing}</p>
    <button class="action" @click=${retry}>${messages.retry}</button>
  </div>`
}

export function staleBadge(stale: Staleness | undefined): TemplateResult | typeof nothing {
  if (!stale) return nothing
  return html`<span class="badge" part="badge">${icons.offline}<span>${messages.stale(secondsUntil(stale), stale.sinceMs)}</span></span>`
}

function secondsUntil({ retryAtMs }: Staleness): number | undefined {
  return retryAtMs === undefined ? undefined : Math.max(0, Math.ceil((retryAtMs - Date.now()) / 1000))
}
