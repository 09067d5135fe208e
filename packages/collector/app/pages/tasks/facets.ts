/** Facets of task runs: how many there are of each type, status and error, and a click to see only these. */
import { html, type TemplateResult } from 'lit'
import type { Api } from '../../api.js'
import { share } from '../page.js'
import { filtersOf, type TasksView } from './state.js'

export interface Facet {
  name: 'types' | 'statuses' | 'errors'
  tag: string
  title: string
  values: { value: string; count: number }[]
}

const facets = [
  { name: 'types', tag: 'task.type', title: 'Type' },
  { name: 'statuses', tag: 'status', title: 'Status' },
  { name: 'errors', tag: 'error.type', title: 'Error' },
] as const
const maxValues = 8

interface Answer {
  results: { status: number; data?: { value: number | null; tags: Record<string, string> }[] }[]
}

/** Each facet is counted under the choices of the others, so that what else there is can be seen. */
export async function loadFacets(api: Api, view: TasksView): Promise<Facet[]> {
  const queries = facets.map(({ tag }) => ({
    id: tag,
    query: {
      ...{ metric_name: 'task.execution.count', aggregation: 'sum', group_by: [tag] },
      time_range: { start: `now-${view.range}`, end: 'now' },
      filters: filtersOf(view, tag),
    },
  }))
  const { results } = await api.send<Answer>('POST', '/api/v1/metrics/batch', { queries })
  return facets.map(({ name, tag, title }, i) => {
    const counts = new Map((results[i]?.data ?? []).map(({ value, tags }) => [tags[tag] ?? '', value ?? 0]))
    counts.delete('')
    // What is chosen stays to be taken back, even where there is none of it now.
    for (const value of view[name]) if (!counts.has(value)) counts.set(value, 0)
    const values = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
    return { name, tag, title, values }
  })
}

export function facetsView(
  found: readonly Facet[],
  view: TasksView,
  toggle: (facet: Facet['name'], value: string) => void,
): TemplateResult {
  return html`<div class="facets">${found.map((facet) => facetView(facet, view[facet.name], (value) => toggle(facet.name, value)))}</div>`
}

function facetView(
  { title, values, name }: Facet,
  chosen: readonly string[],
  toggle: (value: string) => void,
): TemplateResult {
  const most = Math.max(1, ...values.map(({ count }) => count))
  const shown = values.filter(({ value }, i) => i < maxValues || chosen.includes(value))
  const rest = values.length - shown.length
  return html`<fieldset class="facet">
    <legend>${title}</legend>
    ${shown.map(
      ({ value, count }) => html`<label class=${name === 'statuses' ? `status-${value}` : ''}>
        <input type="checkbox" .checked=${chosen.includes(value)} @change=${() => toggle(value)} />
        <span class="facet-name" title=${value}>${value}</span>
        <span class="facet-count">${count.toLocaleString('en')}</span>
        ${share(count, most)}
      </label>`,
    )}
    ${shown.length === 0 ? html`<p class="none">None in this time</p>` : ''}
    ${rest > 0 ? html`<p class="none">and ${rest} more: search for them</p>` : ''}
  </fieldset>`
}
