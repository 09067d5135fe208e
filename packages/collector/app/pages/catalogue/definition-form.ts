/** The form of a definition: what a metric is, which rows of it are taken, or from which others it is computed. */
import { html, nothing, type TemplateResult } from 'lit'
import type { Definition } from './metric.js'

export type DefinitionDraft = Omit<Definition, 'version' | 'updated_at'>

const kinds = ['counter', 'upDownCounter', 'gauge', 'histogram']
const aggregations = ['', 'avg', 'sum', 'count', 'min', 'max', 'last', 'rate', 'increase', 'p50', 'p95', 'p99']

export interface DefinitionForm {
  draft: DefinitionDraft
  /** Of the definition that is changed; absent: it is new. */
  version?: number
  /** The metric exists: its name stays. */
  isNamed: boolean
  /** It is computed from others. */
  isComputed: boolean
  error: string
  isBusy: boolean
}

export function blankDraft(part: Partial<DefinitionDraft> = {}): DefinitionDraft {
  return {
    ...{ name: '', kind: 'gauge', unit: '', description: '', attributes: null, bounds: {} },
    ...{ expression: null, default_aggregation: null },
    ...part,
  }
}

/** What the form says; the collector judges it. */
export function draftOf(form: HTMLFormElement, { draft, isComputed }: DefinitionForm): DefinitionDraft {
  const data = new FormData(form)
  const text = (name: string) => String(data.get(name) ?? '').trim()
  const number = (name: 'min' | 'max') => (text(name) === '' ? {} : { [name]: Number(text(name)) })
  const names = text('attributes')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return {
    name: text('name') || draft.name,
    kind: (text('kind') || draft.kind) as DefinitionDraft['kind'],
    unit: text('unit'),
    description: text('description'),
    attributes: data.get('any-attributes') || isComputed ? null : names,
    bounds: isComputed ? {} : { ...number('min'), ...number('max') },
    expression: isComputed ? text('expression') : null,
    default_aggregation: text('aggregation') || null,
  }
}

export function definitionForm(
  form: DefinitionForm,
  { save, cancel }: { save: (draft: DefinitionDraft) => void; cancel: () => void },
): TemplateResult {
  const { draft, isNamed, isComputed, error, isBusy } = form
  const aggregation = typeof draft.default_aggregation === 'string' ? draft.default_aggregation : ''
  return html`<form class="definition" @submit=${(event: SubmitEvent) => {
    event.preventDefault()
    save(draftOf(event.target as HTMLFormElement, form))
  }}>
    <div class="row">
      ${
        isNamed
          ? nothing
          : html`<label class="pick grow"><span>Name</span><input name="name" .value=${draft.name} required maxlength="256" placeholder=${isComputed ? 'orders.success' : 'orders.value'} /></label>`
      }
      ${
        isComputed
          ? html`<label class="pick grow wide"><span>Formula</span><input class="mono" name="expression" .value=${draft.expression ?? ''} required placeholder="orders.paid / orders.total * 100" /></label>`
          : html`<label class="pick"><span>Kind</span><select name="kind" ?disabled=${isNamed}>${kinds.map((kind) => html`<option .selected=${kind === draft.kind}>${kind}</option>`)}</select></label>`
      }
      <label class="pick"><span>Unit</span><input name="unit" size="8" .value=${draft.unit} maxlength="64" placeholder="EUR" /></label>
      <label class="pick"><span>Looked at as</span><select name="aggregation">${aggregations.map((name) => html`<option value=${name} .selected=${name === aggregation}>${name || 'usual'}</option>`)}</select></label>
    </div>
    <label class="pick"><span>Description</span><input name="description" .value=${draft.description} maxlength="2000" placeholder="What it counts, for whoever meets it" /></label>
    ${isComputed ? nothing : limits(draft)}
    ${error ? html`<p class="error" role="alert">${error}</p>` : nothing}
    <div class="row end">
      <button class="quiet" type="button" @click=${cancel}>Cancel</button>
      <button class="primary" ?disabled=${isBusy}>${form.version === undefined ? 'Define' : 'Save'}</button>
    </div>
  </form>`
}

function limits({ attributes, bounds }: DefinitionDraft): TemplateResult {
  return html`<div class="row">
    <label class="pick grow"><span>Attributes that it may have</span><input name="attributes" .value=${attributes?.join(', ') ?? ''} placeholder="plan, country" /></label>
    <label class="switch"><input type="checkbox" name="any-attributes" .checked=${attributes === null} /> any</label>
    <label class="pick"><span>Lowest value</span><input name="min" size="8" inputmode="decimal" .value=${String(bounds.min ?? '')} placeholder="none" /></label>
    <label class="pick"><span>Highest value</span><input name="max" size="8" inputmode="decimal" .value=${String(bounds.max ?? '')} placeholder="none" /></label>
  </div>`
}
