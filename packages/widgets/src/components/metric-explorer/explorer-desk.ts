/** What the explorer works with: the list of metrics, and the desk on which one is looked at. Loaded with the first explorer. */

import '../../i18n/en-pick.js'
import '../../i18n/en-explore.js'
import type { Filters, MetricInfo } from '@telltale/protocol/api'
import { html, nothing, type ReactiveController, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import type { ClientController } from '../../controllers/client-controller.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { formatAgo } from '../../format/time.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { list, parseFilters } from '../shared/query-attributes.js'
import { emptyState, staleBadge } from '../shared/states.js'
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
import type { ExploreDetail, MetricExplorer } from './metric-explorer.component.js'
import { preview } from './preview.js'

export { deskStyles } from './desk.styles.js'

const ranges = ['15m', '1h', '6h', '24h', '7d', '30d']
const catalogueEveryMs = 30_000
const saidCopiedMs = 2_000
const maxListed = 300

export class ExplorerDesk implements ReactiveController {
  readonly #host: MetricExplorer
  readonly #source: ClientController
  readonly #catalogue: PollController<MetricInfo[]>
  /** The choice that the page has been told. */
  #told = ''
  #search = ''
  /** The filter that is being written. */
  #filterKey = ''
  #values: readonly string[] = []
  #copied: 'no' | 'yes' | 'failed' = 'no'
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: MetricExplorer, source: ClientController) {
    this.#host = host
    this.#source = source
    this.#catalogue = new PollController(host, source, () => catalogueRequest)
    new VisibilityController(host, (visible) => this.#catalogue.setPaused(!visible))
    host.addController(this)
  }

  get state(): WidgetState {
    return this.#catalogue.state
  }

  get title(): string {
    return messages.explore.title
  }

  retry(): void {
    this.#catalogue.retry()
  }

  hostUpdate(): void {
    if (!views.includes(this.#host.view)) this.#host.view = 'line'
    const info = this.#info
    if (!info) return
    if (!aggregationsOf(info).includes(this.#host.aggregation)) this.#host.aggregation = aggregationsOf(info)[0]
  }

  hostUpdated(): void {
    if (!this.#host.metric) return
    const choice = this.#choice
    const told = JSON.stringify(choice)
    if (told === this.#told) return
    this.#told = told
    const detail: ExploreDetail = { choice, html: tagText(choice) }
    this.#host.dispatchEvent(new CustomEvent('explore-change', { detail, bubbles: true, composed: true }))
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
  }

  render(): TemplateResult {
    const { state } = this
    return state.phase === 'empty'
      ? emptyState(messages.explore.title, messages.explore.noMetrics, "counter('orders.paid').add(1)")
      : html`${this.#metrics(state)}${this.#desk()}`
  }

  exportTable(title: string): ExportTable | undefined {
    const list = this.#catalogue.result
    if (!list) return undefined
    const text = (name: 'name' | 'kind' | 'unit' | 'description') => ({
      name,
      kind: 'text' as const,
      values: list.map((each) => each[name]),
    })
    return {
      title,
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
    return this.#catalogue.result?.find(({ name }) => name === this.#host.metric)
  }

  get #choice(): Choice {
    const { metric, aggregation, range, view } = this.#host
    return { metric, aggregation, groupBy: list(this.#host.groupBy), filters: this.#filters, range, view }
  }

  get #filters(): Filters {
    try {
      return parseFilters(this.#host.filters)
    } catch (error) {
      if (error instanceof ClientError) return {}
      throw error
    }
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
              found.some(({ name }) => name === this.#host.metric) ? info.name === this.#host.metric : i === 0,
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
      class="entry" role="option" tabindex=${isTabStop ? 0 : -1} aria-selected=${name === this.#host.metric ? 'true' : 'false'}
      title=${info.description} data-name=${name} @click=${() => this.#pick(name)}
    >
      <b>${breakable(name)}</b><span>${facts.filter(Boolean).join(' · ')}</span>
    </div>`
  }

  #desk(): TemplateResult {
    const info = this.#info
    if (!this.#host.metric || !info) {
      return html`<div class="desk">${emptyState(messages.explore.pickMetric, '')}</div>`
    }
    return html`<div class="desk">
      <div class="controls" part="controls">
        ${choose(messages.explore.aggregation, aggregationsOf(info), this.#host.aggregation, (value) => {
          this.#host.aggregation = value
        })}
        ${choose(
          messages.explore.range,
          ranges.includes(this.#host.range) ? ranges : [this.#host.range, ...ranges],
          this.#host.range,
          (value) => {
            this.#host.range = value
          },
        )}
        ${choose(
          messages.explore.type,
          views,
          this.#host.view,
          (value) => {
            this.#host.view = value as View
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
    const chosen = list(this.#host.groupBy)
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
    const name = tagName(this.#host.view)
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
    this.#host.requestUpdate()
  }

  #pick(name: string): void {
    if (name === this.#host.metric) return
    this.#host.metric = name
    this.#host.groupBy = ''
    this.#host.filters = ''
    this.#filterKey = ''
    this.#values = []
  }

  #split(key: string): void {
    const chosen = list(this.#host.groupBy)
    this.#host.groupBy = (chosen.includes(key) ? chosen.filter((each) => each !== key) : [...chosen, key]).join(',')
  }

  #removeFilter(key: string): void {
    const { [key]: _, ...rest } = this.#filters
    this.#host.filters = rest
  }

  readonly #keyChosen = (event: Event): void => {
    this.#filterKey = (event.target as HTMLSelectElement).value
    this.#values = []
    this.#host.requestUpdate()
  }

  readonly #askValues = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement
    const key = input.form!.querySelector('select')!.value
    const { metric } = this.#host
    // Suggestions are a help: without them a value can still be written.
    const { client } = this.#source
    const asked = client && queriesOf(client).tagValues(metric, key, input.value)
    const answer = await asked?.catch(() => undefined)
    if (!answer || metric !== this.#host.metric) return
    this.#values = answer.data.slice(0, 50)
    this.#host.requestUpdate()
  }

  readonly #addFilter = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const key = form.querySelector('select')!.value
    const input = form.querySelector('input')!
    this.#host.filters = { ...this.#filters, [key]: input.value }
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
    this.#host.requestUpdate()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#copied = 'no'
      this.#host.requestUpdate()
    }, saidCopiedMs)
  }

  readonly #key = (event: KeyboardEvent): void => {
    const entries = [...this.#host.renderRoot.querySelectorAll<HTMLElement>('.entry')]
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
