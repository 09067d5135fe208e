/** `/catalogue`: which metrics there are, what each is, how many series it has, and when it was last seen. */
import { html, nothing, render } from 'lit'
import { ago, failure, head, loading, type ShowPage } from './page.js'

interface Metric {
  name: string
  kind: string
  unit: string
  description: string
  attributes: string[]
  cardinality: number
  last_seen: string | null
}

const aggregations: Readonly<Record<string, string>> = {
  counter: 'rate',
  upDownCounter: 'last',
  gauge: 'avg',
  histogram: 'p95',
}
/** From here on a metric is worth a look: each series costs memory at every sender. */
const manySeries = 5_000

export const showCatalogue: ShowPage = ({ root, api, isCurrent }) => {
  let metrics: Metric[] | undefined
  let error: unknown
  let search = new URLSearchParams(location.search).get('search') ?? ''
  let chosen = new URLSearchParams(location.search).get('metric') ?? ''

  const load = async () => {
    error = undefined
    try {
      metrics = (await api.get<{ data: Metric[] }>('/api/v1/metrics')).data
    } catch (cause) {
      error = cause
    }
    draw()
  }
  const remember = () => {
    const url = new URL(location.href)
    for (const [name, value] of [
      ['search', search],
      ['metric', chosen],
    ] as const) {
      if (value) url.searchParams.set(name, value)
      else url.searchParams.delete(name)
    }
    history.replaceState(history.state, '', url)
    draw()
  }

  const draw = () => {
    if (!isCurrent()) return
    const wanted = search.trim().toLowerCase()
    const found = metrics?.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
    render(
      html`${head('Metrics', 'What this project has received.')}
        ${error ? failure(error, () => void load()) : nothing}
        ${
          metrics === undefined && !error
            ? loading()
            : html`<input class="search" type="search" aria-label="Search metrics" placeholder="Search ${metrics?.length ?? 0} metrics" .value=${search} @input=${(
                event: Event,
              ) => {
                search = (event.target as HTMLInputElement).value
                remember()
              }} />
              <div class="scroll" tabindex="0" role="region" aria-label="Metrics"><table class="list">
                <thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Unit</th><th scope="col" class="number">Series</th><th scope="col">Last seen</th></tr></thead>
                <tbody>${found?.map((metric) => row(metric))}</tbody>
              </table></div>
              ${found?.length === 0 ? html`<p class="none">No metric contains “${search}”.</p>` : nothing}`
        }`,
      root,
    )
  }
  const row = (metric: Metric) => {
    const isChosen = metric.name === chosen
    return html`<tr class=${isChosen ? 'chosen' : ''}>
        <td><button class="link name" aria-expanded=${isChosen} @click=${() => {
          chosen = isChosen ? '' : metric.name
          remember()
        }}>${metric.name}</button><small>${metric.description}</small></td>
        <td>${metric.kind}</td>
        <td>${metric.unit || '–'}</td>
        <td class="number ${metric.cardinality >= manySeries ? 'warn' : ''}">${metric.cardinality.toLocaleString('en')}</td>
        <td>${ago(metric.last_seen)}</td>
      </tr>
      ${
        isChosen
          ? html`<tr class="detail"><td colspan="5">
              <metric-chart title=${metric.name} metric=${metric.name} aggregation=${aggregations[metric.kind] ?? 'avg'} range="1h" limit="8"></metric-chart>
              <p>${metric.attributes.map((attribute) => html`<code>${attribute}</code> `)}</p>
              <a href="/explore?metric=${encodeURIComponent(metric.name)}">Explore it</a>
            </td></tr>`
          : nothing
      }`
  }
  draw()
  void load()
  return undefined
}
