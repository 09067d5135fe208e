/** Small parts of the editor: its head, and its labelled controls. */
import { html, type TemplateResult } from 'lit'
import { icons } from '../../shared/icons.js'
import { boardMessages } from '../board-messages.js'

export function panelHead(title: string, close: () => void): TemplateResult {
  const { close: label } = boardMessages()
  return html`<div class="panel-head">
    <h3>${title}</h3>
    <button class="tool" aria-label=${label} title=${label} @click=${close}>${icons.close}</button>
  </div>`
}

export interface TextField {
  label: string
  value: string
  hint?: string
  /** Id of the list of what may be chosen. */
  options?: readonly string[]
  name: string
  /** With each letter; else once it is done. */
  isLive?: boolean
  set(value: string): void
}

/** Suggestions are offered, never forced: a metric may be named before its first sample. */
export function textField({ label, value, hint, options, name, isLive, set }: TextField): TemplateResult {
  const heard = (event: Event) => set((event.target as HTMLInputElement).value.trim())
  return html`<label class="field">
    <span>${label}</span>
    <input
      .value=${value} placeholder=${hint ?? ''} list=${options ? `list-${name}` : ''} autocomplete="off" spellcheck="false"
      @input=${isLive ? heard : undefined} @change=${heard}
    />
    ${options ? html`<datalist id="list-${name}">${options.map((option) => html`<option value=${option}></option>`)}</datalist>` : ''}
  </label>`
}

export function selectField(
  label: string,
  value: string,
  options: readonly (readonly [value: string, label: string])[],
  set: (value: string) => void,
): TemplateResult {
  return html`<label class="field">
    <span>${label}</span>
    <select @change=${(event: Event) => set((event.target as HTMLSelectElement).value)}>
      ${options.map(([option, name]) => html`<option value=${option} .selected=${option === value}>${name}</option>`)}
    </select>
  </label>`
}
