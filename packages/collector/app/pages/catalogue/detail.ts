/** An opened metric: its chart, its tags, who is to blame where series found no room, and its definition. */
import { html, nothing, type TemplateResult } from 'lit'
import { ago, share } from '../page.js'
import { aggregationOf, type Definition, type Metric } from './metric.js'

/** Of the collector itself: nobody else says what these are. */
export const ownPrefix = 'telltale.'

export interface Detail {
  tags?: { key: string; cardinality: number }[]
  overflow?: Metric['overflow']
}

interface Actions {
  edit(): void
  remove(): void
}

export function detailView(
  metric: Metric,
  { tags = [], overflow }: Detail,
  definition: Definition | undefined,
  form: TemplateResult | undefined,
  actions: Actions,
): TemplateResult {
  const aggregation = aggregationOf(metric, definition)
  const most = Math.max(1, ...tags.map(({ cardinality }) => cardinality))
  return html`<div class="metric">
    <metric-chart title="${metric.name}" metric=${metric.name} aggregation=${aggregation} range="1h" limit="8"></metric-chart>
    <div class="about">
      ${overflow ? blame(overflow) : nothing}
      <dl class="facts narrow">
        <div><dt>Kind</dt><dd>${metric.kind}</dd></div>
        <div><dt>Unit</dt><dd>${metric.unit || '–'}</dd></div>
        <div><dt>Last seen</dt><dd>${ago(metric.last_seen)}</dd></div>
      </dl>
      <h3>Tags</h3>
      ${
        tags.length === 0
          ? html`<p class="none">It has none.</p>`
          : html`<ul class="tags">${[...tags]
              .sort((a, b) => b.cardinality - a.cardinality)
              .map(
                ({ key, cardinality }) =>
                  html`<li><a href="/explore?metric=${encodeURIComponent(metric.name)}&group-by=${encodeURIComponent(key)}"><code>${key}</code></a><span>${cardinality.toLocaleString('en')} ${cardinality === 1 ? 'value' : 'values'}</span>${share(cardinality, most)}</li>`,
              )}</ul>`
      }
      <a class="quiet" href="/explore?metric=${encodeURIComponent(metric.name)}">Explore it</a>
    </div>
    ${metric.name.startsWith(ownPrefix) ? nothing : html`<div class="defined"><h3>Definition</h3>${form ?? (definition ? defined(definition, actions) : undefinedView(actions))}</div>`}
  </div>`
}

function blame({ folded, keys }: NonNullable<Metric['overflow']>): TemplateResult {
  const most = Math.max(1, ...keys.map(({ distinct }) => distinct))
  return html`<section class="notice" role="alert">
    <strong>Series found no room</strong>
    <p>${folded.toLocaleString('en')} times since the start a new series was folded into one. The tag with the most values is to blame: give it fewer, or leave it out.</p>
    <ul class="tags">${keys.map(
      ({ key, distinct }) =>
        html`<li><code>${key}</code><span>${distinct.toLocaleString('en')} values</span>${share(distinct, most)}</li>`,
    )}</ul>
  </section>`
}

function defined(definition: Definition, { edit, remove }: Actions): TemplateResult {
  const { attributes, bounds, expression, version, updated_at } = definition
  const limits = [
    bounds.min === undefined ? '' : `from ${bounds.min}`,
    bounds.max === undefined ? '' : `to ${bounds.max}`,
  ].filter((text) => text !== '')
  return html`<dl class="facts">
      ${expression === null ? nothing : html`<div><dt>Computed as</dt><dd><code>${expression}</code></dd></div>`}
      ${expression === null ? html`<div><dt>Attributes</dt><dd>${attributes === null ? 'any' : attributes.map((name) => html`<code>${name}</code> `)}</dd></div>` : nothing}
      ${expression === null ? html`<div><dt>Values</dt><dd>${limits.join(' ') || 'any'}</dd></div>` : nothing}
      <div><dt>Version</dt><dd>${version}, ${ago(updated_at)}</dd></div>
    </dl>
    <div class="row">
      <button class="quiet" @click=${edit}>Change it</button>
      <button class="link" @click=${remove}>Delete it</button>
    </div>`
}

function undefinedView({ edit }: Actions): TemplateResult {
  return html`<p class="none">Nobody has said what it is. A definition gives it a unit and a description, and refuses attributes and values that it should not have.</p>
    <button class="quiet" @click=${edit}>Define it</button>`
}
