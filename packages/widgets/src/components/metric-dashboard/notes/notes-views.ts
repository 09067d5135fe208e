/** The form of a new annotation, and the list of those that the board shows. */
import type { Annotation } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ClientError } from '../../../client/errors.js'
import { formatClock, formatDateTime } from '../../../format/time.js'
import { icons } from '../../shared/icons.js'
import { boardMessages } from '../board-messages.js'
import { panelHead, selectField, textField } from '../editor/panel-parts.js'
import type { NoteDraft } from './board-notes.js'

export interface NotesInput {
  draft: NoteDraft
  list: readonly Annotation[] | undefined
  error: ClientError | undefined
  isSaving: boolean
  set(change: Partial<NoteDraft>): void
  save(): void
  remove(note: Annotation): void
  close(): void
}

const maxShown = 30
const severities = ['info', 'good', 'warning', 'critical'] as const

export function notesPanel(input: NotesInput): TemplateResult {
  const { draft, error, isSaving, set } = input
  const text = boardMessages().notes
  const submit = (event: Event) => {
    event.preventDefault()
    input.save()
  }
  return html`${panelHead(text.title, input.close)}
    <form class="form" @submit=${submit}>
      <p class="help">${text.help}</p>
      ${timeField(text.from, draft.startMs, true, (startMs) => startMs !== undefined && set({ startMs }))}
      ${timeField(text.until, draft.endMs, false, (endMs) => set({ endMs }))}
      ${textField({ label: text.what, name: 'note-title', value: draft.title, hint: text.whatHint, isLive: true, set: (title) => set({ title }) })}
      <label class="field"><span>${text.more}</span>
        <textarea rows="2" maxlength="4000" .value=${draft.text} @input=${(event: Event) => set({ text: (event.target as HTMLTextAreaElement).value })}></textarea>
      </label>
      ${selectField(
        text.severity,
        draft.severity,
        severities.map((severity) => [severity, text.severities[severity]] as const),
        (severity) => set({ severity: severity as NoteDraft['severity'] }),
      )}
      ${textField({ label: text.tags, name: 'note-tags', value: draft.tags, hint: 'region=eu,service=billing', set: (tags) => set({ tags }) })}
      ${error ? html`<p class="failure" role="alert">${error.message}</p>` : nothing}
      <button class="action primary save" ?disabled=${isSaving || draft.title.trim() === ''}>${text.save}</button>
    </form>
    ${listView(input)}`
}

function listView({ list, remove }: NotesInput): TemplateResult | typeof nothing {
  if (!list || list.length === 0) return nothing
  const text = boardMessages()
  return html`<h4 class="notes-head">${text.notes.shown}</h4>
    <ul class="notes">
      ${repeat(
        list.slice(0, maxShown),
        ({ id }) => id,
        (note) => html`<li>
          <i class="mark ${note.severity}" aria-hidden="true"></i>
          <span class="note-text"><strong>${note.title}</strong><time datetime=${note.time}>${spanOf(note)}</time></span>
          <button class="tool" aria-label=${text.remove(note.title)} title=${text.remove(note.title)} @click=${() => remove(note)}>${icons.close}</button>
        </li>`,
      )}
    </ul>`
}

function spanOf({ time, end }: Annotation): string {
  const from = formatDateTime(Date.parse(time))
  if (!end) return from
  const isSameDay = new Date(time).toDateString() === new Date(end).toDateString()
  return `${from} – ${(isSameDay ? formatClock : formatDateTime)(Date.parse(end))}`
}

function timeField(
  label: string,
  timeMs: number | undefined,
  isRequired: boolean,
  set: (timeMs: number | undefined) => void,
): TemplateResult {
  return html`<label class="field">
    <span>${label}</span>
    <input
      type="datetime-local" step="1" ?required=${isRequired} .value=${timeMs === undefined ? '' : localTime(timeMs)}
      @change=${(event: Event) => set(read(event.target as HTMLInputElement))}
    />
  </label>`
}

/** As the field has it: the reader's own clock, without a zone. */
function localTime(timeMs: number): string {
  const at = new Date(timeMs)
  return new Date(timeMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

function read({ value }: HTMLInputElement): number | undefined {
  const timeMs = Date.parse(value)
  return Number.isNaN(timeMs) ? undefined : timeMs
}
