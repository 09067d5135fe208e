/** The gallery: one tile for each kind of widget, with the reader's own metric in it, live. */
import type { DashboardWidget, MetricInfo } from '@telltale/protocol/api'
import { html, type TemplateResult } from 'lit'
import { ref } from 'lit/directives/ref.js'
import { repeat } from 'lit/directives/repeat.js'
import { defaultAggregation, kindOf, type WidgetKindName, widgetKinds } from '../../../board/widget-kinds.js'
import { boardMessages } from '../board-messages.js'
import { applyConfig } from '../widget-host.js'
import { panelHead } from './panel-parts.js'

interface GalleryInput {
  metrics: readonly MetricInfo[]
  picked: string
  pick(metric: string): void
  add(type: WidgetKindName, config: DashboardWidget['config']): void
  close(): void
}

/** Tags that tell most, where a metric has them; then any that has not too many values for a legend. */
const goodGroups = ['task.type', 'http.route', 'event', 'queue', 'status', 'region']
const poorGroups = new Set(['service', 'environment', 'user.id', 'session.id', 'org.id', 'error.type', 'host.name'])

export function gallery({ metrics, picked, pick, add, close }: GalleryInput): TemplateResult {
  const text = boardMessages()
  const metric = metrics.find(({ name }) => name === picked)
  return html`${panelHead(text.gallery, close)}
    <div class="form">
      <label class="field">
        <span>${text.galleryMetric}</span>
        <input
          list="gallery-metrics" autocomplete="off" .value=${picked}
          @change=${(event: Event) => pick((event.target as HTMLInputElement).value)}
        />
        <datalist id="gallery-metrics">${metrics.map(({ name }) => html`<option value=${name}></option>`)}</datalist>
      </label>
      <div class="tiles">
        ${repeat(
          Object.keys(widgetKinds) as WidgetKindName[],
          (type) => type,
          (type) => {
            const config = startConfig(type, metric, picked)
            return html`<button class="tile" @click=${() => add(type, config)}>
              <span class="thumb" aria-hidden="true" inert ${ref((element) => preview(element, type, config))}></span>
              <span>${text.kinds[type] ?? type}</span>
            </button>`
          },
        )}
      </div>
    </div>`
}

/** What a new widget of this kind asks about the metric. */
export function startConfig(
  type: WidgetKindName,
  metric: MetricInfo | undefined,
  name: string,
): DashboardWidget['config'] {
  const { defaults, fields } = kindOf(type)
  if (!fields.includes('metric') || name === '') return { ...defaults }
  const tags = metric?.attributes ?? []
  const tag = goodGroups.find((good) => tags.includes(good)) ?? tags.find((attribute) => !poorGroups.has(attribute))
  const isSplit = ['bar', 'pie', 'table'].includes(type) || (type === 'chart' && metric !== undefined)
  const aggregation = type === 'gauge' || !metric ? defaults.aggregation : defaultAggregation(metric.kind)
  return {
    ...defaults,
    metric: name,
    ...(fields.includes('aggregation') && aggregation ? { aggregation } : {}),
    ...(isSplit && tag ? { group_by: [tag] } : {}),
  }
}

const shown = new WeakMap<Element, { type: string; config: DashboardWidget['config'] }>()

/** A live element in the tile; kept while the question is the same. */
function preview(slot: Element | undefined, type: WidgetKindName, config: DashboardWidget['config']): void {
  if (!slot) return
  const before = shown.get(slot)
  if (before?.type === type) {
    applyConfig(slot.firstElementChild as HTMLElement, before.config, config)
  } else {
    const element = document.createElement(kindOf(type).tag)
    applyConfig(element, {}, type === 'text' ? { text: '# Aa' } : { title: ' ', ...config })
    element.setAttribute('interval', '30s')
    slot.replaceChildren(element)
  }
  shown.set(slot, { type, config })
}
