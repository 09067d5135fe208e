/** What can be set about a widget; the widget on the board follows each change at once. */
import type { DashboardWidget, Filters } from '@telltale/protocol/api'
import { html, nothing, type TemplateResult } from 'lit'
import { kindOf, type WidgetField, type WidgetKindName, widgetKinds } from '../../../board/widget-kinds.js'
import { icons } from '../../shared/icons.js'
import { boardMessages } from '../board-messages.js'
import type { Facts } from './board-editor.js'
import { panelHead, selectField, textField } from './panel-parts.js'

interface ConfigInput {
  widget: DashboardWidget
  facts: Facts
  set(change: DashboardWidget['config']): void
  changeType(type: WidgetKindName): void
  close(): void
}

/** What each kind of metric can be asked for. */
const aggregations: Readonly<Record<string, readonly string[]>> = {
  counter: ['rate', 'increase', 'sum', 'count'],
  upDownCounter: ['last', 'avg', 'min', 'max', 'sum', 'rate'],
  gauge: ['avg', 'last', 'min', 'max', 'sum', 'count', 'p50', 'p95', 'p99'],
  histogram: ['p50', 'p75', 'p90', 'p95', 'p99', 'p999', 'avg', 'min', 'max', 'count', 'rate', 'sum'],
}
const anyAggregation = [
  'avg',
  'sum',
  'count',
  'min',
  'max',
  'last',
  'rate',
  'increase',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p999',
]

export function configPanel(input: ConfigInput): TemplateResult {
  const { widget, close } = input
  const text = boardMessages()
  const { fields } = kindOf(widget.type)
  return html`${panelHead(widget.config.title || widget.config.metric || text.kinds[widget.type] || widget.type, close)}
    <form class="form" @submit=${(event: Event) => event.preventDefault()}>
      ${textField({
        label: text.fields.title!,
        name: 'title',
        value: widget.config.title ?? '',
        hint: widget.config.metric ?? '',
        isLive: true,
        set: (title) => input.set({ title }),
      })}
      ${selectField(
        text.fields.type!,
        widget.type === 'metric' ? 'card' : widget.type,
        Object.keys(widgetKinds).map((type) => [type, text.kinds[type] ?? type]),
        (type) => input.changeType(type as WidgetKindName),
      )}
      ${fields.map((field) => control(field, input))}
    </form>`
}

function control(field: WidgetField, input: ConfigInput): TemplateResult | typeof nothing {
  const { widget, facts, set } = input
  const { config } = widget
  const text = boardMessages()
  const label = text.fields[field] ?? field
  switch (field) {
    case 'metric':
      return textField({
        label,
        name: 'metric',
        value: config.metric ?? '',
        options: facts.metrics.map(({ name }) => name),
        set: (metric) => set({ metric }),
      })
    case 'aggregation': {
      const known = facts.metric ? (aggregations[facts.metric.kind] ?? anyAggregation) : anyAggregation
      const current = typeof config.aggregation === 'string' ? config.aggregation : 'avg'
      const options = known.includes(current) ? known : [current, ...known]
      return selectField(
        label,
        current,
        options.map((name) => [name, name]),
        (aggregation) => set({ aggregation: aggregation as 'avg' }),
      )
    }
    case 'chartType': {
      const current = String(config.chartType ?? 'line')
      return html`<fieldset class="field choices">
        <legend>${label}</legend>
        ${Object.entries(text.chartTypes).map(
          ([type, name]) => html`<label class="chip">
            <input type="radio" name="chart-type" value=${type} .checked=${type === current} @change=${() => set({ chartType: type })} /><span>${name}</span>
          </label>`,
        )}
      </fieldset>`
    }
    case 'group_by':
      return groupBy(label, input)
    case 'filters':
      return filters(label, input)
    case 'limit':
      return textField({
        label,
        name: field,
        value: config.limit === undefined ? '' : String(config.limit),
        set: (value) => set({ limit: Number(value) > 0 ? Math.round(Number(value)) : undefined }),
      })
    case 'text':
      return html`<label class="field">
        <span>${label}</span>
        <textarea rows="6" .value=${String(config.text ?? '')} @input=${(event: Event) => set({ text: (event.target as HTMLTextAreaElement).value })}></textarea>
      </label>`
    default:
      return textField({
        label,
        name: field,
        value: config[field] === undefined ? '' : String(config[field]),
        hint: text.hints[field],
        set: (value) => set({ [field]: value }),
      })
  }
}

function groupBy(label: string, { widget, facts, set }: ConfigInput): TemplateResult | typeof nothing {
  const chosen = list(widget.config.group_by)
  const tags = [...new Set([...(facts.metric?.attributes ?? []), ...chosen])]
  if (tags.length === 0) return nothing
  const toggle = (tag: string) =>
    set({ group_by: chosen.includes(tag) ? chosen.filter((name) => name !== tag) : [...chosen, tag] })
  return html`<fieldset class="field choices">
    <legend>${label}</legend>
    ${tags.map(
      (tag) => html`<label class="chip">
        <input type="checkbox" .checked=${chosen.includes(tag)} @change=${() => toggle(tag)} /><span>${tag}</span>
      </label>`,
    )}
  </fieldset>`
}

function filters(label: string, { widget, facts, set }: ConfigInput): TemplateResult {
  const text = boardMessages()
  const current = widget.config.filters ?? {}
  const entries = Object.entries(current)
  const tags = (facts.metric?.attributes ?? []).filter((tag) => !Object.hasOwn(current, tag))
  const without = (tag: string) => Object.fromEntries(entries.filter(([name]) => name !== tag)) as Filters
  return html`<fieldset class="field conditions">
    <legend>${label}</legend>
    ${entries.map(
      ([tag, filter]) => html`<div class="condition">
        <span class="tag">${tag}</span>
        <input
          aria-label="${tag}" .value=${filterText(filter)} list="values-${tag}" autocomplete="off" spellcheck="false"
          ?readonly=${!isPlain(filter)}
          @change=${(event: Event) => set({ filters: { ...current, [tag]: filterOf((event.target as HTMLInputElement).value) } })}
        />
        <datalist id="values-${tag}">${facts.values(tag).map((value) => html`<option value=${value}></option>`)}</datalist>
        <button type="button" class="tool" aria-label=${text.removeFilter(tag)} title=${text.removeFilter(tag)} @click=${() => set({ filters: without(tag) })}>${icons.close}</button>
      </div>`,
    )}
    ${
      tags.length > 0
        ? html`<select
            aria-label=${text.addFilter}
            @change=${(event: Event) => {
              const select = event.target as HTMLSelectElement
              if (select.value) set({ filters: { ...current, [select.value]: { in: [] } } })
              select.value = ''
            }}
          >
            <option value="" selected>${text.addFilter}</option>
            ${tags.map((tag) => html`<option value=${tag}>${tag}</option>`)}
          </select>`
        : nothing
    }
  </fieldset>`
}

/** Values with commas between; other conditions are shown and kept, and edited in the board's JSON. */
function isPlain(filter: Filters[string]): boolean {
  return typeof filter !== 'object' || Object.keys(filter).every((part) => part === 'in')
}

function filterText(filter: Filters[string]): string {
  if (typeof filter !== 'object') return String(filter)
  return isPlain(filter) ? (filter.in ?? []).join(', ') : JSON.stringify(filter)
}

function filterOf(text: string): Filters[string] {
  const values = list(text)
  return values.length === 1 ? values[0]! : { in: values }
}

function list(value: unknown): string[] {
  const items = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',')
  return items.map((item) => item.trim()).filter((item) => item !== '')
}
