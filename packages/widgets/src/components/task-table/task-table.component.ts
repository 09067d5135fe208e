/** `<task-table>`: the latest task runs, live; a row opens to the run's figures, context and steps. */
import '../../i18n/en-values.js'
import '../../i18n/en-tasks.js'
import type { Filters, TaskRun } from '@telltale/protocol/api'
import {
  type CSSResultGroup,
  html,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from 'lit'
import { LatePart } from '../../controllers/late-part.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { adoptStyles } from '../shared/adopt-styles.js'
import { messages } from '../shared/messages.js'
import { errorState, staleBadge } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import { taskStyles } from './task-table.styles.js'

/**
 * @event {CustomEvent<TaskRun>} task-select - A run was opened.
 * @event {CustomEvent<TaskRun>} task-close - A run was closed.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart table - The table. @csspart detail - An opened run.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 */
export class TaskTable extends WidgetElement {
  static override properties: PropertyDeclarations = {
    range: { type: String },
    status: { type: String },
    taskType: { type: String, attribute: 'task-type' },
    search: { type: String },
    filters: {},
    run: { type: String },
    limit: { type: Number },
    interval: { type: String },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, taskStyles]

  declare range: string
  /** Comma-separated: `ok`, `error`, `timeout`, `cancelled`. */
  declare status: string
  /** Comma-separated. */
  declare taskType: string
  /** Part of the id, type, error type or message. */
  declare search: string
  /** Conditions on the context of runs: `org.id=acme`, or JSON. */
  declare filters: Filters | string
  /** Id of a run that is opened, and shown first where it is not in the list. */
  declare run: string
  declare limit: number
  /** How often it is asked for where no stream is to be had. */
  declare interval: string

  readonly #runs = new LatePart(this, async () => {
    const { runsStyles, TaskRuns } = await import('./task-runs.js')
    adoptStyles(this.shadowRoot!, runsStyles)
    return new TaskRuns(this, this.source)
  })

  constructor() {
    super()
    this.range = '1h'
    this.status = ''
    this.taskType = ''
    this.search = ''
    this.filters = ''
    this.run = ''
    this.limit = 20
    this.interval = '5s'
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#runs.settled
    return super.getUpdateComplete()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#runs.value?.willUpdate(changed)
  }

  protected override render(): TemplateResult {
    const state = this.#runs.state ?? this.#runs.value!.state
    return html`<div class="card" part="card" title="">
      <div class="header" part="header">
        <h3>${this.exportTitle()}</h3>
        <span class="sub">${[this.taskType, this.status, this.range].filter(Boolean).join(' · ')}</span>
        ${state.phase === 'error' ? nothing : staleBadge(state.stale)}
        <div class="tools">${state.phase === 'ready' ? this.menu() : nothing}</div>
      </div>
      ${state.phase === 'ready' ? this.#runs.value!.table() : this.#stateView(state)}
    </div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.#runs.value?.updated(changed)
  }

  protected override exportTitle(): string {
    return this.title || messages.recentTasks
  }

  protected override exportTable(): ExportTable | undefined {
    return this.#runs.value?.exportTable(this.exportTitle())
  }

  #stateView(state: WidgetState): TemplateResult {
    if (state.phase === 'error') return errorState(state, () => this.#retry())
    if (state.phase === 'empty') return this.#runs.value!.empty()
    return html`<div role="status" aria-label=${messages.loading}>
      ${Array.from({ length: 5 }, () => html`<div class="bone row"></div>`)}
    </div>`
  }

  #retry(): void {
    if (this.#runs.value) this.#runs.value.retry()
    else void this.#runs.load()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'task-table': TaskTable
  }
  interface HTMLElementEventMap {
    'task-select': CustomEvent<TaskRun>
    'task-close': CustomEvent<TaskRun>
  }
}
