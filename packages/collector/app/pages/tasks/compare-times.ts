/** Two stretches of time beside each other, type by type: how many runs, how many succeeded, how long they took. */
import { html, type TemplateResult } from 'lit'
import type { Api } from '../../api.js'
import { change, milliseconds } from './change.js'
import { filtersOf, type TasksView } from './state.js'

/** Earlier by so much; `same`: right before. */
export const offsets = [
  ['', 'nothing'],
  ['same', 'the time right before'],
  ['1d', 'a day earlier'],
  ['7d', 'a week earlier'],
] as const

interface Row {
  value: number | null
  tags: Record<string, string>
}
interface Answer {
  results: { data?: Row[]; compare?: Row[] }[]
}

interface Figures {
  runs: number
  success: number | null
  p50: number | null
  p95: number | null
}

export type Comparison = { type: string; now: Figures; before: Figures }[]

const asked = [
  ['runs', 'task.execution.count', 'sum'],
  ['success', 'task.success.rate', 'avg'],
  ['p50', 'task.execution.duration', 'p50'],
  ['p95', 'task.execution.duration', 'p95'],
] as const

export async function loadComparison(api: Api, view: TasksView): Promise<Comparison> {
  const queries = asked.map(([id, metric, aggregation]) => {
    const filters = filtersOf(view)
    // A rate of success under a condition on the status would be 0 or 1.
    if (id === 'success') for (const tag of ['status', 'error.type']) delete filters[tag]
    return {
      id,
      query: {
        ...{ metric_name: metric, aggregation, group_by: ['task.type'], filters },
        time_range: { start: `now-${view.range}`, end: 'now' },
        compare_to: view.against === 'same' ? view.range : view.against,
      },
    }
  })
  const { results } = await api.send<Answer>('POST', '/api/v1/metrics/batch', { queries })
  const types = new Map<string, { now: Figures; before: Figures }>()
  const none = (): Figures => ({ runs: 0, success: null, p50: null, p95: null })
  for (const [i, [id]] of asked.entries()) {
    for (const side of ['now', 'before'] as const) {
      for (const { value, tags } of (side === 'now' ? results[i]?.data : results[i]?.compare) ?? []) {
        const type = tags['task.type'] ?? ''
        const figures = types.get(type) ?? { now: none(), before: none() }
        types.set(type, figures)
        if (value !== null) figures[side][id] = value
      }
    }
  }
  return [...types].map(([type, figures]) => ({ type, ...figures })).sort((a, b) => b.now.runs - a.now.runs)
}

const percent = (share: number) =>
  new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 }).format(share)
const count = (runs: number) => Math.round(runs).toLocaleString('en')

export function comparisonView(rows: Comparison, title: string): TemplateResult {
  return html`<section class="compare" aria-label="Compared with ${title}">
    <h2>Compared with ${title}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Comparison"><table class="list">
      <thead><tr><th scope="col">Type</th><th scope="col" class="number">Runs</th><th scope="col" class="number">Success</th><th scope="col" class="number">Duration, p50</th><th scope="col" class="number">Duration, p95</th></tr></thead>
      <tbody>${rows.map(
        ({ type, now, before }) => html`<tr>
          <th scope="row">${type}</th>
          <td class="number">${change(now.runs, before.runs, count, 'neither')}</td>
          <td class="number">${change(now.success, before.success, percent, 'up')}</td>
          <td class="number">${change(now.p50, before.p50, milliseconds, 'down')}</td>
          <td class="number">${change(now.p95, before.p95, milliseconds, 'down')}</td>
        </tr>`,
      )}</tbody>
    </table></div>
    ${rows.length === 0 ? html`<p class="none">There are no runs in either time.</p>` : ''}
  </section>`
}
