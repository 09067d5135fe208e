/** The project that one is in, what one may do in it, and how to make another. */
import { html } from 'lit'
import { ago, failure, loading, snippet } from '../page.js'
import type { PartContext, SettingsPart } from './part.js'

interface Who {
  project: string
  permissions: string[]
  expires_at: string | null
}

export function projectPart({ api, changed }: PartContext): SettingsPart {
  let who: Who | undefined
  let metrics: { cardinality: number; last_seen: string | null }[] = []
  let error: unknown

  const load = async () => {
    try {
      const [known, list] = await Promise.all([
        api.get<Who>('/api/v1/whoami'),
        api.get<{ data: typeof metrics }>('/api/v1/metrics'),
      ])
      who = known
      metrics = list.data
      error = undefined
    } catch (cause) {
      error = cause
    }
    changed()
  }

  return {
    load,
    view() {
      if (error) return failure(error, () => void load())
      if (!who) return loading(2)
      const series = metrics.reduce((sum, { cardinality }) => sum + cardinality, 0)
      const lastSeen = metrics
        .map(({ last_seen }) => last_seen ?? '')
        .sort()
        .at(-1)
      return html`<dl class="figures">
          <div><dt>Project</dt><dd>${who.project}</dd></div>
          <div><dt>You may</dt><dd class="words">${who.permissions.includes('admin') ? 'everything' : who.permissions.join(', ')}</dd></div>
          <div><dt>Metrics</dt><dd>${metrics.length.toLocaleString('en')}</dd></div>
          <div><dt>Series</dt><dd>${series.toLocaleString('en')}</dd></div>
          <div><dt>Last sample</dt><dd class="words">${ago(lastSeen || null)}</dd></div>
        </dl>
        <p>Projects are apart: keys, data, dashboards and settings of one are never seen from another. A first key makes a new one, on the collector’s machine:</p>
        ${snippet('npx telltale keys create --project NAME --scope admin')}`
    },
  }
}
