/** `<tag-filter>`: filters by tag for the tags of its group, with the tags and values that the collector has seen. */

import type { FilterCondition, Filters } from '@telltale/protocol/api'
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { queriesOf } from '../../client/query-client.js'
import { GroupController } from '../../controllers/group-controller.js'
import { ParamController } from '../../controllers/param-controller.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import '../../i18n/en-pick.js'
import { placePanel } from '../shared/panel.js'
import { pickerStyles } from '../shared/picker.styles.js'
import { list, parseFilters } from '../shared/query-attributes.js'
import { WidgetElement } from '../shared/widget-element.js'
import { Suggestions } from './suggestions.js'
import { tagFilterStyles } from './tag-filter.styles.js'

/** `detail` of `filter-change`: as a query takes them. */
export interface FilterDetail {
  filters: Filters
}

/**
 * @event {CustomEvent<FilterDetail>} filter-change - A filter was added, changed or removed.
 * @csspart chip - A filter that is set. @csspart button - What adds one. @csspart panel - What is offered.
 */
export class TagFilter extends WidgetElement {
  static override properties: PropertyDeclarations = {
    value: {},
    metric: { type: String },
    tags: { type: String },
    group: { type: String },
    param: { type: String },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, pickerStyles, tagFilterStyles]

  /** `key=value,key=value` or JSON; as a property also an object. */
  declare value: Filters | string
  /** Whose tags are offered; empty: those of every metric. */
  declare metric: string
  /** Offer these tags alone, comma-separated. */
  declare tags: string
  declare group: string
  /** Name of the address's parameter that keeps the value; empty: none. */
  declare param: string

  readonly #shared = new GroupController(this)
  readonly #address = new ParamController(this, (text) => {
    this.value = text
  })
  readonly #offers = new Suggestions(
    () => this.source.client && queriesOf(this.source.client),
    () => this.requestUpdate(),
  )
  /** The tag whose values are offered; empty: tags are. */
  #key = ''
  #text = ''
  #at = 0

  constructor() {
    super()
    this.value = ''
    this.metric = ''
    this.tags = ''
    this.group = ''
    this.param = ''
  }

  /** The filters that are set; none where `value` makes no sense. */
  get filters(): Filters {
    try {
      return parseFilters(this.value)
    } catch {
      return {}
    }
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has('value') || changed.has('group')) this.#shared.set({ filters: this.filters })
  }

  protected override render(): TemplateResult {
    const chips = Object.entries(this.filters).map(([key, condition]) => {
      const text = `${key} ${describe(condition)}`
      return html`<span class="chip" part="chip">
        <button class="what" @click=${() => this.#open(key)}>${text}</button>
        <button class="drop" aria-label=${messages.pick.remove(text)} @click=${() => this.#set(key, [])}>${icons.close}</button>
      </span>`
    })
    return html`<div class="row" role="group" aria-label=${messages.pick.filters}>
      ${chips}<button class="pick" part="button" @click=${() => this.#open('')}>${icons.plus}<span>${messages.pick.add}</span></button>
      ${this.#panelView()}
    </div>`
  }

  #panelView(): TemplateResult {
    const offers = this.#shown
    const name = this.#key ? messages.pick.values(this.#key) : messages.pick.tag
    return html`<div class="panel" part="panel" id="panel" popover @toggle=${this.#toggled}>
      <input
        class="text" role="combobox" aria-expanded="true" aria-controls="offers" aria-autocomplete="list" aria-label=${name}
        aria-activedescendant=${offers[this.#at] === undefined ? nothing : `offer-${this.#at}`}
        autocomplete="off" spellcheck="false" placeholder=${name} .value=${this.#text}
        @input=${this.#typed} @keydown=${this.#pressed}
      />
      <div class="list" id="offers" role="listbox" aria-label=${name} aria-multiselectable=${this.#key ? 'true' : 'false'}>
        ${offers.map((offer, i) => this.#offer(offer, i))}
      </div>
      ${this.#note(offers.length)}
    </div>`
  }

  #offer(offer: string, i: number): TemplateResult {
    const isChosen = this.#key !== '' && valuesOf(this.filters[this.#key]).includes(offer)
    return html`<div
      class="option ${i === this.#at ? 'at' : ''}" id="offer-${i}" role="option" aria-selected=${isChosen ? 'true' : 'false'}
      @click=${() => this.#take(offer)}
    >${offer}${isChosen ? icons.check : nothing}</div>`
  }

  #note(count: number): TemplateResult | typeof nothing {
    const { isLoading, error, isTruncated } = this.#offers
    const text = error?.message ?? (isLoading ? messages.pick.loading : count === 0 ? messages.pick.noneFound : '')
    if (text) return html`<p class="note ${error ? 'wrong' : ''}" role="status">${text}</p>`
    return isTruncated ? html`<p class="note">${messages.pick.truncated}</p>` : nothing
  }

  get #shown(): string[] {
    const wanted = this.#text.trim().toLowerCase()
    return this.#offers.list.filter((offer) => offer.toLowerCase().includes(wanted)).slice(0, 100)
  }

  get #panel(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.panel')!
  }

  #open(key: string): void {
    this.#show(key)
    if (!this.#panel.matches(':popover-open')) this.#panel.showPopover()
  }

  #show(key: string): void {
    this.#key = key
    this.#text = ''
    this.#at = 0
    this.#ask()
    this.requestUpdate()
  }

  #ask(): void {
    if (this.#key) void this.#offers.values(this.metric, this.#key, this.#text.trim())
    else void this.#offers.keys(this.metric, list(this.tags))
  }

  readonly #toggled = (event: ToggleEvent): void => {
    if (event.newState !== 'open') return
    placePanel(this.#panel, this.renderRoot.querySelector<HTMLElement>('.pick')!)
    this.#panel.querySelector('input')!.focus()
  }

  readonly #typed = (event: Event): void => {
    this.#text = (event.target as HTMLInputElement).value
    this.#at = 0
    if (this.#key) this.#ask()
    this.requestUpdate()
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    const offers = this.#shown
    if (event.key === 'Backspace' && this.#text === '' && this.#key) this.#show('')
    else if (event.key === 'Enter' && offers[this.#at] !== undefined) this.#take(offers[this.#at])
    else if (event.key === 'ArrowDown') this.#at = Math.min(offers.length - 1, this.#at + 1)
    else if (event.key === 'ArrowUp') this.#at = Math.max(0, this.#at - 1)
    else return
    event.preventDefault()
    this.requestUpdate()
    void this.updateComplete.then(() => this.#panel.querySelector('.at')?.scrollIntoView({ block: 'nearest' }))
  }

  /** A tag leads to its values; a value is set or taken back. */
  #take(offer: string): void {
    if (!this.#key) {
      this.#show(offer)
      return
    }
    const values = valuesOf(this.filters[this.#key])
    this.#set(this.#key, values.includes(offer) ? values.filter((value) => value !== offer) : [...values, offer])
  }

  #set(key: string, values: readonly string[]): void {
    const { [key]: _, ...others } = this.filters
    const condition = values.length === 1 ? values[0] : { in: [...values] }
    const filters: Filters = values.length === 0 ? others : { ...this.filters, [key]: condition }
    this.value = filters
    const isPlain = Object.values(filters).every((each) => typeof each === 'string' && !/[,=]/.test(each))
    const pairs = () => Object.entries(filters).map(([name, value]) => `${name}=${String(value)}`)
    this.#address.write(isPlain ? pairs().join(',') : JSON.stringify(filters))
    const detail: FilterDetail = { filters }
    this.dispatchEvent(new CustomEvent('filter-change', { detail, bubbles: true, composed: true }))
  }
}

function valuesOf(condition: Filters[string] | undefined): string[] {
  if (condition === undefined) return []
  if (typeof condition !== 'object') return [String(condition)]
  return (condition.in ?? (condition.eq === undefined ? [] : [condition.eq])).map(String)
}

function describe(condition: string | number | boolean | FilterCondition): string {
  if (typeof condition !== 'object') return `= ${String(condition)}`
  const { eq, in: any, not, prefix, exists } = condition
  const parts: string[] = []
  if (eq !== undefined) parts.push(`= ${String(eq)}`)
  if (any) parts.push(`= ${any.map(String).join(' | ')}`)
  if (not !== undefined) parts.push(`≠ ${[not].flat().map(String).join(' | ')}`)
  if (prefix !== undefined) parts.push(`= ${prefix}…`)
  if (exists !== undefined) parts.push(exists ? '✓' : '✗')
  return parts.join(' ')
}

declare global {
  interface HTMLElementTagNameMap {
    'tag-filter': TagFilter
  }
  interface HTMLElementEventMap {
    'filter-change': CustomEvent<FilterDetail>
  }
}
