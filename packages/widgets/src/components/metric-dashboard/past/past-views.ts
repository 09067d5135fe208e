/** How the versions of a board are listed, and what stands over the board while one is looked at. */
import type { DashboardWidget } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { BoardChanges } from '../../../board/changes.js'
import type { ClientError } from '../../../client/errors.js'
import { formatAgo, formatDateTime } from '../../../format/time.js'
import { icons } from '../../shared/icons.js'
import { messages } from '../../shared/messages.js'
import { boardMessages } from '../board-messages.js'
import { panelHead } from '../editor/panel-parts.js'
import type { SavedVersion } from './board-past.js'

interface Row {
  version: SavedVersion
  /** Undefined while they are read, and for the oldest version that is kept. */
  changes: BoardChanges | undefined
  isFirst: boolean
}

export interface VersionsInput {
  versions: readonly Row[] | undefined
  chosen: number | undefined
  hasMore: boolean
  error: ClientError | undefined
  choose(version: SavedVersion): void
  more(): void
  retry(): void
  close(): void
}

const maxNames = 3

export function versionsPanel(input: VersionsInput): TemplateResult {
  const text = boardMessages()
  const { versions, error } = input
  return html`${panelHead(text.history, input.close)}
    ${
      error
        ? html`<div class="note-box">
            <p role="alert">${error.message}</p>
            <button class="action" @click=${input.retry}>${messages.retry}</button>
          </div>`
        : nothing
    }
    ${
      versions
        ? html`<ol class="versions">${repeat(
            versions,
            ({ version }) => version.version,
            (row, i) => rowView(row, i === 0, input),
          )}</ol>`
        : error
          ? nothing
          : waiting()
    }
    ${input.hasMore ? html`<button class="action older" @click=${input.more}>${text.older}</button>` : nothing}`
}

function rowView(
  { version, changes, isFirst }: Row,
  isCurrent: boolean,
  { chosen, choose }: VersionsInput,
): TemplateResult {
  const text = boardMessages()
  const savedMs = Date.parse(version.saved_at)
  const isChosen = chosen === version.version || (isCurrent && chosen === undefined)
  return html`<li>
    <button class="version" aria-pressed=${isChosen} @click=${() => choose(version)}>
      <span class="when">
        <time datetime=${version.saved_at} title=${formatDateTime(savedMs)}>${formatAgo(savedMs, Date.now())}</time>
        ${isCurrent ? html`<span class="badge">${text.current}</span>` : html`<small>${formatDateTime(savedMs)}</small>`}
      </span>
      <span class="what">${isFirst ? text.created : changes ? sentence(changes) : version.name}</span>
    </button>
  </li>`
}

function sentence({ added, removed, changed, isMoved, isRenamed, isSet }: BoardChanges): string {
  const text = boardMessages()
  const parts = [
    added.length > 0 && text.changes.added(namesOf(added)),
    removed.length > 0 && text.changes.removed(namesOf(removed)),
    changed.length > 0 && text.changes.changed(namesOf(changed)),
    isMoved && added.length + removed.length === 0 && text.changes.moved,
    isRenamed && text.changes.renamed,
    isSet && text.changes.set,
  ].filter((part) => part !== false)
  return parts.length > 0 ? parts.join(' · ') : text.changes.none
}

function namesOf(widgets: readonly DashboardWidget[]): string {
  const { kinds } = boardMessages()
  const names = widgets.map(({ config, type }) => config.title || config.metric || kinds[type] || type)
  const more = names.length - maxNames
  return names.slice(0, maxNames).join(', ') + (more > 0 ? ` +${more}` : '')
}

/** Instead of the board: what it was. */
export function previewBar({ saved_at }: SavedVersion, restore: () => void, back: () => void): TemplateResult {
  const text = boardMessages()
  return html`<div class="past" role="status" data-no-picture>
    ${icons.clock}<span>${text.asItWas(formatDateTime(Date.parse(saved_at)))}</span>
    <button class="action" @click=${back}>${text.backToCurrent}</button>
    <button class="action primary" @click=${restore}>${text.restore}</button>
  </div>`
}

export function restoredBar({ saved_at }: SavedVersion, undo: () => void, close: () => void): TemplateResult {
  const text = boardMessages()
  return html`<div class="past" role="status" data-no-picture>
    ${icons.clock}<span>${text.restored(formatDateTime(Date.parse(saved_at)))}</span>
    <button class="action" @click=${undo}>${text.undo}</button>
    <button class="tool" aria-label=${text.close} title=${text.close} @click=${close}>${icons.close}</button>
  </div>`
}

function waiting(): TemplateResult {
  return html`<div class="form" role="status" aria-label=${messages.loading}>
    ${Array.from({ length: 5 }, () => html`<div class="bone version"></div>`)}
  </div>`
}
