/**
 * `<metric-dashboard>`: a board of tags on a grid, which its reader can arrange, configure and save. The board's range, refresh
 * and filters reach its widgets through a group, so the board itself draws no data.
 */
import type { Dashboard, DashboardConfig, DashboardWidget } from '@telltale/protocol/api'
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import {
  type BoardContent,
  type Columns,
  layoutOf,
  newWidgetId,
  wideColumns,
  withConfig,
  withLayout,
  withoutWidget,
  withType,
  withWidget,
} from '../../board/document.js'
import type { Cell } from '../../board/layout.js'
import { kindOf } from '../../board/widget-kinds.js'
import { BoardSession, type BoardTransport } from '../../client/board-session.js'
import { BoardsClient } from '../../client/boards-client.js'
import type { ExportFormat } from '../../export/formats.js'
import { icons } from '../shared/icons.js'
import type { MenuItem } from '../shared/menu.js'
import { messages } from '../shared/messages.js'
import { emptyState } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import { exportBoard } from './board-export.js'
import { BoardGroups } from './board-groups.js'
import { itemView, linkOf } from './board-item.js'
import { type BoardMessages, boardMessages } from './board-messages.js'
import { conflictBar, toolbar } from './board-toolbar.js'
import type { BoardEditor } from './editor/board-editor.js'
import { editorStyles } from './editor/editor.styles.js'
import { GridMoves } from './grid-moves.js'
import { dashboardStyles } from './metric-dashboard.styles.js'
import { WidgetHost } from './widget-host.js'

/** Container widths from which a board has 6, and 12 columns. */
const mediumPx = 560
const widePx = 960

let boards = 0
/** What was copied last, on any board of the page. */
let clipboard: DashboardWidget | undefined

/**
 * @attr dashboard - The id of a stored dashboard.
 * @attr editable - Its reader may change it; takes a key of scope admin, or an embed token with `edit`.
 * @attr editing - It is being changed.
 * @attr kiosk - Without title and tools.
 * @attr sync-url - Range and filters stand in the page's address.
 *
 * @event {CustomEvent<{ content: DashboardConfig }>} dashboard-change - Its reader changed it.
 * @event {CustomEvent<{ dashboard: Dashboard }>} dashboard-save - A change is stored.
 * @event {CustomEvent<SelectDetail>} metric-select - Of a widget inside.
 * @csspart toolbar - Title and tools. @csspart grid - The grid. @csspart item - The frame of a widget. @csspart widget - A widget.
 * @csspart panel - The editor. @csspart empty - The empty state. @csspart error - The error state.
 * @cssproperty [--telltale-board-row=52px] - Height of a row. @cssproperty [--telltale-board-gap=14px] - Space between widgets.
 */
export class MetricDashboard extends WidgetElement {
  static override properties: PropertyDeclarations = {
    dashboard: { type: String },
    editable: { type: Boolean, reflect: true },
    editing: { type: Boolean, reflect: true },
    kiosk: { type: Boolean, reflect: true },
    syncUrl: { type: Boolean, attribute: 'sync-url' },
    content: { attribute: false },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, dashboardStyles, editorStyles]

  declare dashboard: string
  declare editable: boolean
  declare editing: boolean
  declare kiosk: boolean
  declare syncUrl: boolean
  /** A board that is not stored: shown as it is; changes are told by `dashboard-change` alone. */
  declare content: DashboardConfig | undefined

  readonly #groups = new BoardGroups(`telltale-board-${++boards}`)
  readonly #host = new WidgetHost(this.#groups.names)
  #session: BoardSession | undefined
  #sessionOf: unknown
  #columns: Columns = 12
  readonly #moves = new GridMoves({
    grid: () => this.renderRoot.querySelector<HTMLElement>('.grid'),
    items: () => [...this.renderRoot.querySelectorAll<HTMLElement>('.item')],
    layout: () => this.board && layoutOf(this.board, this.#columns),
    columns: () => this.#columns,
    isRtl: () => getComputedStyle(this).direction === 'rtl',
    nameOf: (id) => this.#nameOf(this.#widget(id)!),
    keep: (cells) => this.#edit((content) => withLayout(content, cells, this.#columns)),
    say: (sentence) => this.#say(sentence),
    changed: () => this.requestUpdate(),
    refocus: (id) => void this.updateComplete.then(() => this.#focusGrip(id)),
  })
  #editor: BoardEditor | undefined
  #spoken = ''
  #resize: ResizeObserver | undefined

  constructor() {
    super()
    this.dashboard = ''
    this.editable = false
    this.editing = false
    this.kiosk = false
    this.syncUrl = false
  }

  /** Resolves once what was changed is stored, or could not be. */
  save(): Promise<void> {
    return this.#session?.flush() ?? Promise.resolve()
  }

  get board(): BoardContent | undefined {
    return this.#session?.content
  }

  /** Adds a widget and gives its id. */
  addWidget(widget: Omit<DashboardWidget, 'id' | 'position'> & Partial<DashboardWidget>): string {
    const id = widget.id ?? newWidgetId(this.#session!.content!, widget.type)
    this.#edit((content) => withWidget(content, { ...widget, id }))
    this.#say(boardMessages().added(this.#nameOf(widget)))
    void this.updateComplete.then(() => {
      this.#itemOf(id)?.scrollIntoView({ block: 'nearest' })
    })
    return id
  }

  updateWidget(id: string, config: DashboardWidget['config']): void {
    this.#edit((content) => withConfig(content, id, config), `config ${id}`)
  }

  changeType(id: string, type: DashboardWidget['type']): void {
    this.#edit((content) => withType(content, id, type))
  }

  removeWidget(id: string): void {
    const widget = this.#widget(id)
    if (!widget) return
    this.#editor?.closeFor(id)
    this.#edit((content) => withoutWidget(content, id))
    this.#say(boardMessages().removed(this.#nameOf(widget)))
  }

  updateBoard(change: Partial<DashboardConfig>): void {
    this.#edit((content) => ({ ...content, ...change }) as BoardContent, Object.keys(change).join())
  }

  undo(): void {
    this.#session?.undo()
  }

  redo(): void {
    this.#session?.redo()
  }

  /** `png` and `pdf` show the whole board, `csv` is a ZIP with a file for each widget, `json` can be imported. */
  override async export(format: ExportFormat): Promise<Blob> {
    await this.updateComplete
    const grid = this.renderRoot.querySelector<HTMLElement>('.grid')
    const content = this.board
    const widgets = content ? this.#host.elements(content.widgets) : []
    return this.localized(() => exportBoard(format, { grid, content, widgets }))
  }

  protected override exportTitle(): string {
    return this.board?.name || boardMessages().untitled
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#resize = new ResizeObserver(([{ contentRect }]) => this.#resized(contentRect.width))
    this.#resize.observe(this)
    this.#groups.connect(() => this.syncUrl)
    this.addEventListener('keydown', this.#shortcut)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize?.disconnect()
    this.#groups.disconnect()
    this.removeEventListener('keydown', this.#shortcut)
    this.#session?.close()
    this.#session = this.#sessionOf = undefined
  }

  protected override willUpdate(): void {
    this.#open()
    const { content } = this
    const board = this.#session?.content
    if (board) {
      this.#groups.follow(board)
      this.#host.keep(board.widgets)
      if (this.editable && board.widgets.length === 0 && this.#session?.canUndo === false) this.editing = true
    }
    if (!this.editable) this.editing = false
    if (content === undefined && !this.dashboard) this.editing = false
    if (this.editing && !this.#editor) void this.#loadEditor()
  }

  protected override render(): TemplateResult {
    const session = this.#session
    const text = boardMessages()
    if (session?.phase === 'error' && session.error) {
      return html`<div class="card alone" part="error">${this.#errorView(session)}</div>`
    }
    const content = session?.content
    if (!content)
      return this.dashboard || this.content
        ? skeleton()
        : html`<div class="card alone">${emptyState(text.noBoard, '')}</div>`
    // The order stays while something is moved: an element that is put elsewhere loses its focus.
    const cells = layoutOf(content, this.#columns)
    const isEditing = this.editing
    return html`<div class="board ${isEditing ? 'editing' : ''}">
      ${this.kiosk ? nothing : this.#toolbar(content)}
      ${session?.saveState === 'conflict' ? conflictBar(text, (side) => session.settle(side)) : nothing}
      <div class="stage">
        <div class="grid c${this.#columns}" part="grid" role=${content.widgets.length > 0 ? 'list' : nothing} aria-label=${content.name} @metric-select=${this.#follow}>
          ${repeat(
            inOrder(content.widgets, cells),
            ({ id }) => id,
            (widget) => this.#item(widget, text),
          )}
          ${content.widgets.length === 0 ? this.#emptyView(text) : nothing}
        </div>
        ${isEditing && this.#editor?.isOpen ? html`<aside class="panel" part="panel" data-no-picture>${this.#editor.view(content)}</aside>` : nothing}
      </div>
      <p class="hidden" id="move-help">${text.moveHelp}</p>
      <p class="hidden" role="status">${this.#spoken}</p>
    </div>`
  }

  protected override updated(): void {
    const content = this.#session?.content
    if (!content) return
    this.#moves.arrange(this.#moves.moving ?? layoutOf(content, this.#columns))
  }

  #toolbar(content: BoardContent): TemplateResult {
    const session = this.#session!
    return toolbar({
      text: boardMessages(),
      content,
      groupName: this.#groups.names.moving,
      start: this.#groups.start,
      editable: this.editable,
      editing: this.editing,
      saveState: session.saveState,
      error: session.error?.message,
      canUndo: session.canUndo,
      canRedo: session.canRedo,
      menu: this.menu(this.#menuItems()),
      rename: (name) => this.updateBoard({ name }),
      toggle: () => this.#toggleEditing(),
      add: () => void this.#openGallery(),
      undo: () => this.undo(),
      redo: () => this.redo(),
      retry: () => void session.flush(),
    })
  }

  #menuItems(): MenuItem[] {
    if (!document.fullscreenEnabled) return []
    return [{ label: boardMessages().fullScreen, run: () => void this.requestFullscreen().catch(() => undefined) }]
  }

  #item(widget: DashboardWidget, text: BoardMessages): TemplateResult {
    const { id, type } = widget
    return itemView({
      ...{ id, text, isEditing: this.editing },
      name: this.#nameOf(widget),
      frame: kindOf(type).tag === '' ? undefined : this.#host.element(widget),
      unknown: text.unknownKind(type),
      isLifted: this.#moves.isLifted(id),
      isChosen: this.#editor?.isOpenFor(id) ?? false,
      drag: (event, mode) => this.#moves.drag(event, mode),
      gripKey: (event) => this.#gripKey(event, id),
      leave: () => this.#moves.release(false),
      configure: () => void this.#configure(id),
      duplicate: () => this.#copyOf(widget),
      remove: () => this.removeWidget(id),
    })
  }

  /** A widget with a link opens it, with the tags of what was chosen in their places. */
  readonly #follow = (event: CustomEvent<{ tags?: Record<string, string | null> }>): void => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('.item')?.dataset.id
    const { link } = (id !== undefined && this.#widget(id)?.config) || {}
    if (typeof link !== 'string' || this.editing) return
    const url = linkOf(link, event.detail?.tags ?? {})
    if (url) location.assign(url)
  }

  #emptyView(text: BoardMessages): TemplateResult {
    return html`<div class="blank" part="empty">
      ${icons.empty}<strong>${text.emptyTitle}</strong>
      <p>${this.editable ? text.emptyText : text.emptyRead}</p>
      ${this.editable ? html`<button class="action" @click=${() => void this.#openGallery()}>${text.add}</button>` : nothing}
    </div>`
  }

  #errorView(session: BoardSession): TemplateResult {
    return html`<div class="state">
      ${icons.error}<strong role="alert">${messages.errorTitle}</strong>
      <p>${session.error?.message}</p>
      <button class="action" @click=${() => void session.load()}>${messages.retry}</button>
    </div>`
  }

  #open(): void {
    const of =
      this.content ??
      (this.dashboard && this.source.client ? `${this.source.client.endpoint} ${this.dashboard}` : undefined)
    if (of === this.#sessionOf) return
    this.#sessionOf = of
    this.#session?.close()
    this.#session = undefined
    if (of === undefined) return
    const transport = this.content ? this.#local(this.content) : this.#stored()
    this.#session = new BoardSession({
      id: this.dashboard,
      transport,
      changed: () => this.requestUpdate(),
    })
  }

  #stored(): BoardTransport {
    const client = new BoardsClient(this.source.client!.queries)
    return {
      load: (id) => client.load(id),
      save: async (id, content, version) => {
        const dashboard = await client.save(id, content, version)
        this.dispatchEvent(new CustomEvent('dashboard-save', { detail: { dashboard }, bubbles: true, composed: true }))
        return dashboard
      },
    }
  }

  /** A board of the page's own. */
  #local(content: DashboardConfig): BoardTransport {
    const stored = (config: object, version: number) => ({ widgets: [], ...config, version }) as unknown as Dashboard
    return {
      load: async () => stored(content, 1),
      save: async (_id, saved, version) => stored(saved, version + 1),
    }
  }

  #edit(change: (content: BoardContent) => BoardContent, name = ''): void {
    const session = this.#session
    if (!session) return
    const before = session.content
    session.edit(change, name)
    if (session.content === before) return
    const detail = { content: session.content }
    this.dispatchEvent(new CustomEvent('dashboard-change', { detail, bubbles: true, composed: true }))
  }

  #toggleEditing(): void {
    this.editing = !this.editing
    if (!this.editing) {
      this.#editor?.close()
      void this.save()
    }
  }

  async #loadEditor(): Promise<BoardEditor> {
    if (this.#editor) return this.#editor
    const { BoardEditor: Editor } = await import('./editor/board-editor.js')
    this.#editor ??= new Editor({
      board: this,
      queries: () => this.source.client?.queries,
      groupName: this.#groups.names.moving,
      changed: () => this.requestUpdate(),
      closed: (id) => this.#focusGrip(id),
    })
    return this.#editor
  }

  async #openGallery(): Promise<void> {
    this.editing = true
    const editor = await this.#loadEditor()
    editor.openGallery()
  }

  async #configure(id: string): Promise<void> {
    const editor = await this.#loadEditor()
    editor.openFor(id)
    await this.updateComplete
    // On a narrow board the editor covers the lower half.
    this.#itemOf(id)?.scrollIntoView({ block: this.#columns === wideColumns ? 'nearest' : 'start' })
  }

  #gripKey(event: KeyboardEvent, id: string): void {
    const isMove = this.localized(() => this.#moves.key(event, id))
    if (!isMove && event.key !== 'Delete' && event.key !== 'Backspace') return
    event.preventDefault()
    event.stopPropagation()
    if (!isMove) this.removeWidget(id)
  }

  readonly #shortcut = (event: KeyboardEvent): void => {
    if (!this.editing || !(event.ctrlKey || event.metaKey) || isTyping(event)) return
    const key = event.key.toLowerCase()
    const focused = this.renderRoot.querySelector<HTMLElement>('.item:focus-within')?.dataset.id
    const widget = focused === undefined ? undefined : this.#widget(focused)
    if (key === 'z') event.shiftKey ? this.redo() : this.undo()
    else if (key === 'y') this.redo()
    else if (key === 'c' && widget) clipboard = widget
    else if (key === 'x' && widget) {
      clipboard = widget
      this.removeWidget(widget.id)
    } else if (key === 'v' && clipboard) this.#copyOf(clipboard)
    else return
    event.preventDefault()
  }

  #copyOf({ type, config, position }: DashboardWidget): void {
    const content = this.#session?.content
    if (!content) return
    const id = newWidgetId(content, type)
    const { w, h } = position
    const below = { ...position, y: position.y + position.h, w, h }
    this.addWidget({ id, type, config: structuredClone(config), position: below })
  }

  #resized(width: number): void {
    const columns: Columns = width >= widePx ? 12 : width >= mediumPx ? 6 : 1
    if (columns === this.#columns) return
    this.#columns = columns
    // In the next frame: an observer that changes what it observes is told so by the browser.
    requestAnimationFrame(() => this.requestUpdate())
  }

  #focusGrip(id: string | undefined): void {
    const target = id === undefined ? this.renderRoot.querySelector<HTMLElement>('.add') : this.#gripOf(id)
    target?.focus()
  }

  #gripOf(id: string): HTMLElement | null | undefined {
    return this.#itemOf(id)?.querySelector<HTMLElement>('.grip')
  }

  #itemOf(id: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`.item[data-id="${CSS.escape(id)}"]`)
  }

  #widget(id: string): DashboardWidget | undefined {
    return this.#session?.content?.widgets.find((widget) => widget.id === id)
  }

  #nameOf({ config, type }: Pick<DashboardWidget, 'config' | 'type'>): string {
    return config.title || config.metric || boardMessages().kinds[type] || type
  }

  #say(sentence: string): void {
    this.#spoken = sentence
    this.requestUpdate()
  }
}

/** In reading order, so that Tab goes as the eye does. */
function inOrder(widgets: readonly DashboardWidget[], cells: readonly Cell[]): DashboardWidget[] {
  const rank = new Map([...cells].sort((a, b) => a.y - b.y || a.x - b.x).map(({ id }, i) => [id, i]))
  return [...widgets].sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0))
}

function isTyping(event: Event): boolean {
  const [target] = event.composedPath()
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  )
}

function skeleton(): TemplateResult {
  return html`<div class="board" role="status" aria-label=${messages.loading}>
    <div class="toolbar"><div class="bone name"></div></div>
    <div class="grid c12 bones">${Array.from({ length: 5 }, () => html`<div class="bone"></div>`)}</div>
  </div>`
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-dashboard': MetricDashboard
  }
}
