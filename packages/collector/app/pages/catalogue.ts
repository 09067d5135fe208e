/** `/catalogue`: which metrics there are, what each is and should be, how many series it has, and when it was last seen. */
import { html, nothing, render, type TemplateResult } from 'lit'
import { ApiError } from '../api.js'
import { blankDraft, type DefinitionDraft, type DefinitionForm, definitionForm } from './catalogue/definition-form.js'
import { type Detail, detailView, ownPrefix as own } from './catalogue/detail.js'
import type { Definition, Metric } from './catalogue/metric.js'
import { ago, confirmation, failure, head, loading, type ShowPage, showDialogs } from './page.js'

/** From here on a metric is worth a look: each series costs memory at every sender. */
const manySeries = 5_000

type SortKey = 'name' | 'cardinality' | 'last_seen'

export const showCatalogue: ShowPage = ({ root, api, isCurrent }) => {
  const given = new URLSearchParams(location.search)
  let metrics: Metric[] | undefined
  let definitions = new Map<string, Definition>()
  let error: unknown
  let search = given.get('search') ?? ''
  let chosen = given.get('metric') ?? ''
  let sort: SortKey = 'name'
  let detail: Detail = {}
  let form: DefinitionForm | undefined
  let removing: Definition | undefined

  const load = async () => {
    error = undefined
    try {
      const [known, hidden, defined] = await Promise.all([
        api.get<{ data: Metric[] }>('/api/v1/metrics'),
        api.get<{ data: Metric[] }>(`/api/v1/metrics?search=${own}`),
        api.get<{ data: Definition[] }>('/api/v1/definitions').catch(() => ({ data: [] })),
      ])
      metrics = [...known.data, ...hidden.data]
      definitions = new Map(defined.data.map((one) => [one.name, one]))
    } catch (cause) {
      error = cause
    }
    draw()
  }
  const loadDetail = async () => {
    const name = chosen
    const path = `/api/v1/metrics/${encodeURIComponent(name)}`
    const [tags, info] = await Promise.all([
      api.get<{ data: Detail['tags'] }>(`${path}/tags`).catch(() => ({ data: [] })),
      api.get<Metric>(path).catch(() => undefined),
    ])
    if (name !== chosen) return
    detail = { tags: tags.data, overflow: info?.overflow }
    draw()
  }
  const remember = () => {
    const url = new URL(location.href)
    for (const [name, value] of Object.entries({ search, metric: chosen })) {
      if (value) url.searchParams.set(name, value)
      else url.searchParams.delete(name)
    }
    history.replaceState(history.state, '', url)
    draw()
  }
  const choose = (name: string) => {
    chosen = name === chosen ? '' : name
    detail = {}
    form = undefined
    remember()
    if (chosen) void loadDetail()
  }

  const edit = (metric: Metric) => {
    const present = definitions.get(metric.name)
    const { kind, name, unit, description } = metric
    form = {
      draft: present ?? blankDraft({ name, kind, unit, description }),
      version: present?.version,
      ...{ isNamed: true, isComputed: typeof present?.expression === 'string', error: '', isBusy: false },
    }
    draw()
  }
  const begin = (isComputed: boolean) => {
    chosen = ''
    form = { draft: blankDraft(), isNamed: false, isComputed, error: '', isBusy: false }
    draw()
    root.querySelector<HTMLInputElement>('.definition input')?.focus()
  }
  const save = async (draft: DefinitionDraft) => {
    if (!form) return
    const { version } = form
    form = { ...form, draft, isBusy: true, error: '' }
    draw()
    const { name, kind, unit, description, attributes, bounds, expression, default_aggregation } = draft
    const body = { name, kind, unit, description, attributes, bounds, expression, default_aggregation }
    try {
      if (version === undefined) await api.send('POST', '/api/v1/definitions', body)
      else await api.send('PUT', `/api/v1/definitions/${encodeURIComponent(name)}`, body, version)
      form = undefined
      chosen = name
      remember()
      await load()
      await loadDetail()
    } catch (cause) {
      form = { ...form!, isBusy: false, error: explain(cause) }
      draw()
    }
  }
  const remove = async ({ name, version }: Definition) => {
    await api.send('DELETE', `/api/v1/definitions/${encodeURIComponent(name)}`, undefined, version).catch((cause) => {
      error = cause
    })
    removing = undefined
    await load()
  }

  const draw = () => {
    if (!isCurrent()) return
    render(
      html`${head(
        'Metrics',
        'What this project has received, and what it should be.',
        html`<button class="quiet" @click=${() => begin(true)}>Compute a metric</button>
          <button class="primary" @click=${() => begin(false)}>Define a metric</button>`,
      )}
        ${error ? failure(error, () => void load()) : nothing}
        ${form && !form.isNamed ? html`<section class="card-box" aria-label="New definition"><h2>${form.isComputed ? 'A metric that is computed from others' : 'A metric, before its first sample'}</h2>${formView(form)}</section>` : nothing}
        ${metrics === undefined ? (error ? nothing : loading()) : list(metrics)}
        ${removing ? removal(removing) : nothing}`,
      root,
    )
    showDialogs(root)
  }

  const formView = (open: DefinitionForm): TemplateResult =>
    definitionForm(open, {
      save: (draft) => void save(draft),
      cancel: () => {
        form = undefined
        draw()
      },
    })

  const list = (all: readonly Metric[]): TemplateResult => {
    const wanted = search.trim().toLowerCase()
    const found = all
      .filter(({ name }) => wanted.startsWith(own) || !name.startsWith(own) || name === chosen)
      .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
      .sort((a, b) => compare(a, b, sort))
    const ours = all.filter(({ name }) => name.startsWith(own)).length
    return html`<h2 class="unseen">All metrics</h2>
      <div class="filters" role="search" aria-label="Metrics">
        <input class="search" type="search" aria-label="Search metrics" placeholder="Search ${all.length - ours} metrics" .value=${search} @input=${(
          event: Event,
        ) => {
          search = (event.target as HTMLInputElement).value
          remember()
        }} />
        ${
          ours > 0
            ? html`<label class="switch"><input type="checkbox" .checked=${wanted.startsWith(own)} @change=${(
                event: Event,
              ) => {
                search = (event.target as HTMLInputElement).checked ? own : ''
                remember()
              }} /> The collector’s own</label>`
            : nothing
        }
      </div>
      <div class="scroll" tabindex="0" role="region" aria-label="Metrics"><table class="list metrics">
        <thead><tr>${sortHead('name', 'Name')}<th scope="col">Kind</th><th scope="col">Unit</th>${sortHead('cardinality', 'Series')}${sortHead('last_seen', 'Last seen')}</tr></thead>
        <tbody>${found.map((metric) => row(metric))}</tbody>
      </table></div>
      ${found.length === 0 ? html`<p class="none">${wanted ? `No metric contains “${search}”.` : 'Nothing has been received yet.'}</p>` : nothing}`
  }

  const sortHead = (key: SortKey, label: string): TemplateResult => html`<th
    scope="col" class=${key === 'cardinality' ? 'number' : ''} aria-sort=${sort === key ? (key === 'name' ? 'ascending' : 'descending') : nothing}
  ><button class="sort" @click=${() => {
    sort = key
    draw()
  }}>${label}</button></th>`

  const row = (metric: Metric): TemplateResult => {
    const isChosen = metric.name === chosen
    const definition = definitions.get(metric.name)
    return html`<tr class=${isChosen ? 'chosen' : ''}>
        <td><button class="link name" aria-expanded=${isChosen} @click=${() => choose(metric.name)}>${metric.name}</button>
          ${definition ? html`<span class="chip">${definition.expression === null ? 'defined' : 'computed'}</span>` : nothing}
          <small>${metric.description}</small></td>
        <td>${metric.kind}</td>
        <td>${metric.unit || '–'}</td>
        <td class="number ${metric.cardinality >= manySeries ? 'warn' : ''}">${metric.cardinality.toLocaleString('en')}</td>
        <td>${definition?.expression ? 'when asked' : ago(metric.last_seen)}</td>
      </tr>
      ${
        isChosen
          ? html`<tr class="detail"><td colspan="5">${detailView(
              metric,
              detail,
              definition,
              form?.isNamed ? formView(form) : undefined,
              {
                edit: () => edit(metric),
                remove: () => {
                  removing = definition
                  draw()
                },
              },
            )}</td></tr>`
          : nothing
      }`
  }

  const removal = (definition: Definition): TemplateResult =>
    confirmation(
      `Delete the definition of “${definition.name}”?`,
      definition.expression === null
        ? 'What was stored stays; its limits are no longer in force.'
        : 'Charts that show this metric will have nothing to show.',
      'Delete',
      {
        yes: () => void remove(definition),
        no: () => {
          removing = undefined
          draw()
        },
      },
    )

  draw()
  void load().then(() => {
    if (!chosen) return
    root.querySelector('tr.chosen')?.scrollIntoView({ block: 'center' })
    void loadDetail()
  })
  return undefined
}

function compare(a: Metric, b: Metric, key: SortKey): number {
  if (key === 'cardinality') return b.cardinality - a.cardinality
  if (key === 'last_seen') return (b.last_seen ?? '').localeCompare(a.last_seen ?? '')
  return a.name.localeCompare(b.name)
}

function explain(cause: unknown): string {
  if (!(cause instanceof ApiError)) return 'The collector does not answer. Try again in a moment.'
  if (cause.status === 412) return 'Somebody changed this definition meanwhile. Cancel, and look at it again.'
  return cause.message
}
