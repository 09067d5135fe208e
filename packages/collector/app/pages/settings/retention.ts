/** Retention: how long what is kept, by prefix of metrics. Rules are changed together, and saved over what was read. */
import { html, nothing, type TemplateResult } from 'lit'
import { ApiError } from '../../api.js'
import { failure, loading } from '../page.js'
import type { PartContext, SettingsPart } from './part.js'

const columns = [
  ['raw', 'As it came'],
  ['1m', 'By minute'],
  ['5m', '5 minutes'],
  ['1h', 'By hour'],
  ['1d', 'By day'],
  ['events', 'Events, tasks'],
] as const
type Column = (typeof columns)[number][0]
type Rule = { prefix: string } & Partial<Record<Column, string>>

interface Retention {
  rules: Rule[]
  configured: Rule[]
  defaults: Record<Column, string>
  version: number
}

export function retentionPart({ api, changed }: PartContext): SettingsPart {
  let retention: Retention | undefined
  let error: unknown
  /** While they are being changed. */
  let draft: Rule[] | undefined
  let problem = ''

  const load = async () => {
    try {
      retention = await api.get<Retention>('/api/v1/retention')
      error = undefined
    } catch (cause) {
      error = cause
    }
    changed()
  }
  const edit = (rules: Rule[] | undefined) => {
    draft = rules
    problem = ''
    changed()
  }
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    // A field that is left empty says nothing: the next shorter prefix decides.
    const rules = draft!.map((rule) =>
      Object.fromEntries(Object.entries(rule).filter(([key, age]) => key === 'prefix' || age !== '')),
    )
    try {
      retention = await api.send<Retention>('PUT', '/api/v1/retention', { rules }, retention!.version)
      edit(undefined)
    } catch (cause) {
      problem =
        cause instanceof ApiError && cause.status === 412
          ? 'Somebody changed the rules meanwhile. Cancel, and look at them again.'
          : (cause as Error).message
      if (cause instanceof ApiError && cause.status === 412) await load()
      changed()
    }
  }

  const header = html`<thead><tr><th scope="col">Metrics that begin with</th>${columns.map(([, label]) => html`<th scope="col">${label}</th>`)}<th scope="col"><span class="unseen">Remove</span></th></tr></thead>`
  const shown = (rule: Rule, note = ''): TemplateResult => html`<tr>
    <td>${rule.prefix === '' ? html`<em>all</em>` : html`<code>${rule.prefix}</code>`}${note ? html`<small>${note}</small>` : nothing}</td>
    ${columns.map(([column]) => html`<td>${rule[column] ?? html`<span class="none">–</span>`}</td>`)}<td></td>
  </tr>`
  const field = (rule: Rule, name: 'prefix' | Column, label: string, placeholder: string): TemplateResult => html`<input
    aria-label=${label} .value=${rule[name] ?? ''} placeholder=${placeholder} size=${name === 'prefix' ? 14 : 6}
    ?disabled=${name === 'events' && rule.prefix !== ''}
    @input=${(event: Event) => {
      rule[name] = (event.target as HTMLInputElement).value.trim()
      if (name === 'prefix' && rule.prefix !== '') delete rule.events
      changed()
    }}
  />`
  const edited = (rule: Rule, at: number): TemplateResult => html`<tr>
    <td>${field(rule, 'prefix', 'Prefix', 'all')}</td>
    ${columns.map(([column, label]) => html`<td>${field(rule, column, label, retention!.defaults[column])}</td>`)}
    <td class="number"><button class="link" type="button" aria-label="Remove the rule for ${rule.prefix || 'all'}" @click=${() => edit(draft!.filter((_, i) => i !== at))}>Remove</button></td>
  </tr>`

  return {
    load,
    view() {
      if (error) return failure(error, () => void load())
      if (!retention) return loading(2)
      const { rules, configured, defaults } = retention
      return html`<p>How long what is kept, such as <code>7d</code>. The longest prefix that fits decides, for each resolution by itself. What a new rule lets go is removed in the background, and does not come back.</p>
        <form @submit=${save}>
          <div class="scroll" tabindex="0" role="region" aria-label="Rules"><table class="list rules">
            ${header}
            <tbody>
              ${draft ? draft.map(edited) : rules.map((rule) => shown(rule))}
              ${configured.map((rule) => shown(rule, 'from the configuration'))}
              ${shown({ prefix: '', ...defaults }, 'where no rule says otherwise')}
            </tbody>
          </table></div>
          ${problem ? html`<p class="error" role="alert">${problem}</p>` : nothing}
          <div class="row after">
            ${
              draft
                ? html`<button class="quiet" type="button" @click=${() => edit([...draft!, { prefix: '' }])}>Add a rule</button>
                    <button class="quiet" type="button" @click=${() => edit(undefined)}>Cancel</button>
                    <button class="primary">Save the rules</button>`
                : html`<button class="quiet" type="button" @click=${() => edit(rules.length > 0 ? structuredClone(rules) : [{ prefix: '' }])}>Change the rules</button>`
            }
          </div>
        </form>`
    },
  }
}
