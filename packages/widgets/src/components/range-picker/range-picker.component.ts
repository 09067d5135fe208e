/** `<range-picker>`: which time the charts of its group show: the last so long, or from a moment to another, in which time zone. */
import { type CSSResultGroup, css, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { GroupController } from '../../controllers/group-controller.js'
import { ParamController } from '../../controllers/param-controller.js'
import { formatSpan } from '../../format/span.js'
import { formatDateTime } from '../../format/time.js'
import { isTimeZone } from '../../format/zone.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import '../../i18n/en-pick.js'
import { placePanel } from '../shared/panel.js'
import { pickerStyles } from '../shared/picker.styles.js'
import { list } from '../shared/query-attributes.js'
import { WidgetElement } from '../shared/widget-element.js'
import { fromLocalInput, parseRange, type RangeValue, rangeText, toLocalInput } from './range-value.js'

/** `detail` of `range-change`: `range` of a window that moves, or `start` and `end` of one that does not. */
export interface RangeDetail {
  range: string | null
  start: string | null
  end: string | null
  timeZone: string
}

const commonZones = [
  'UTC',
  'America/New_York',
  'America/Chicago',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Europe/London',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Shanghai',
  'Asia/Tokyo',
  'Australia/Sydney',
]

/**
 * @event {CustomEvent<RangeDetail>} range-change - Another range or time zone was chosen.
 * @csspart button - What opens the panel. @csspart panel - The panel.
 */
export class RangePicker extends WidgetElement {
  static override properties: PropertyDeclarations = {
    value: { type: String },
    presets: { type: String },
    timeZone: { type: String, attribute: 'time-zone' },
    group: { type: String },
    param: { type: String },
  }
  static override styles: CSSResultGroup = [
    WidgetElement.styles,
    pickerStyles,
    css`
      .panel {
        display: none;
        gap: 6px 14px;
        grid-template-columns: minmax(150px, auto) minmax(210px, 1fr);
      }
      .panel:popover-open {
        display: grid;
      }
      form {
        display: flex;
        flex-direction: column;
        gap: 8px;
        padding: 8px;
        border-inline-start: 1px solid var(--_line);
      }
      label {
        display: block;
        color: var(--_muted);
        font-size: 12px;
      }
      .apply {
        align-self: start;
        padding: 7px 16px;
        color: var(--_surface);
        background: var(--_accent);
        font-weight: 600;
      }
      @media (width < 480px) {
        .panel:popover-open {
          grid-template-columns: 1fr;
        }
        form {
          border-inline-start: 0;
          border-block-start: 1px solid var(--_line);
        }
      }
    `,
  ]

  /** `1h`, or `START/END` in ISO 8601. */
  declare value: string
  /** Durations to choose from, comma-separated. */
  declare presets: string
  /** IANA name; empty: the reader's own. */
  declare timeZone: string
  declare group: string
  /** Name of the address's parameter that keeps the value; empty: none. */
  declare param: string

  readonly #shared = new GroupController(this)
  readonly #address = new ParamController(this, (text) => {
    const [value, zone] = text.split('@')
    if (parseRange(value)) this.value = value
    if (zone && isTimeZone(zone)) this.timeZone = zone
  })
  #wrong = ''

  constructor() {
    super()
    this.value = '1h'
    this.presets = '5m,15m,1h,6h,24h,7d,30d'
    this.timeZone = ''
    this.group = ''
    this.param = ''
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!['value', 'timeZone', 'group'].some((name) => changed.has(name))) return
    const parsed = parseRange(this.value)
    if (parsed) this.#shared.set({ ...parsed, span: null, timeZone: this.timeZone || undefined })
  }

  protected override render(): TemplateResult {
    return html`<button class="pick" part="button" popovertarget="panel" aria-label="${messages.pick.range}: ${this.#label()}">
        ${icons.clock}<span>${this.#label()}</span>
      </button>
      <div class="panel" part="panel" id="panel" popover role="dialog" aria-label=${messages.pick.range} @toggle=${this.#toggled}>
        <div class="list" role="radiogroup" aria-label=${messages.pick.range} @keydown=${this.#walk}>
          ${list(this.presets).map((preset) => this.#preset(preset))}
        </div>
        ${this.#form()}
      </div>`
  }

  get #zone(): string | undefined {
    return this.timeZone || undefined
  }

  #label(): string {
    const parsed = parseRange(this.value)
    if (!parsed) return this.value
    const { range, fixed } = parsed
    if (!fixed) return messages.pick.last(formatSpan(range))
    return `${formatDateTime(fixed.startMs, this.#zone)} – ${formatDateTime(fixed.endMs, this.#zone)}`
  }

  #preset(preset: string): TemplateResult {
    const isChosen = preset === this.value
    return html`<button
      class="option" role="radio" aria-checked=${isChosen ? 'true' : 'false'} tabindex=${isChosen ? 0 : -1}
      @click=${() => this.#choose({ range: preset, fixed: null })}
    >${messages.pick.last(formatSpan(preset))}${isChosen ? icons.check : nothing}</button>`
  }

  #form(): TemplateResult {
    const nowMs = Math.floor(Date.now() / 60_000) * 60_000
    const fixed = parseRange(this.value)?.fixed ?? { startMs: nowMs - 86_400_000, endMs: nowMs }
    const moment = (name: string, label: string, timeMs: number) =>
      html`<label>${label}<input class="text" type="datetime-local" name=${name} required .value=${toLocalInput(timeMs, this.#zone)}></label>`
    return html`<form novalidate @submit=${this.#submit}>
      ${moment('from', messages.pick.from, fixed.startMs)}${moment('to', messages.pick.to, fixed.endMs)}
      <label>${messages.pick.zone}<input class="text" name="zone" list="zones" .value=${this.timeZone} placeholder=${messages.pick.ownZone}
        @change=${this.#zoneChanged} autocomplete="off" spellcheck="false"></label>
      <datalist id="zones">${commonZones.map((zone) => html`<option value=${zone}></option>`)}</datalist>
      ${this.#wrong ? html`<p class="note wrong" role="alert">${this.#wrong}</p>` : nothing}
      <button class="apply">${messages.pick.apply}</button>
    </form>`
  }

  get #panel(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.panel')!
  }

  readonly #toggled = (event: ToggleEvent): void => {
    if (event.newState !== 'open') return
    placePanel(this.#panel, this.renderRoot.querySelector<HTMLElement>('.pick')!)
    const first = this.#panel.querySelector<HTMLElement>('[aria-checked=true]') ?? this.#panel.querySelector('button')
    first?.focus()
  }

  readonly #walk = (event: KeyboardEvent): void => {
    const options = [...this.#panel.querySelectorAll<HTMLElement>('.option')]
    const at = options.indexOf(this.shadowRoot!.activeElement as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    options[(to + options.length) % options.length].focus()
  }

  readonly #zoneChanged = (event: Event): void => {
    const zone = (event.target as HTMLInputElement).value.trim()
    this.#wrong = zone && !isTimeZone(zone) ? messages.pick.badZone : ''
    this.requestUpdate()
    if (this.#wrong) return
    this.timeZone = zone
    this.#tell()
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.target as HTMLFormElement)
    const [startMs, endMs] = ['from', 'to'].map((name) => fromLocalInput(String(form.get(name)), this.#zone))
    const zone = String(form.get('zone')).trim()
    this.#wrong = zone && !isTimeZone(zone) ? messages.pick.badZone : endMs > startMs ? '' : messages.pick.badRange
    this.requestUpdate()
    if (!this.#wrong) this.#choose({ range: undefined, fixed: { startMs, endMs } })
  }

  #choose(value: RangeValue): void {
    this.#wrong = ''
    this.value = rangeText(value)
    this.#panel.hidePopover()
    this.#tell()
  }

  #tell(): void {
    this.#address.write(this.timeZone ? `${this.value}@${this.timeZone}` : this.value)
    const parsed = parseRange(this.value)
    const [start = null, end = null] = parsed?.fixed ? this.value.split('/') : []
    const detail: RangeDetail = { range: parsed?.range ?? null, start, end, timeZone: this.timeZone }
    this.dispatchEvent(new CustomEvent('range-change', { detail, bubbles: true, composed: true }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'range-picker': RangePicker
  }
  interface HTMLElementEventMap {
    'range-change': CustomEvent<RangeDetail>
  }
}
