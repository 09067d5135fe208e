/** `<refresh-picker>`: how often the charts of its group are fed; `off` keeps everything as it is. */
import type { Interval } from '@telltale/protocol/api'
import { type CSSResultGroup, css, html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { GroupController } from '../../controllers/group-controller.js'
import { ParamController } from '../../controllers/param-controller.js'
import { formatSpan } from '../../format/span.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import '../../i18n/en-pick.js'
import { pickerStyles } from '../shared/picker.styles.js'
import { list } from '../shared/query-attributes.js'
import { WidgetElement } from '../shared/widget-element.js'

/** `detail` of `refresh-change`. */
export interface RefreshDetail {
  interval: Interval | 'off'
}

const known = new Set(['off', 'live', '1s', '5s', '30s', '1m'])

/**
 * @event {CustomEvent<RefreshDetail>} refresh-change - Another interval was chosen.
 * @csspart select - The list.
 */
export class RefreshPicker extends WidgetElement {
  static override properties: PropertyDeclarations = {
    value: { type: String },
    intervals: { type: String },
    group: { type: String },
    param: { type: String },
  }
  static override styles: CSSResultGroup = [
    WidgetElement.styles,
    pickerStyles,
    css`
      select {
        font: inherit;
        font-weight: 550;
        color: inherit;
        background: none;
        border: 0;
        outline: 0;
        min-block-size: 32px;
        cursor: pointer;
      }
      .field {
        padding-inline-end: 4px;
      }
      .field:focus-within {
        outline: 2px solid var(--_accent);
        outline-offset: 2px;
      }
      option {
        background: var(--_raised);
      }
    `,
  ]

  /** `off`, `live`, `1s`, `5s`, `30s` or `1m`; empty: each tag's own. */
  declare value: Interval | 'off' | ''
  /** What can be chosen, comma-separated. */
  declare intervals: string
  declare group: string
  /** Name of the address's parameter that keeps the value; empty: none. */
  declare param: string

  readonly #shared = new GroupController(this)
  readonly #address = new ParamController(this, (text) => {
    if (known.has(text)) this.value = text as Interval | 'off'
  })

  constructor() {
    super()
    this.value = '5s'
    this.intervals = 'off,live,1s,5s,30s,1m'
    this.group = ''
    this.param = ''
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has('value') && !changed.has('group')) return
    this.#shared.set({ interval: known.has(this.value) ? (this.value as Interval | 'off') : undefined })
  }

  protected override render(): TemplateResult {
    const choices = list(this.intervals).filter((interval) => known.has(interval))
    return html`<label class="field">
      ${icons.reset}<select part="select" aria-label=${messages.pick.refresh} @change=${this.#changed}>
        ${choices.map((interval) => html`<option value=${interval} ?selected=${interval === this.value}>${nameOf(interval)}</option>`)}
      </select>
    </label>`
  }

  readonly #changed = (event: Event): void => {
    const interval = (event.target as HTMLSelectElement).value as Interval | 'off'
    this.value = interval
    this.#address.write(interval)
    const detail: RefreshDetail = { interval }
    this.dispatchEvent(new CustomEvent('refresh-change', { detail, bubbles: true, composed: true }))
  }
}

function nameOf(interval: string): string {
  if (interval === 'off') return messages.pick.off
  return interval === 'live' ? messages.pick.live : messages.pick.every(formatSpan(interval))
}

declare global {
  interface HTMLElementTagNameMap {
    'refresh-picker': RefreshPicker
  }
  interface HTMLElementEventMap {
    'refresh-change': CustomEvent<RefreshDetail>
  }
}
