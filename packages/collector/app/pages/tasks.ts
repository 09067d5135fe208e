/** `/tasks`: task runs, searched and filtered; the address says how. */
import { html, render } from 'lit'
import { head, type ShowPage } from './page.js'

const statuses = ['', 'ok', 'error', 'timeout', 'cancelled']
const ranges = ['5m', '15m', '1h', '6h', '24h', '7d']

export const showTasks: ShowPage = ({ root, api, isCurrent }) => {
  let types: string[] = []
  const parameters = () => new URLSearchParams(location.search)
  const set = (name: string, value: string) => {
    const url = new URL(location.href)
    if (value) url.searchParams.set(name, value)
    else url.searchParams.delete(name)
    history.replaceState(history.state, '', url)
    draw()
  }
  const select = (
    label: string,
    name: string,
    options: readonly string[],
    fallback: string,
  ) => html`<label class="pick">
    <span>${label}</span>
    <select @change=${(event: Event) => set(name, (event.target as HTMLSelectElement).value)}>
      ${options.map((option) => html`<option value=${option} .selected=${option === (parameters().get(name) ?? fallback)}>${option || 'all'}</option>`)}
    </select>
  </label>`

  const draw = () => {
    if (!isCurrent()) return
    const chosen = parameters()
    const value = (name: string) => chosen.get(name) ?? ''
    const isFiltered = value('type') !== '' || value('status') !== ''
    render(
      html`${head('Task runs', 'Every run with its steps, resources and errors.')}
        <div class="filters" role="group" aria-label="Filters">
          ${select('Type', 'type', ['', ...types], '')} ${select('Status', 'status', statuses, '')}
          ${select('Range', 'range', ranges, '1h')}
          ${
            isFiltered
              ? html`<button class="link" @click=${() => {
                  history.replaceState(history.state, '', '/tasks')
                  draw()
                }}>Clear</button>`
              : ''
          }
        </div>
        <section class="charts small" aria-label="Charts">
          <metric-chart
            title="Runs by status" metric="task.execution.count" aggregation="rate" group-by="status" type="bar" fill="zero"
            range=${value('range') || '1h'} filters=${value('type') ? `task.type=${value('type')}` : ''}
          ></metric-chart>
          <metric-chart
            title="Duration, p95" metric="task.execution.duration" aggregation="p95" group-by="task.type"
            range=${value('range') || '1h'} filters=${value('type') ? `task.type=${value('type')}` : ''}
          ></metric-chart>
        </section>
        <task-table
          title="Runs" limit="100" range=${value('range') || '1h'} task-type=${value('type')} status=${value('status')}
        ></task-table>`,
      root,
    )
  }
  draw()
  void api
    .get<{ data: string[] }>('/api/v1/metrics/task.execution.count/tags/task.type/values')
    .then(({ data }) => {
      types = data
      draw()
    })
    // Without runs there are no types; the table says so.
    .catch(() => undefined)
  return undefined
}
