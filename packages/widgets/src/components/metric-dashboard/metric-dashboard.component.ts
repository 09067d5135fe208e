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
  withConfig,
  withLayout,
  withoutWidget,
  withType,
  withWidget,
} from '../../board/document.js'
import { type Cell, place, step } from '../../board/layout.js'
import { kindOf } from '../../board/widget-kinds.js'
import { BoardSession, type BoardTransport } from '../../client/board-session.js'
import type { ExportFormat } from '../../export/export.js'
import { icons } from '../shared/icons.js'
import type { MenuItem } from '../shared/menu.js'
import { messages } from '../shared/messages.js'
import { emptyState } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import { exportBoard } from './board-export.js'
import { BoardGroups } from './board-groups.js'
import { type BoardMessages, boardMessages } from './board-messages.js'
import { conflictBar, toolbar } from './board-toolbar.js'
import type { BoardEditor } from './editor/board-editor.js'
import { startDrag } from './grid-drag.js'
import { glide, measure, positionItems } from './grid-motion.js'
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
  static override styles: CSSResultGroup = [WidgetElement.styles, dashboardStyles]

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
  /** The layout while something is moved. */
  #moving: Cell[] | undefined
  #held: { id: string; start: Cell[] } | undefined
  #before: ReturnType<typeof measure> | undefined
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
    const cells = this.#moving ?? layoutOf(content, this.#columns)
    const isEditing = this.editing
    return html`<div class="board ${isEditing ? 'editing' : ''}">
      ${this.kiosk ? nothing : this.#toolbar(content)}
      ${session?.saveState === 'conflict' ? conflictBar(text, (side) => session.settle(side)) : nothing}
      <div class="stage">
        <div class="grid c${this.#columns} ${this.#moving ? 'moving' : ''}" part="grid" role="list" aria-label=${content.name}>
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
    positionItems(this.#items(), this.#moving ?? layoutOf(content, this.#columns))
    if (this.#before) glide(this.#before, this.renderRoot.querySelector<HTMLElement>('.item.held') ?? undefined)
    this.#before = undefined
  }

  #toolbar(content: BoardContent): TemplateResult {
    const session = this.#session!
    return toolbar({
      text: boardMessages(),
      content,
      groupName: this.#groups.names.moving,
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
    const name = this.#nameOf(widget)
    const isHeld = this.#held?.id === widget.id
    return html`<div
      class="item ${isHeld ? 'lifted' : ''} ${this.#editor?.isOpenFor(widget.id) ? 'chosen' : ''}"
      part="item" role="listitem" data-id=${widget.id}
    >
      ${this.#frame(widget, text)}
      ${
        this.editing
          ? html`<div class="handles" data-no-picture>
              <button
                class="grip" aria-label=${text.move(name)} aria-describedby="move-help" aria-pressed=${isHeld} title=${text.move(name)}
                @pointerdown=${(event: PointerEvent) => this.#drag(event, 'move')}
                @keydown=${(event: KeyboardEvent) => this.#moveKey(event, widget.id)}
                @blur=${() => this.#release(false)}
                @dblclick=${() => void this.#configure(widget.id)}
              >${grip}</button>
              <span class="acts">
                <button class="act" aria-label=${text.configure(name)} title=${text.configure(name)} @click=${() => void this.#configure(widget.id)}>${gear}</button>
                <button class="act" aria-label=${text.duplicate(name)} title=${text.duplicate(name)} @click=${() => this.#copyOf(widget)}>${icons.copy}</button>
                <button class="act" aria-label=${text.remove(name)} title=${text.remove(name)} @click=${() => this.removeWidget(widget.id)}>${icons.close}</button>
              </span>
            </div>
            <button
              class="corner" tabindex="-1" aria-hidden="true" data-no-picture
              @pointerdown=${(event: PointerEvent) => this.#drag(event, 'resize')}
            ></button>`
          : nothing
      }
    </div>`
  }

  #frame(widget: DashboardWidget, text: BoardMessages): unknown {
    if (kindOf(widget.type).tag === '') {
      return html`<div class="card">${emptyState(text.unknownKind(widget.type), '')}</div>`
    }
    return this.#host.element(widget)
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
    const { boards: client } = this.source.client!
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
  }

  #drag(event: PointerEvent, mode: 'move' | 'resize'): void {
    const item = (event.currentTarget as HTMLElement).closest<HTMLElement>('.item')
    const grid = this.renderRoot.querySelector<HTMLElement>('.grid')
    const content = this.#session?.content
    if (!item || !grid || !content) return
    const cells = layoutOf(content, this.#columns)
    startDrag(event, mode, {
      grid,
      item,
      cells,
      columns: this.#columns,
      isRtl: getComputedStyle(this).direction === 'rtl',
      show: (next) => this.#show(next),
      done: (next) => {
        this.#moving = undefined
        this.#before = measure(this.#items())
        if (next) this.#edit((current) => withLayout(current, next, this.#columns))
        this.requestUpdate()
      },
    })
  }

  /** Positions alone: nothing is rendered while something is moved. */
  #show(cells: Cell[]): void {
    this.#moving = cells
    const items = this.#items()
    const before = measure(items)
    positionItems(items, cells)
    glide(before, this.renderRoot.querySelector<HTMLElement>('.item.held') ?? undefined)
  }

  #moveKey(event: KeyboardEvent, id: string): void {
    const content = this.#session?.content
    if (!content) return
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault()
      if (this.#held) this.#release(true)
      else this.#lift(id, layoutOf(content, this.#columns))
      return
    }
    if (event.key === 'Escape' && this.#held) {
      event.stopPropagation()
      this.#release(false)
      return
    }
    if ((event.key === 'Delete' || event.key === 'Backspace') && !this.#held) {
      this.removeWidget(id)
      return
    }
    const direction = arrows[event.key]
    if (!direction || !this.#held) return
    event.preventDefault()
    const [x, dy] = direction
    const dx = getComputedStyle(this).direction === 'rtl' ? -x : x
    const cells = this.#moving ?? this.#held.start
    const cell = cells.find((candidate) => candidate.id === id)!
    const rect = event.shiftKey ? { w: cell.w + dx, h: cell.h + dy } : step(cells, id, dx, dy)
    this.#show(place(cells, id, rect, this.#columns))
    this.#say(this.#placeOf(id))
  }

  #lift(id: string, start: Cell[]): void {
    this.#held = { id, start }
    this.#moving = start
    this.#say(boardMessages().pickedUp(this.#nameOf(this.#widget(id)!), this.#placeOf(id)))
  }

  #release(isKept: boolean): void {
    const held = this.#held
    if (!held) return
    const moved = this.#moving
    const name = this.#nameOf(this.#widget(held.id)!)
    this.#say(isKept ? boardMessages().putDown(name, this.#placeOf(held.id)) : boardMessages().putBack(name))
    this.#held = this.#moving = undefined
    this.#before = measure(this.#items())
    if (isKept && moved) this.#edit((content) => withLayout(content, moved, this.#columns))
    this.requestUpdate()
  }

  #placeOf(id: string): string {
    const cell = this.#moving?.find((candidate) => candidate.id === id)
    return cell ? boardMessages().place(cell.y + 1, cell.x + 1, cell.w, cell.h) : ''
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
    this.requestUpdate()
  }

  #focusGrip(id: string | undefined): void {
    const selector = id === undefined ? '.add' : `.item[data-id="${CSS.escape(id)}"] .grip`
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus()
  }

  #items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('.item')]
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

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
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

const grip = html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><g fill="currentColor"><circle cx="6" cy="4" r="1.2"/><circle cx="10" cy="4" r="1.2"/><circle cx="6" cy="8" r="1.2"/><circle cx="10" cy="8" r="1.2"/><circle cx="6" cy="12" r="1.2"/><circle cx="10" cy="12" r="1.2"/></g></svg>`
const gear = html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" aria-hidden="true"><path d="M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7"/><circle cx="10.7" cy="4.5" r="1.8"/><circle cx="5.2" cy="11.5" r="1.8"/></svg>`

declare global {
  interface HTMLElementTagNameMap {
    'metric-dashboard': MetricDashboard
  }
}
