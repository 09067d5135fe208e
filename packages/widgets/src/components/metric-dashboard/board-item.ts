/** The frame of one widget on a board: the widget itself, and its handles while the board is edited. */
import type { DashboardWidget, Tags } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import { icons } from '../shared/icons.js'
import { emptyState } from '../shared/states.js'
import type { BoardMessages } from './board-messages.js'

export interface ItemInput {
  id: string
  name: string
  text: BoardMessages
  /** Undefined where this version does not draw the widget's type; `unknown` says so. */
  frame: HTMLElement | undefined
  unknown: string
  isEditing: boolean
  isLifted: boolean
  isChosen: boolean
  drag(event: PointerEvent, mode: 'move' | 'resize'): void
  gripKey(event: KeyboardEvent): void
  leave(): void
  configure(): void
  duplicate(): void
  remove(): void
}

export function itemView(input: ItemInput): TemplateResult {
  const { id, isLifted, isChosen, isEditing, frame, unknown } = input
  return html`<div
    class="item ${isLifted ? 'lifted' : ''} ${isChosen ? 'chosen' : ''}" part="item" role="listitem" data-id=${id}
  >
    ${frame ?? html`<div class="card">${emptyState(unknown, '')}</div>`}
    ${isEditing ? handles(input) : nothing}
  </div>`
}

function handles(input: ItemInput): TemplateResult {
  const { text, name, isLifted } = input
  const act = (label: string, icon: TemplateResult, run: () => void) =>
    html`<button class="act" aria-label=${label} title=${label} @click=${run}>${icon}</button>`
  return html`<div class="handles" data-no-picture>
      <button
        class="grip" aria-label=${text.move(name)} aria-describedby="move-help" aria-pressed=${isLifted} title=${text.move(name)}
        @pointerdown=${(event: PointerEvent) => input.drag(event, 'move')}
        @keydown=${input.gripKey} @blur=${input.leave} @dblclick=${input.configure}
      >${grip}</button>
      <span class="acts">
        ${act(text.configure(name), gear, input.configure)} ${act(text.duplicate(name), icons.copy, input.duplicate)}
        ${act(text.remove(name), icons.close, input.remove)}
      </span>
    </div>
    <button
      class="corner" tabindex="-1" aria-hidden="true" data-no-picture
      @pointerdown=${(event: PointerEvent) => input.drag(event, 'resize')}
    ></button>`
}

/** A widget with a link opens it, with the tags of what was chosen in their places. */
export function followLink({ config: { link } }: DashboardWidget, tags: Tags): void {
  const url = typeof link === 'string' ? linkOf(link, tags) : undefined
  if (url) location.assign(url)
}

/** Undefined for what is no web address: a stored `javascript:` would run in the host's page. */
export function linkOf(template: string, tags: Tags): string | undefined {
  const filled = template.replace(/\{([^}]+)\}/g, (_, tag: string) => encodeURIComponent(tags[tag] ?? ''))
  const url = URL.canParse(filled, document.baseURI) ? new URL(filled, document.baseURI) : undefined
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined
}

const grip = html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><g fill="currentColor"><circle cx="6" cy="4" r="1.2"/><circle cx="10" cy="4" r="1.2"/><circle cx="6" cy="8" r="1.2"/><circle cx="10" cy="8" r="1.2"/><circle cx="6" cy="12" r="1.2"/><circle cx="10" cy="12" r="1.2"/></g></svg>`
const gear = html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true"><path d="M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7"/><circle cx="10.7" cy="4.5" r="1.8"/><circle cx="5.2" cy="11.5" r="1.8"/></svg>`
