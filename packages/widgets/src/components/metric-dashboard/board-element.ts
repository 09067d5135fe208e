/** What a board holds and how it is edited, from code and by hand alike; `<metric-dashboard>` adds how it is seen. */
import type { Dashboard, DashboardConfig, DashboardWidget } from '@telltale/protocol/api'
import type { PropertyDeclarations } from 'lit'
import {
  type BoardContent,
  type Columns,
  newWidgetId,
  withConfig,
  withLayout,
  withoutWidget,
  withType,
  withWidget,
} from '../../board/document.js'
import type { Cell } from '../../board/layout.js'
import type { BoardSession } from '../../client/board-session.js'
import { BoardsClient } from '../../client/boards-client.js'
import { queriesOf } from '../../client/query-client.js'
import { WidgetElement } from '../shared/widget-element.js'
import { boardMessages } from './board-messages.js'
import { BoardSource } from './board-source.js'

export class BoardElement extends WidgetElement {
  static override properties: PropertyDeclarations = {
    dashboard: { type: String },
    content: { attribute: false },
  }

  /** The id of a stored dashboard. */
  declare dashboard: string
  /** A board that is not stored: shown as it is; changes are told by `dashboard-change` alone. */
  declare content: DashboardConfig | undefined

  readonly #kept = new BoardSource({
    changed: () => this.requestUpdate(),
    saved: (dashboard) => this.saved(dashboard),
    opened: () => this.opened(),
  })
  /** What the live region says. */
  protected spoken = ''

  constructor() {
    super()
    this.dashboard = ''
  }

  get board(): BoardContent | undefined {
    return this.session?.content
  }

  /** Resolves once what was changed is stored, or could not be. */
  save(): Promise<void> {
    return this.session?.flush() ?? Promise.resolve()
  }

  /** Adds a widget and gives its id. */
  addWidget(widget: Omit<DashboardWidget, 'id' | 'position'> & Partial<DashboardWidget>): string {
    const id = widget.id ?? newWidgetId(this.board!, widget.type)
    this.edit((content) => withWidget(content, { ...widget, id }))
    this.say(boardMessages().added(this.nameOf(widget)))
    return id
  }

  updateWidget(id: string, config: DashboardWidget['config']): void {
    this.edit((content) => withConfig(content, id, config), `config ${id}`)
  }

  changeType(id: string, type: DashboardWidget['type']): void {
    this.edit((content) => withType(content, id, type))
  }

  removeWidget(id: string): void {
    const widget = this.widget(id)
    if (!widget) return
    this.edit((content) => withoutWidget(content, id))
    this.say(boardMessages().removed(this.nameOf(widget)))
  }

  updateBoard(change: Partial<DashboardConfig>): void {
    this.edit((content) => ({ ...content, ...change }) as BoardContent, Object.keys(change).join())
  }

  undo(): void {
    this.session?.undo()
  }

  redo(): void {
    this.session?.redo()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#kept.close()
  }

  protected override willUpdate(): void {
    this.#kept.open(this.shownId, this.content, this.source.client)
  }

  protected override exportTitle(): string {
    return this.board?.name || boardMessages().untitled
  }

  /** Of the board that is shown now. */
  protected get shownId(): string {
    return this.dashboard
  }

  protected get session(): BoardSession | undefined {
    return this.#kept.session
  }

  /** A stored board, without showing it. */
  protected async load(id: string): Promise<Dashboard> {
    return new BoardsClient(queriesOf(this.source.client!)).load(id)
  }

  protected saved(dashboard: Dashboard): void {
    this.#tell('dashboard-save', { dashboard })
  }

  /** Another board is shown from now on. */
  protected opened(): void {}

  protected arrange(cells: readonly Cell[], columns: Columns): void {
    this.edit((content) => withLayout(content, cells, columns))
  }

  /** The contents of an older version. Who may look is no part of what a board was. */
  protected restore(past: BoardContent): void {
    this.edit(({ is_public }) => ({ ...past, ...(is_public === undefined ? {} : { is_public }) }))
  }

  /** The same once more, below it. */
  protected copyOf({ type, config, position }: DashboardWidget): void {
    if (!this.board) return
    const below = { ...position, y: position.y + position.h }
    this.addWidget({ id: newWidgetId(this.board, type), type, config: structuredClone(config), position: below })
  }

  protected widget(id: string): DashboardWidget | undefined {
    return this.board?.widgets.find((widget) => widget.id === id)
  }

  protected nameOf({ config, type }: Pick<DashboardWidget, 'config' | 'type'>): string {
    return config.title || config.metric || boardMessages().kinds[type] || type
  }

  protected say(sentence: string): void {
    this.spoken = sentence
    this.requestUpdate()
  }

  /** Edits of one `name` that follow each other quickly are one step of undo. */
  protected edit(change: (content: BoardContent) => BoardContent, name = ''): void {
    const { session } = this
    if (!session) return
    const before = session.content
    session.edit(change, name)
    if (session.content !== before) this.#tell('dashboard-change', { content: session.content })
  }

  #tell(event: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(event, { detail, bubbles: true, composed: true }))
  }
}
