/** `<metric-explorer>`: pick a metric of the catalogue, look at it in any way, and take the tag that shows it so. */

import '../../i18n/en-values.js'
import type { Filters, MetricInfo } from '@telltale/protocol/api'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { formatAgo } from '../../format/time.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import '../../i18n/en-pick.js'
import '../../i18n/en-explore.js'
import { list, parseFilters } from '../shared/query-attributes.js'
import { emptyState, errorState, staleBadge } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import {
  aggregationsOf,
  attributesOf,
  type Choice,
  escapeAttribute,
  tagName,
  tagText,
  type View,
  views,
} from './choice.js'
import { explorerStyles } from './metric-explorer.styles.js'
import { preview } from './preview.js'

const ranges = ['15m', '1h', '6h', '24h', '7d', '30d']
const catalogueEveryMs = 30_000
const saidCopiedMs = 2_000
const maxListed = 300

/** `detail` of `explore-change`. */
export interface ExploreDetail {
  choice: Choice
  /** The tag to paste. */
  html: string
}

/**
 * @event {CustomEvent<ExploreDetail>} explore-change - Something else is looked at.
 * @csspart card - The surface. @csspart metrics - The list of metrics. @csspart controls - What is asked. @csspart tag - The tag to paste.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 */
export class MetricExplorer extends WidgetElement {
  static override properties: PropertyDeclarations = {
    metric: { type: String, reflect: true },
    aggregation: { type: String, reflect: true },
    groupBy: { type: String, attribute: 'group-by', reflect: true },
    filters: {},
    range: { type: String, reflect: true },
    view: { type: String, reflect: true },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, explorerStyles]

  /** What is looked at; empty until one is picked. */
  declare metric: string
  declare aggregation: string
  /** Tags to split by, comma-separated. */
  declare groupBy: string
  declare filters: Filters | string
  declare range: string
  /** `line area bar stacked scatter ranking pie heatmap table gauge card`. */
  declare view: View

  readonly #catalogue = new PollController<MetricInfo[]>(this, this.source, () => catalogueRequest)
  #search = ''
  /** The filter that is being written. */
  #filterKey = ''
  #values: readonly string[] = []
  #copied: 'no' | 'yes' | 'failed' = 'no'
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    new VisibilityController(this, (visible) => this.#catalogue.setPaused(!visible))
    this.metric = ''
    this.aggregation = ''
    this.groupBy = ''
    this.filters = ''
    this.range = '1h'
    this.view = 'line'
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    if (!views.includes(this.view)) this.view = 'line'
    const info = this.#info
    if (!info) return
    if (!aggregationsOf(info).includes(this.aggregation)) this.aggregation = aggregationsOf(info)[0]
  }

  protected override updated(changed: PropertyValues<this>): void {
    const asked = ['metric', 'aggregation', 'groupBy', 'filters', 'range', 'view']
    if (!this.metric || !asked.some((name) => changed.has(name as keyof MetricExplorer))) return
    const detail: ExploreDetail = { choice: this.#choice, html: tagText(this.#choice) }
    this.dispatchEvent(new CustomEvent('explore-change', { detail, bubbles: true, composed: true }))
  }

  protected override render(): TemplateResult {
    const { state } = this.#catalogue
    return html`<div class="card" part="card" title="">
      ${state.phase === 'ready' ? html`${this.#metrics(state)}${this.#desk()}` : this.#stateView(state)}
    </div>`
  }

  protected override exportTitle(): string {
    return this.title || messages.explore.title
  }

  protected override exportTable(): ExportTable | undefined {
    const list = this.#catalogue.result
    if (!list) return undefined
    const text = (name: 'name' | 'kind' | 'unit' | 'description') => ({
      name,
      kind: 'text' as const,
      values: list.map((each) => each[name]),
    })
    return {
      title: this.exportTitle(),
      columns: [
        text('name'),
        text('kind'),
        text('unit'),
        text('description'),
        { name: 'series', kind: 'number', values: list.map(({ cardinality }) => cardinality) },
        { name: 'last_seen', kind: 'time', values: list.map(({ last_seen: at }) => (at ? Date.parse(at) : null)) },
      ],
    }
  }

  get #info(): MetricInfo | undefined {
    return this.#catalogue.result?.find(({ name }) => name === this.metric)
  }

  get #choice(): Choice {
    const { metric, aggregation, range, view } = this
    return { metric, aggregation, groupBy: list(this.groupBy), filters: this.#filters, range, view }
  }

  get #filters(): Filters {
    try {
      return parseFilters(this.filters)
    } catch (error) {
      if (error instanceof ClientError) return {}
      throw error
    }
  }

  #stateView(state: WidgetState): TemplateResult {
    if (state.phase === 'error') return errorState(state, () => this.#catalogue.retry())
    if (state.phase === 'empty') {
      return emptyState(messages.explore.title, messages.explore.noMetrics, "counter('orders.paid').add(1)")
    }
    return html`<div class="waiting" role="status" aria-label=${messages.loading}>
      ${Array.from({ length: 7 }, () => html`<div class="bone line"></div>`)}
    </div>`
  }

  #metrics(state: WidgetState): TemplateResult {
    const words = this.#search.toLowerCase().split(/\s+/).filter(Boolean)
    const found = this.#catalogue.result!.filter(({ name, description }) =>
      words.every((word) => `${name}\n${description}`.toLowerCase().includes(word)),
    )
    const nowMs = Date.now()
    return html`<div class="metrics" part="metrics">
      <div class="find">
        <label class="field">
          ${icons.search}
          <input type="search" aria-label=${messages.search} placeholder=${messages.search} .value=${this.#search}
            @input=${(event: Event) => this.#find((event.target as HTMLInputElement).value)} />
        </label>
        ${staleBadge(state.stale)}
      </div>
      <div class="names" role="listbox" aria-label=${messages.explore.metric} @keydown=${this.#key}>
        ${repeat(
          found.slice(0, maxListed),
          ({ name }) => name,
          (info, i) =>
            this.#entry(
              info,
              found.some(({ name }) => name === this.metric) ? info.name === this.metric : i === 0,
              nowMs,
            ),
        )}
      </div>
      ${found.length === 0 ? html`<p class="note" role="status">${messages.explore.noMatches}</p>` : nothing}
    </div>`
  }

  #entry(info: MetricInfo, isTabStop: boolean, nowMs: number): TemplateResult {
    const { name, kind, unit, cardinality, last_seen: seen } = info
    const facts = [
      [kind, unit === '1' ? '' : unit].filter(Boolean).join(', '),
      messages.explore.series(formatNumber(cardinality)),
      seen ? messages.explore.lastSeen(formatAgo(Date.parse(seen), nowMs)) : '',
    ]
    return html`<div
      class="entry" role="option" tabindex=${isTabStop ? 0 : -1} aria-selected=${name === this.metric ? 'true' : 'false'}
      title=${info.description} data-name=${name} @click=${() => this.#pick(name)}
    >
      <b>${breakable(name)}</b><span>${facts.filter(Boolean).join(' · ')}</span>
    </div>`
  }

  #desk(): TemplateResult {
    const info = this.#info
    if (!this.metric || !info) {
      return html`<div class="desk">${emptyState(messages.explore.pickMetric, '')}</div>`
    }
    return html`<div class="desk">
      <div class="controls" part="controls">
        ${choose(messages.explore.aggregation, aggregationsOf(info), this.aggregation, (value) => {
          this.aggregation = value
        })}
        ${choose(
          messages.explore.range,
          ranges.includes(this.range) ? ranges : [this.range, ...ranges],
          this.range,
          (value) => {
            this.range = value
          },
        )}
        ${choose(
          messages.explore.type,
          views,
          this.view,
          (value) => {
            this.view = value as View
          },
          (value) => messages.explore.types[value as View],
        )}
      </div>
      ${this.#tagControls(info)}
      <div class="preview">${preview(this.#choice)}</div>
      ${this.#tagBox()}
    </div>`
  }

  #tagControls({ attributes }: MetricInfo): TemplateResult | typeof nothing {
    if (attributes.length === 0) return nothing
    const chosen = list(this.groupBy)
    const filters = Object.entries(this.#filters)
    return html`<fieldset class="chips">
        <legend>${messages.explore.groupBy}</legend>
        ${attributes.map(
          (key) =>
            html`<button class="chip" aria-pressed=${chosen.includes(key) ? 'true' : 'false'} @click=${() => this.#split(key)}>${key}</button>`,
        )}
      </fieldset>
      <fieldset class="chips">
        <legend>${messages.explore.filters}</legend>
        ${filters.map(
          ([
            key,
            value,
          ]) => html`<span class="chip on">${key} = ${typeof value === 'object' ? JSON.stringify(value) : String(value)}
            <button aria-label=${messages.explore.removeFilter(key)} @click=${() => this.#removeFilter(key)}>${icons.close}</button>
          </span>`,
        )}
        <form class="filter" @submit=${this.#addFilter}>
          <select name="key" aria-label=${messages.name} @change=${this.#keyChosen}>
            ${attributes.map((key) => html`<option .selected=${key === this.#filterKey}>${key}</option>`)}
          </select>
          <input name="value" list="values" required autocomplete="off" aria-label=${messages.value} placeholder=${messages.value}
            @focus=${this.#askValues} @input=${this.#askValues} />
          <datalist id="values">${this.#values.map((value) => html`<option value=${value}></option>`)}</datalist>
          <button class="tool" type="submit">${icons.plus}<span>${messages.explore.addFilter}</span></button>
        </form>
      </fieldset>`
  }

  #tagBox(): TemplateResult {
    const name = tagName(this.view)
    const label = { no: messages.explore.copy, yes: messages.explore.copied, failed: messages.explore.copyFailed }
    return html`<div class="paste">
      <pre part="tag" tabindex="0" role="region" aria-label=${messages.explore.tag}><code>&lt;<i class="t">${name}</i>${attributesOf(
        this.#choice,
      ).map(
        ([key, value]) => html` <i class="a">${key}</i>="<i class="v">${escapeAttribute(value)}</i>"`,
      )}&gt;&lt;/<i class="t">${name}</i>&gt;</code></pre>
      <button class="action copy" @click=${this.#copy}>${this.#copied === 'yes' ? icons.check : icons.copy}<span aria-live="polite">${label[this.#copied]}</span></button>
    </div>`
  }

  #find(search: string): void {
    this.#search = search
    this.requestUpdate()
  }

  #pick(name: string): void {
    if (name === this.metric) return
    this.metric = name
    this.groupBy = ''
    this.filters = ''
    this.#filterKey = ''
    this.#values = []
  }

  #split(key: string): void {
    const chosen = list(this.groupBy)
    this.groupBy = (chosen.includes(key) ? chosen.filter((each) => each !== key) : [...chosen, key]).join(',')
  }

  #removeFilter(key: string): void {
    const { [key]: _, ...rest } = this.#filters
    this.filters = rest
  }

  readonly #keyChosen = (event: Event): void => {
    this.#filterKey = (event.target as HTMLSelectElement).value
    this.#values = []
    this.requestUpdate()
  }

  readonly #askValues = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement
    const key = input.form!.querySelector('select')!.value
    const { metric } = this
    // Suggestions are a help: without them a value can still be written.
    const { client } = this.source
    const asked = client && queriesOf(client).tagValues(metric, key, input.value)
    const answer = await asked?.catch(() => undefined)
    if (!answer || metric !== this.metric) return
    this.#values = answer.data.slice(0, 50)
    this.requestUpdate()
  }

  readonly #addFilter = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const key = form.querySelector('select')!.value
    const input = form.querySelector('input')!
    this.filters = { ...this.#filters, [key]: input.value }
    input.value = ''
  }

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(tagText(this.#choice))
      this.#copied = 'yes'
    } catch {
      // Pages of other origins, and those without focus, may not.
      this.#copied = 'failed'
    }
    this.requestUpdate()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#copied = 'no'
      this.requestUpdate()
    }, saidCopiedMs)
  }

  readonly #key = (event: KeyboardEvent): void => {
    const entries = [...this.renderRoot.querySelectorAll<HTMLElement>('.entry')]
    const at = entries.indexOf(event.target as HTMLElement)
    if (at < 0) return
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key]
    if (event.key === 'Enter' || event.key === ' ') this.#pick(entries[at].dataset.name!)
    else if (to === undefined || !entries[to]) return
    else entries[to].focus()
    event.preventDefault()
  }
}

const catalogueRequest: Poll<MetricInfo[]> = {
  key: 'catalogue',
  intervalMs: catalogueEveryMs,
  ask: async (client) => (await queriesOf(client).catalogue()).data,
  isEmpty: (metrics) => metrics.length === 0,
}

function choose(
  label: string,
  options: readonly string[],
  value: string,
  chosen: (value: string) => void,
  name: (value: string) => string = (each) => each,
): TemplateResult {
  return html`<label class="choose">
    <span>${label}</span>
    <select @change=${(event: Event) => chosen((event.target as HTMLSelectElement).value)}>
      ${options.map((each) => html`<option value=${each} .selected=${each === value}>${name(each)}</option>`)}
    </select>
  </label>`
}

/** Dots are places where a long name may be broken. */
function breakable(name: string): string {
  return name.replace(/[._/](?=\w)/g, '$&\u200b')
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-explorer': MetricExplorer
  }
  interface HTMLElementEventMap {
    'explore-change': CustomEvent<ExploreDetail>
  }
}
