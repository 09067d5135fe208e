/** The line above a board: its name, what filters it, its range, and how it is changed. */
import { html, nothing, type TemplateResult } from 'lit'
import type { BoardContent } from '../../board/document.js'
import type { SaveState } from '../../client/board-session.js'
import { rangeText } from '../range-picker/range-value.js'
import { icons } from '../shared/icons.js'
import type { BoardGroups } from './board-groups.js'
import type { BoardMessages } from './board-messages.js'

export interface ToolbarInput {
  text: BoardMessages
  content: BoardContent
  groupName: string
  /** What the pickers begin with. */
  start: BoardGroups['start']
  editable: boolean
  editing: boolean
  saveState: SaveState
  error: string | undefined
  canUndo: boolean
  canRedo: boolean
  menu: TemplateResult
  rename(name: string): void
  toggle(): void
  add(): void
  undo(): void
  redo(): void
  retry(): void
}

export function toolbar(input: ToolbarInput): TemplateResult {
  const { text, content, editing, editable } = input
  return html`<div class="toolbar" part="toolbar" data-no-picture>
    ${
      editing
        ? html`<h2 class="hidden">${content.name}</h2><input
            class="name" aria-label=${text.fields.title} .value=${content.name} maxlength="255"
            @input=${(event: Event) => rename(event, input)} @change=${(event: Event) => restore(event, input)}
          />`
        : html`<h2>${content.name}</h2>`
    }
    <div class="controls">${editing ? nothing : controls(input)}</div>
    <div class="tools">
      ${editing ? editTools(input) : nothing}
      ${
        editable
          ? html`<button class="action toggle ${editing ? 'primary' : ''}" @click=${input.toggle}>${editing ? text.done : text.edit}</button>`
          : nothing
      }
      ${input.menu}
    </div>
  </div>`
}

/** Filters by the board's own tags, where it names some, else by any of the metric that it shows. */
function controls({ content, groupName, start }: ToolbarInput): TemplateResult {
  const metric = content.widgets.find(({ config }) => config.metric)?.config.metric
  const tags = Array.isArray(content.filters) ? content.filters.map(({ tag }) => tag).join(',') : ''
  return html`${metric ? html`<tag-filter group=${groupName} metric=${metric} tags=${tags} .value=${start.filters}></tag-filter>` : nothing}
    <range-picker group=${groupName} .value=${rangeText(start.fixed ? { range: undefined, fixed: start.fixed } : { range: start.range ?? '1h', fixed: null })} .timeZone=${start.timeZone ?? ''}></range-picker>
    <refresh-picker group=${groupName} .value=${start.interval ?? '5s'}></refresh-picker>`
}

function editTools(input: ToolbarInput): TemplateResult {
  const { text, saveState, error } = input
  return html`<span class="saved ${saveState}" role="status" title=${error ?? ''}>${text.saveStates[saveState]}</span>
    ${saveState === 'failed' ? html`<button class="tool" @click=${input.retry} title=${error ?? ''}>${icons.reset}</button>` : nothing}
    <button class="tool" aria-label=${text.undo} title=${text.undo} ?disabled=${!input.canUndo} @click=${input.undo}>${undoIcon}</button>
    <button class="tool flip" aria-label=${text.redo} title=${text.redo} ?disabled=${!input.canRedo} @click=${input.redo}>${undoIcon}</button>
    <button class="action add" aria-label=${text.add} @click=${input.add}>${icons.plus}<span>${text.add}</span></button>`
}

const undoIcon = html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H7"/></svg>`

function rename(event: Event, { rename: set }: ToolbarInput): void {
  const { value } = event.target as HTMLInputElement
  // An empty name is on its way to another one.
  if (value.trim() !== '') set(value)
}

function restore(event: Event, { content }: ToolbarInput): void {
  const input = event.target as HTMLInputElement
  if (input.value.trim() === '') input.value = content.name
}

/** Somebody else saved the same: the reader decides. */
export function conflictBar(text: BoardMessages, settle: (side: 'mine' | 'theirs') => void): TemplateResult {
  return html`<div class="conflict" role="alert" data-no-picture>
    ${icons.error}<span>${text.conflict}</span>
    <button class="action" @click=${() => settle('theirs')}>${text.takeTheirs}</button>
    <button class="action" @click=${() => settle('mine')}>${text.keepMine}</button>
  </div>`
}
