/** What a task table shows and does: its rows, how they are held and sorted, and what they open to. Loaded with the first such table. */
import type { TaskRun, TaskStatusName } from '@telltale/protocol/api'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import { keyOf, type TaskFeed, type TaskFeedOptions } from '../../client/task-feed.js'
import type { ClientController } from '../../controllers/client-controller.js'
import { TaskListController } from '../../controllers/task-list-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatNumber } from '../../format/number.js'
import { formatAgo, formatDateTime } from '../../format/time.js'
import { formatValue } from '../../format/unit.js'
import { icons } from '../shared/icons.js'
import { messages } from '../shared/messages.js'
import { duration, intervalMs, list, parseFilters } from '../shared/query-attributes.js'
import { emptyState } from '../shared/states.js'
import { bar, relativesOf, runDetail } from './run-detail.js'
import { runsTable } from './runs-table.js'
import type { TaskTable } from './task-table.component.js'

export { runsStyles } from './runs.styles.js'

const maxChildren = 100
const clockSlackMs = 60_000

type SortKey = TaskFeedOptions['sort']

const columnCount = 6
/** More rows at once than this are a stream, not news: they come without a highlight. */
const maxSeenArriving = 2
const statuses = new Set<string>(['ok', 'error', 'timeout', 'cancelled'])

export class TaskRuns {
  readonly #host: TaskTable
  readonly #source: ClientController
  readonly #list: TaskListController
  readonly #open = new Set<string>()
  #sort: SortKey = 'start_time'
  #order: 'asc' | 'desc' = 'desc'
  /** What is shown while somebody reads; the list goes on behind it. */
  #held: readonly TaskRun[] | undefined
  /** What opened runs have started, asked for when they were opened: most are not in the list. */
  readonly #children = new Map<string, readonly TaskRun[]>()
  /** The run that `run` names. */
  #pinned: TaskRun | undefined
  #isPointedAt = false
  #isMoving = false

  constructor(host: TaskTable, source: ClientController) {
    this.#host = host
    this.#source = source
    this.#list = new TaskListController(host, source, () => this.#request())
    new VisibilityController(host, (visible) => this.#list.setPaused(!visible))
  }

  get state(): WidgetState {
    const { state } = this.#list
    return state.phase === 'empty' && this.#pinned ? { ...state, phase: 'ready' } : state
  }

  retry(): void {
    this.#list.feed?.retry()
  }

  willUpdate(changed: PropertyValues<TaskTable>): void {
    const asked = ['range', 'status', 'taskType', 'search', 'filters', 'limit'] as const
    if (!asked.some((name) => changed.has(name))) return
    this.#held = undefined
    this.#open.clear()
    this.#children.clear()
    if (this.#pinned) this.#open.add(keyOf(this.#pinned))
  }

  updated(changed: PropertyValues<TaskTable>): void {
    if (this.#host.run === '') this.#pinned = undefined
    else if (changed.has('run') || !this.#pinned) void this.#pin(this.#host.run)
    // Rows of the first answer are simply there; those that come later are seen to arrive.
    this.#isMoving = this.#list.state.phase === 'ready' && this.#list.feed!.arrived <= maxSeenArriving
    if (this.#open.size > 0 && !this.#held && this.#list.feed?.loaded) this.#hold()
  }

  table(): TemplateResult {
    const feed = this.#list.feed!
    const runs = this.#shown(feed)
    const longestMs = Math.max(1, ...runs.map((run) => run.duration_ms))
    return html`<table part="table">
        <thead>
          <tr>
            <th scope="col" class="type">${messages.task}</th>
            <th scope="col" class="status">${messages.status}</th>
            ${this.#sortHeader('duration_ms', 'duration', messages.duration)}
            ${this.#sortHeader('start_time', 'started', messages.started)}
            <th scope="col" class="attempt">${messages.attempt}</th>
            <th scope="col" class="message">${messages.error}</th>
          </tr>
        </thead>
        <tbody
          class=${this.#isMoving ? 'live' : ''}
          @keydown=${this.#key}
          @pointerenter=${this.#point}
          @pointerleave=${this.#point}
          @focusin=${this.#hold}
          @focusout=${this.#release}
        >
          ${repeat(runs, keyOf, (run) => this.#row(run, longestMs))}
        </tbody>
      </table>
      <div class="footer">
        <span>${messages.ofTotal(formatNumber(runs.length), formatNumber(Math.max(feed.total, runs.length)))}</span>
        <span class="pulse ${feed.live && !this.#held ? 'on' : ''}">${this.#statusText(feed)}</span>
      </div>`
  }

  exportTable(title: string): ExportTable | undefined {
    const feed = this.#list.feed
    return feed?.loaded ? runsTable(title, this.#held ?? feed.runs) : undefined
  }

  empty(): TemplateResult {
    const { taskType, status, search, filters, range } = this.#host
    return taskType || status || search || filters
      ? emptyState(messages.noTaskMatches, '')
      : emptyState(messages.emptyTitle(range), messages.emptyTasks, "await withTaskMetrics('email.send', () => send())")
  }

  #shown(feed: TaskFeed): readonly TaskRun[] {
    const runs = this.#held ?? feed.runs
    const pinned = this.#pinned
    return !pinned || runs.some((run) => keyOf(run) === keyOf(pinned)) ? runs : [pinned, ...runs]
  }

  /** The run that was asked for by its id; one that is gone leaves the list as it is. */
  async #pin(id: string): Promise<void> {
    const { client } = this.#source
    if (!client || this.#pinned?.task_id === id) return
    const run = await queriesOf(client)
      .get<TaskRun>(`/api/v1/tasks/${encodeURIComponent(id)}`)
      .catch(() => undefined)
    if (this.#host.run !== id || !run) return
    this.#pinned = run
    if (!this.#open.has(keyOf(run))) this.#toggle(run)
  }

  #row(run: TaskRun, longestMs: number): TemplateResult {
    const key = keyOf(run)
    const isOpen = this.#open.has(key)
    const startMs = Date.parse(run.start_time)
    const failure = run.error_message ?? run.error_type ?? ''
    return html`<tr class="run ${run.status} ${isOpen ? 'open' : ''}" @click=${() => this.#toggle(run)}>
        <td class="type">
          <button class="opener" aria-expanded=${isOpen ? 'true' : 'false'}>${icons.chevron}<span>${run.task_type}</span></button>
        </td>
        <td class="status"><span class="pill ${run.status}"><i></i>${messages.statusNames[run.status]}</span></td>
        <td class="duration">
          <div class="length">
            <span>${formatValue(run.duration_ms, 'ms')}</span>${bar('0', `${((run.duration_ms / longestMs) * 100).toFixed(1)}%`)}
          </div>
        </td>
        <td class="started">
          <time datetime=${run.start_time} title=${formatDateTime(startMs)}>${formatAgo(startMs, this.#list.nowMs)}</time>
        </td>
        <td class="attempt">${run.attempt}</td>
        <td class="message" title=${failure}>${failure}</td>
      </tr>
      ${isOpen ? html`<tr><td class="detail" part="detail" colspan=${columnCount}>${runDetail(run, relativesOf(run, this.#shown(this.#list.feed!), this.#children.get(key) ?? [], this.#openRelative))}</td></tr>` : nothing}`
  }

  #sortHeader(key: SortKey, className: string, label: string): TemplateResult {
    const isSorted = this.#sort === key
    const order = this.#order === 'asc' ? 'ascending' : 'descending'
    return html`<th scope="col" class=${className} aria-sort=${isSorted ? order : nothing}>
      <button @click=${() => this.#sortBy(key)}>${label}${isSorted && this.#order === 'asc' ? icons.up : icons.down}</button>
    </th>`
  }

  #statusText(feed: TaskFeed): string {
    if (!this.#held) return feed.live ? messages.live : messages.polling
    const shown = new Set(this.#held.map(keyOf))
    return messages.paused(feed.runs.filter((run) => !shown.has(keyOf(run))).length)
  }

  /** Rows must not move away under a pointer, a focus, or an opened run. */
  readonly #hold = (): void => {
    // What is not there yet is held when it comes.
    if (this.#list.feed?.loaded) this.#held ??= this.#list.feed.runs
    this.#host.requestUpdate()
  }

  readonly #release = (): void => {
    if (this.#isPointedAt || this.#open.size > 0) return
    this.#held = undefined
    this.#host.requestUpdate()
  }

  readonly #point = (event: PointerEvent): void => {
    // A finger that has left the glass still leaves a row pointed at.
    if (event.pointerType !== 'mouse') return
    this.#isPointedAt = event.type === 'pointerenter'
    if (this.#isPointedAt) this.#hold()
    else this.#release()
  }

  #sortBy(key: SortKey): void {
    this.#held = undefined
    this.#order = this.#sort === key && this.#order === 'desc' ? 'asc' : 'desc'
    this.#sort = key
    this.#host.requestUpdate()
  }

  #toggle(run: TaskRun): void {
    const key = keyOf(run)
    this.#host.requestUpdate()
    if (this.#open.delete(key)) {
      this.#children.delete(key)
      this.#release()
      this.#host.dispatchEvent(new CustomEvent('task-close', { detail: run, bubbles: true, composed: true }))
      return
    }
    this.#open.add(key)
    this.#hold()
    void this.#askChildren(run)
    this.#host.dispatchEvent(new CustomEvent('task-select', { detail: run, bubbles: true, composed: true }))
  }

  async #askChildren(run: TaskRun): Promise<void> {
    const { client } = this.#source
    const answer = await (client &&
      queriesOf(client)
        .tasks({
          filters: { 'parent.id': run.task_id },
          // Clocks of two machines may differ a little.
          time_range: { start: Date.parse(run.start_time) - clockSlackMs, end: 'now' },
          ...{ sort: 'start_time', order: 'asc', limit: maxChildren },
        })
        // The run is shown all the same, with those of its children that the list has.
        .catch(() => undefined))
    if (!answer || answer.data.length === 0 || !this.#open.has(keyOf(run))) return
    this.#children.set(keyOf(run), answer.data)
    this.#host.requestUpdate()
  }

  /** Opens a parent or a child, and goes there. One that is not in the list is put before it. */
  readonly #openRelative = async (id: string): Promise<void> => {
    const run = this.#shown(this.#list.feed!).find((each) => each.task_id === id)
    if (!run) {
      this.#host.run = id
      return
    }
    if (!this.#open.has(keyOf(run))) this.#toggle(run)
    await this.#host.updateComplete
    const openers = [...this.#host.renderRoot.querySelectorAll<HTMLElement>('.opener')]
    const at = this.#shown(this.#list.feed!).findIndex((each) => keyOf(each) === keyOf(run))
    openers[at]?.focus()
    openers[at]?.scrollIntoView({ block: 'nearest' })
  }

  /** Up and down walk the rows, as in a list. */
  readonly #key = (event: KeyboardEvent): void => {
    const openers = [...this.#host.renderRoot.querySelectorAll<HTMLElement>('.opener')]
    const at = openers.indexOf(event.target as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: openers.length - 1 }[event.key]
    if (at < 0 || to === undefined || !openers[to]) return
    event.preventDefault()
    openers[to].focus()
  }

  #request(): TaskFeedOptions | ClientError {
    try {
      return {
        range: duration('range', this.#host.range),
        taskTypes: list(this.#host.taskType),
        statuses: list(this.#host.status).map(parseStatus),
        search: this.#host.search.trim(),
        filters: parseFilters(this.#host.filters),
        sort: this.#sort,
        order: this.#order,
        limit: Math.min(500, Math.max(1, Math.trunc(this.#host.limit) || 20)),
        pollMs: intervalMs(this.#host.interval),
      }
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }
}

function parseStatus(text: string): TaskStatusName {
  if (statuses.has(text)) return text as TaskStatusName
  throw new ClientError('invalid_option', `status="${text}" is not known: it takes ok, error, timeout or cancelled.`)
}
