/** `/dashboards`: all boards, and what a new one can begin as. */
import { html, nothing, render, type TemplateResult } from 'lit'
import { ago, confirmation, failure, head, loading, type ShowPage, showDialogs } from './page.js'

interface Summary {
  id: string
  name: string
  description: string
  tags: string[]
  folder: string
  is_public: boolean
  widget_count: number
  updated_at: string
}

interface Template {
  id: string
  name: string
  description: string
  needs: { metric: string; from: string }[]
  dashboard: object
}

export const showDashboards: ShowPage = ({ root, api, go, isCurrent }) => {
  let boards: Summary[] | undefined
  let templates: Template[] = []
  let metrics = new Set<string>()
  let search = new URLSearchParams(location.search).get('search') ?? ''
  let error: unknown
  let removing: Summary | undefined

  const load = async () => {
    error = undefined
    try {
      const [list, ready, known, own] = await Promise.all([
        api.get<{ data: Summary[] }>('/api/v1/dashboards?limit=500'),
        api.get<{ data: Template[] }>('/api/v1/dashboards/templates'),
        api.get<{ data: { name: string }[] }>('/api/v1/metrics'),
        // The collector's own are listed where they are asked for.
        api.get<{ data: { name: string }[] }>('/api/v1/metrics?search=telltale.'),
      ])
      boards = list.data
      templates = ready.data
      metrics = new Set([...known.data, ...own.data].map(({ name }) => name))
    } catch (cause) {
      error = cause
    }
    draw()
  }
  const run = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (cause) {
      error = cause
      draw()
    }
  }
  const create = (dashboard: object) =>
    run(async () => {
      const { id } = await api.send<{ id: string }>('POST', '/api/v1/dashboards', dashboard)
      go(`/dashboards/${id}`)
    })
  const importFile = (event: Event) =>
    run(async () => {
      const [file] = (event.target as HTMLInputElement).files ?? []
      if (!file) return
      const { id } = await api.send<{ id: string }>('POST', '/api/v1/dashboards/import', JSON.parse(await file.text()))
      go(`/dashboards/${id}`)
    })
  const duplicate = ({ id }: Summary) =>
    run(async () => {
      await api.send('POST', `/api/v1/dashboards/${id}/duplicate`)
      await load()
    })
  const remove = ({ id }: Summary) =>
    run(async () => {
      await api.send('DELETE', `/api/v1/dashboards/${id}`)
      removing = undefined
      await load()
    })

  const draw = () => {
    if (!isCurrent()) return
    render(
      html`${head(
        'Dashboards',
        'Boards that your team builds from its own metrics.',
        html`<label class="quiet file">Import<input type="file" accept="application/json,.json" @change=${importFile} /></label>
            <button class="primary" @click=${() => create({ name: 'Untitled dashboard' })}>New dashboard</button>`,
      )}
        ${error ? failure(error, () => void load()) : nothing}
        ${boards === undefined && !error ? loading() : boards && boards.length > 0 ? list(boards) : nothing}
        ${templates.length > 0 ? gallery() : nothing}
        ${removing ? removal(removing) : nothing}`,
      root,
    )
    showDialogs(root)
  }

  const list = (all: readonly Summary[]): TemplateResult => {
    const wanted = search.trim().toLowerCase()
    const found = all.filter(({ name, description, tags }) =>
      [name, description, ...tags].some((text) => text.toLowerCase().includes(wanted)),
    )
    return html`${
      all.length > 6
        ? html`<input
              class="search" type="search" aria-label="Search dashboards" placeholder="Search dashboards" .value=${search}
              @input=${(event: Event) => {
                search = (event.target as HTMLInputElement).value
                draw()
              }}
            />`
        : nothing
    }
      <ul class="tiles">
        ${found.map(
          (board) => html`<li class="tile">
            <a href="/dashboards/${board.id}"><strong>${board.name}</strong></a>
            <p>${board.description}</p>
            <footer>
              <span>${board.widget_count} ${board.widget_count === 1 ? 'widget' : 'widgets'} · saved ${ago(board.updated_at)}${board.is_public ? ' · public' : ''}</span>
              <span class="acts">
                <button class="link" @click=${() => duplicate(board)} aria-label="Duplicate ${board.name}">Duplicate</button>
                <button class="link" @click=${() => {
                  removing = board
                  draw()
                }} aria-label="Delete ${board.name}">Delete</button>
              </span>
            </footer>
          </li>`,
        )}
      </ul>
      ${found.length === 0 ? html`<p class="none">No dashboard contains “${search}”.</p>` : nothing}`
  }

  const gallery = (): TemplateResult => html`<section class="templates" aria-labelledby="templates-title">
    <h2 id="templates-title">${boards?.length ? 'Begin with a template' : 'Begin with one of these'}</h2>
    <ul class="tiles">
      ${templates.map((template) => {
        const missing = template.needs.filter(({ metric }) => !metrics.has(metric))
        return html`<li class="tile">
          <strong>${template.name}</strong>
          <p>${template.description}</p>
          <footer>
            <span>${
              missing.length === 0
                ? html`<span class="good">Your data fits</span>`
                : html`Needs <code>${missing[0]!.metric}</code>, from ${missing[0]!.from}`
            }</span>
            <button class="quiet" @click=${() => create(template.dashboard)} aria-label="Use ${template.name}">Use</button>
          </footer>
        </li>`
      })}
    </ul>
  </section>`

  const removal = (board: Summary): TemplateResult =>
    confirmation(
      `Delete “${board.name}”?`,
      'Its versions and its public link go with it. This cannot be undone.',
      'Delete',
      {
        yes: () => void remove(board),
        no: () => {
          removing = undefined
          draw()
        },
      },
    )

  draw()
  void load()
  return undefined
}
