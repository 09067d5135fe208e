/** `/tasks`: task runs, searched, counted, filtered and compared; the address says how. */
import { html, nothing, render, type TemplateResult } from 'lit'
import { head, loading, type ShowPage } from './page.js'
import { type Run, runsView } from './tasks/compare-runs.js'
import { type Comparison, comparisonView, loadComparison, offsets } from './tasks/compare-times.js'
import { type Facet, facetsView, loadFacets } from './tasks/facets.js'
import { filtersOf, ranges, readView, type TasksView, writeView } from './tasks/state.js'

const refreshMs = 10_000
const typingMs = 250

export const showTasks: ShowPage = ({ root, api, isCurrent }) => {
  let view = readView()
  let facets: Facet[] = []
  let comparison: Comparison | undefined
  let pair: [Run, Run] | undefined
  /** Runs that are open in the table, the last opened one last. */
  let opened: Run[] = []
  let typing: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  const set = (part: Partial<TasksView>) => {
    view = { ...view, ...part }
    writeView(view)
    draw()
    void load()
  }
  /** Answers that come late are those of an older view. */
  const load = async () => {
    const current = ++turn
    const [found, compared, runs] = await Promise.all([
      loadFacets(api, view).catch(() => facets),
      view.against ? loadComparison(api, view).catch(() => undefined) : undefined,
      view.run && view.other ? loadPair(view).catch(() => undefined) : undefined,
    ])
    if (current !== turn) return
    facets = found
    comparison = compared
    pair = runs
    draw()
  }
  const loadPair = ({ run, other }: TasksView) =>
    Promise.all([run, other].map((id) => api.get<Run>(`/api/v1/tasks/${encodeURIComponent(id)}`))) as Promise<
      [Run, Run]
    >

  const toggle = (name: Facet['name'], value: string) => {
    const chosen = view[name]
    set({ [name]: chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value] })
  }
  const type = (name: 'search' | 'where') => (event: Event) => {
    const { value } = event.target as HTMLInputElement
    clearTimeout(typing)
    typing = setTimeout(() => set({ [name]: value.trim() }), typingMs)
  }
  const onOpen = (event: CustomEvent<Run>) => {
    opened = [...opened.filter(({ task_id }) => task_id !== event.detail.task_id), event.detail]
    view = { ...view, run: event.detail.task_id }
    writeView(view)
    draw()
  }
  const onClose = (event: CustomEvent<Run>) => {
    opened = opened.filter(({ task_id }) => task_id !== event.detail.task_id)
    view = { ...view, run: opened.at(-1)?.task_id ?? '' }
    writeView(view)
    draw()
  }

  const draw = () => {
    if (!isCurrent()) return
    const filters = JSON.stringify(filtersOf(view))
    const title = offsets.find(([offset]) => offset === view.against)?.[1] ?? ''
    render(
      html`${head('Task runs', 'Every run with its steps, resources and errors.')}
        ${tools()}
        <div class="tasks">
          <div class="side">${facetsView(facets, view, toggle)}</div>
          <div class="results">
            ${pair ? runsView(...pair, () => set({ other: '' })) : nothing}
            <section class="charts small" aria-label="Charts">
              <h2 class="unseen">Charts</h2>
              <metric-chart
                title="Runs by status" metric="task.execution.count" aggregation="rate" group-by="status" type="bar" fill="zero"
                range=${view.range} filters=${filters}
              ></metric-chart>
              <metric-chart
                title="Duration, p95" metric="task.execution.duration" aggregation="p95" group-by="task.type" limit="8"
                range=${view.range} filters=${filters}
              ></metric-chart>
            </section>
            ${view.against ? (comparison ? comparisonView(comparison, title) : loading(6)) : nothing}
            ${opened.length > 1 ? hint(opened.slice(-2) as [Run, Run]) : nothing}
            <task-table
              title="Runs" limit="100" range=${view.range} task-type=${view.types.join(',')} status=${view.statuses.join(',')}
              search=${view.search} filters=${conditions(view)} run=${view.run}
              @task-select=${onOpen} @task-close=${onClose}
            ></task-table>
          </div>
        </div>`,
      root,
    )
  }

  const tools = (): TemplateResult => {
    const isFiltered = [view.types, view.statuses, view.errors, view.search, view.where].some(
      ({ length }) => length > 0,
    )
    return html`<div class="filters" role="search" aria-label="Task runs">
      <label class="pick grow"><span>Search</span><input type="search" placeholder="Id, type, error or message" .value=${view.search} @input=${type('search')} /></label>
      <label class="pick grow"><span>Only where</span><input placeholder="org.id=acme" .value=${view.where} @input=${type('where')} /></label>
      ${select(
        'Range',
        ranges.map((range) => [range, range]),
        view.range,
        (range) => set({ range }),
      )}
      ${select('Compare with', offsets, view.against, (against) => set({ against }))}
      ${isFiltered ? html`<button class="quiet" @click=${() => set({ types: [], statuses: [], errors: [], search: '', where: '' })}>Clear</button>` : nothing}
    </div>`
  }

  const hint = ([a, b]: [Run, Run]): TemplateResult => html`<p class="hint">
    Two runs are open. <button class="link" @click=${() => set({ run: a.task_id, other: b.task_id })}>Compare ${a.task_type} with ${b.task_type}</button>
  </p>`

  draw()
  void load()
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void load()
  }, refreshMs)
  return () => {
    clearInterval(timer)
    clearTimeout(typing)
  }
}

/** Types and statuses have attributes of their own. */
function conditions(view: TasksView): string {
  const filters = filtersOf({ ...view, types: [], statuses: [] })
  return Object.keys(filters).length > 0 ? JSON.stringify(filters) : ''
}

function select(
  label: string,
  options: readonly (readonly [value: string, label: string])[],
  chosen: string,
  choose: (value: string) => void,
): TemplateResult {
  return html`<label class="pick">
    <span>${label}</span>
    <select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${options.map(([value, text]) => html`<option value=${value} .selected=${value === chosen}>${text}</option>`)}
    </select>
  </label>`
}
