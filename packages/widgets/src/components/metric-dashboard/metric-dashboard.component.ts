/**
 * `<metric-dashboard>`: a board of tags on a grid, which its reader can arrange, configure and save. The board's range, refresh
 * and filters reach its widgets through a group, so the board itself draws no data.
 */

import type { Dashboard, DashboardWidget } from '@telltale/protocol/api'
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { type BoardContent, type Columns, columnsFor, layoutOf, wideColumns } from '../../board/document.js'
import { kindOf } from '../../board/widget-kinds.js'
import { queriesOf } from '../../client/query-client.js'
import type { ExportFormat } from '../../export/formats.js'
import type { MetricChart } from '../metric-chart/index.js'
import type { SelectDetail, ZoomDetail } from '../metric-chart/interaction.js'
import type { MenuItem } from '../shared/menu.js'
import { list } from '../shared/query-attributes.js'
import { emptyState } from '../shared/states.js'
import { BoardCycle } from './board-cycle.js'
import { BoardElement } from './board-element.js'
import { exportBoard } from './board-export.js'
import { BoardGroups } from './board-groups.js'
import { followLink, itemView } from './board-item.js'
import { boardKey, type KeyedBoard } from './board-keys.js'
import { boardMenu } from './board-menu.js'
import { type BoardMessages, boardMessages } from './board-messages.js'
import { BoardPanels } from './board-panels.js'
import { conflictBar, toolbar } from './board-toolbar.js'
import { emptyBoard, failedBoard, inOrder, pager, skeleton } from './board-views.js'
import { editorStyles } from './editor/editor.styles.js'
import { gridStyles } from './grid.styles.js'
import { GridMoves } from './grid-moves.js'
import { Kiosk } from './kiosk.js'
import { dashboardStyles } from './metric-dashboard.styles.js'
import { notesStyles } from './notes/notes.styles.js'
import { pastStyles } from './past/past.styles.js'
import { WidgetHost } from './widget-host.js'

let boards = 0
/**
 * @attr dashboard - The id of a stored dashboard.
 * @attr editable - Its reader may change it; takes a key of scope admin, or an embed token with `edit`.
 * @attr editing - It is being changed.
 * @attr kiosk - Without title and tools.
 * @attr annotations - Its charts show the annotations that the collector keeps.
 * @attr cycle - Ids of boards that take turns, separated by commas.
 * @attr cycle-seconds - How long each of them is shown.
 * @attr sync-url - Range and filters stand in the page's address.
 *
 * @event {CustomEvent<{ content: DashboardConfig }>} dashboard-change - Its reader changed it.
 * @event {CustomEvent<{ dashboard: Dashboard }>} dashboard-save - A change is stored.
 * @event {CustomEvent<SelectDetail>} metric-select - Of a widget inside.
 * @csspart toolbar - Title and tools. @csspart grid - The grid. @csspart item - The frame of a widget. @csspart widget - A widget.
 * @csspart panel - The editor. @csspart empty - The empty state. @csspart error - The error state.
 * @cssproperty [--telltale-board-row=52px] - Height of a row. @cssproperty [--telltale-board-gap=14px] - Space between widgets.
 * @cssproperty [--telltale-board-top=12px] - What the page keeps at its top, over which nothing of the board comes to rest.
 */
export class MetricDashboard extends BoardElement {
  static override properties: PropertyDeclarations = {
    editable: { type: Boolean, reflect: true },
    editing: { type: Boolean, reflect: true },
    kiosk: { type: Boolean, reflect: true },
    annotations: { type: Boolean, reflect: true },
    cycle: { type: String },
    cycleSeconds: { type: Number, attribute: 'cycle-seconds' },
    syncUrl: { type: Boolean, attribute: 'sync-url' },
  }
  static override styles: CSSResultGroup = [
    BoardElement.styles,
    dashboardStyles,
    gridStyles,
    editorStyles,
    pastStyles,
    notesStyles,
  ]

  declare editable: boolean
  declare editing: boolean
  declare kiosk: boolean
  declare annotations: boolean
  /** Ids of boards that take turns, separated by commas. */
  declare cycle: string
  declare cycleSeconds: number
  declare syncUrl: boolean

  readonly #groups = new BoardGroups(`telltale-board-${++boards}`)
  readonly #host = new WidgetHost(this.#groups.names)
  #columns: Columns = 12
  readonly #moves = new GridMoves({
    grid: () => this.renderRoot.querySelector<HTMLElement>('.grid'),
    items: () => [...this.renderRoot.querySelectorAll<HTMLElement>('.item')],
    layout: () => this.board && layoutOf(this.board, this.#columns),
    columns: () => this.#columns,
    isRtl: () => getComputedStyle(this).direction === 'rtl',
    nameOf: (id) => this.nameOf(this.widget(id)!),
    keep: (cells) => this.arrange(cells, this.#columns),
    say: (sentence) => this.say(sentence),
    changed: () => this.requestUpdate(),
    refocus: (id) => void this.updateComplete.then(() => this.#focusGrip(id)),
  })
  readonly #keyed: KeyedBoard = {
    undo: () => this.undo(),
    redo: () => this.redo(),
    removeWidget: (id) => this.removeWidget(id),
    paste: (widget) => this.copyOf(widget),
  }
  readonly #panels = new BoardPanels({
    id: () => this.shownId,
    queries: () => this.source.client && queriesOf(this.source.client),
    groupName: this.#groups.names.moving,
    addWidget: (widget) => this.addWidget(widget),
    updateWidget: (id, config) => this.updateWidget(id, config),
    changeType: (id, type) => this.changeType(id, type),
    save: () => this.save(),
    undo: () => this.undo(),
    restore: (past) => this.restore(past),
    window: () => this.#groups.window(this.source.client?.connection.nowMs() ?? Date.now()),
    say: (sentence) => this.say(sentence),
    changed: () => this.requestUpdate(),
    closed: (id) => this.#focusGrip(id),
  })
  readonly #cycle = new BoardCycle({
    load: (id) => this.load(id),
    mayTurn: () => !this.editing && !this.#panels.isOpen,
    turned: () => this.requestUpdate(),
  })
  /** It was made a kiosk by its reader, who may leave it. */
  readonly #kiosk = new Kiosk(this)
  #resize: ResizeObserver | undefined

  constructor() {
    super()
    this.editable = false
    this.editing = false
    this.kiosk = false
    this.annotations = false
    this.cycle = ''
    this.cycleSeconds = 30
    this.syncUrl = false
  }

  /** The board, or the version of it that is looked at. */
  get #shown(): BoardContent | undefined {
    return this.#panels.preview ?? this.board
  }

  /** A version of the past is not arranged. */
  get #isArranged(): boolean {
    return this.editing && !this.#panels.preview
  }

  override addWidget(widget: Omit<DashboardWidget, 'id' | 'position'> & Partial<DashboardWidget>): string {
    const id = super.addWidget(widget)
    void this.updateComplete.then(() => this.#itemOf(id)?.scrollIntoView({ block: 'nearest' }))
    return id
  }

  override removeWidget(id: string): void {
    this.#panels.closeFor(id)
    super.removeWidget(id)
  }

  protected override get shownId(): string {
    return this.#cycle.id ?? this.dashboard
  }

  protected override saved(dashboard: Dashboard): void {
    this.#panels.saved()
    super.saved(dashboard)
  }

  protected override opened(): void {
    this.#panels.forget()
  }

  /** `png` and `pdf` show the whole board, `csv` is a ZIP with a file for each widget, `json` can be imported. */
  override async export(format: ExportFormat): Promise<Blob> {
    await this.updateComplete
    const grid = this.renderRoot.querySelector<HTMLElement>('.grid')
    const content = this.board
    const widgets = content ? this.#host.elements(content.widgets) : []
    return this.localized(() => exportBoard(format, { grid, content, widgets }))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#resize = new ResizeObserver(([{ contentRect }]) => this.#resized(contentRect.width))
    this.#resize.observe(this)
    this.#groups.connect(() => this.syncUrl)
    this.addEventListener('keydown', this.#shortcut)
    this.addEventListener('pointermove', this.#cycle.wait)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize?.disconnect()
    this.#groups.disconnect()
    this.removeEventListener('keydown', this.#shortcut)
    this.removeEventListener('pointermove', this.#cycle.wait)
    this.#cycle.stop()
    this.#kiosk.leave()
  }

  protected override willUpdate(): void {
    this.#cycle.follow(this.content ? [] : list(this.cycle), this.cycleSeconds)
    super.willUpdate()
    const { content } = this
    const board = this.#shown
    if (board) {
      this.#groups.follow(board)
      this.#host.isAnnotated = this.annotations
      this.#host.keep(board.widgets)
      if (this.editable && board.widgets.length === 0 && this.session?.canUndo === false) this.editing = true
    }
    if (!this.editable) this.editing = false
    if (content === undefined && !this.shownId) this.editing = false
    if (this.editing) void this.#panels.loadEditor()
  }

  protected override render(): TemplateResult {
    const session = this.session
    const text = boardMessages()
    if (session?.phase === 'error' && session.error) {
      return failedBoard(session.error.message, () => void session.load())
    }
    const content = this.#shown
    if (!content)
      return this.shownId || this.content
        ? skeleton()
        : html`<div class="card alone">${emptyState(text.noBoard, '')}</div>`
    // The order stays while something is moved: an element that is put elsewhere loses its focus.
    const cells = layoutOf(content, this.#columns)
    const isEditing = this.#isArranged
    const panel = this.#panels.view(content, isEditing)
    return html`<div class="board ${isEditing ? 'editing' : ''}">
      ${this.kiosk ? nothing : this.#toolbar(content)}
      ${session?.saveState === 'conflict' ? conflictBar(text, (side) => session.settle(side)) : nothing}
      ${this.#panels.bar() ?? nothing}
      <div class="stage">
        <div class="grid c${this.#columns}" part="grid" role=${content.widgets.length > 0 ? 'list' : nothing} aria-label=${content.name} @metric-select=${this.#follow} @metric-zoom=${this.#zoomed}>
          ${repeat(
            inOrder(content.widgets, cells),
            ({ id }) => id,
            (widget) => this.#item(widget, text),
          )}
          ${content.widgets.length === 0 ? emptyBoard(this.editable, () => void this.#openGallery()) : nothing}
        </div>
        ${panel ? html`<aside class="panel" part="panel" data-no-picture>${panel}</aside>` : nothing}
      </div>
      ${this.kiosk && this.#cycle.id !== undefined ? pager(content.name, this.#cycle.position) : nothing}
      <p class="hidden" id="move-help">${text.moveHelp}</p>
      <p class="hidden" role="status">${this.spoken}</p>
    </div>`
  }

  protected override updated(): void {
    const content = this.#shown
    if (!content) return
    this.#moves.arrange(this.#moves.moving ?? layoutOf(content, this.#columns))
  }

  #toolbar(content: BoardContent): TemplateResult {
    const session = this.session!
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
    return boardMenu({
      ...{ isStored: !this.content, editable: this.editable, annotations: this.annotations },
      openPast: () => void this.#panels.openPast(),
      toggleNotes: () => {
        this.annotations = !this.annotations
      },
      annotate: () => void this.#annotate(),
      fullScreen: () => void this.requestFullscreen().catch(() => undefined),
      kiosk: () => this.#kiosk.enter(),
    })
  }

  #item(widget: DashboardWidget, text: BoardMessages): TemplateResult {
    const { id, type } = widget
    return itemView({
      ...{ id, text, isEditing: this.#isArranged },
      name: this.nameOf(widget),
      frame: kindOf(type).tag === '' ? undefined : this.#host.element(widget),
      unknown: text.unknownKind(type),
      isLifted: this.#moves.isLifted(id),
      isChosen: this.#panels.isOpenFor(id),
      drag: (event, mode) => this.#moves.drag(event, mode),
      gripKey: (event) => this.#gripKey(event, id),
      leave: () => this.#moves.release(false),
      configure: () => void this.#configure(id),
      duplicate: () => this.copyOf(widget),
      remove: () => this.removeWidget(id),
    })
  }

  readonly #follow = (event: CustomEvent<SelectDetail>): void => {
    const id = (event.target as HTMLElement).closest<HTMLElement>('.item')?.dataset.id
    const widget = id === undefined ? undefined : this.widget(id)
    if (this.#panels.pick(Date.parse(event.detail.point.timestamp))) return
    if (widget && !this.editing) followLink(widget, event.detail.series.tags)
  }

  /** A span for an annotation is picked as one to zoom into is; the chart stays as it is then. */
  readonly #zoomed = ({ target, detail: { start, end } }: CustomEvent<ZoomDetail>): void => {
    if (start === null || end === null || !this.#panels.pick(Date.parse(start), Date.parse(end))) return
    ;(target as Partial<MetricChart> | null)?.resetZoom?.()
  }

  #toggleEditing(): void {
    this.editing = !this.editing
    if (!this.editing) {
      this.#panels.closeEditor()
      void this.save()
    }
  }

  async #annotate(): Promise<void> {
    const nowMs = this.source.client?.connection.nowMs() ?? Date.now()
    this.annotations = true
    if (this.editing) this.#toggleEditing()
    await this.#panels.openNotes(this.#groups.cursorMs ?? nowMs)
  }

  async #openGallery(): Promise<void> {
    this.editing = true
    await this.#panels.openGallery()
  }

  async #configure(id: string): Promise<void> {
    await this.#panels.openFor(id)
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
    this.#cycle.wait()
    if (this.kiosk && event.key === 'PageDown') void this.#cycle.turn(1)
    if (this.kiosk && event.key === 'PageUp') void this.#cycle.turn(-1)
    if (!this.editing) return
    const focused = this.renderRoot.querySelector<HTMLElement>('.item:focus-within')?.dataset.id
    const widget = focused === undefined ? undefined : this.widget(focused)
    if (boardKey(event, this.#keyed, widget)) event.preventDefault()
  }

  #resized(width: number): void {
    const columns = columnsFor(width)
    if (columns === this.#columns) return
    this.#columns = columns
    // In the next frame: an observer that changes what it observes is told so by the browser.
    requestAnimationFrame(() => this.requestUpdate())
  }

  #focusGrip(id: string | undefined): void {
    const root = this.renderRoot
    const target =
      id === undefined
        ? (root.querySelector('.add') ?? root.querySelector('.more'))
        : this.#itemOf(id)?.querySelector('.grip')
    if (target instanceof HTMLElement) target.focus()
  }

  #itemOf(id: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(`.item[data-id="${CSS.escape(id)}"]`)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-dashboard': MetricDashboard
  }
}
