/**
 * `createAnalyticsStore()`: dashboards and their widgets' live data without a tag, as stores with `subscribe()`. Svelte's
 * `$store` works on them as they are; in React they go through `useSyncExternalStore`.
 *
 *   collector ◄── dashboards, saved with their version ──► dashboards, currentDashboard
 *             ──► one stream a widget, shared with tags ──► metrics, by id of the widget
 */

import type { Dashboard, DashboardConfig, DashboardSummary, DashboardWidget, Tags } from '@telltale/protocol/api'
import { type BoardContent, contentOf, newWidgetId, withConfig, withoutWidget, withWidget } from '../board/document.js'
import { type AnalyticsClient, acquireClient } from '../client/analytics-client.js'
import { BoardsClient } from '../client/boards-client.js'
import { pageOptions, type TelltaleOptions } from '../client/configure.js'
import { ClientError } from '../client/errors.js'
import { queriesOf } from '../client/query-client.js'
import type { ExportFormat } from '../export/formats.js'
import { noDashboard } from './no-dashboard.js'
import { type Readable, Store } from './readable.js'
import { streamOf } from './widget-stream.js'

/** What one widget shows, as columns: `values[i]` of a series belongs to `timestamps[i]`. */
export interface WidgetData {
  /** Unix ms, ascending. */
  timestamps: number[]
  series: { tags: Tags; values: (number | null)[] }[]
  unit: string
  /** Why there is no data; undefined while there is. */
  error: ClientError | undefined
}

export type MetricsData = Readonly<Record<string, WidgetData>>

export interface AnalyticsStore {
  dashboards: Readable<readonly DashboardSummary[]>
  currentDashboard: Readable<Dashboard | null>
  /** By id of the widget; those that are subscribed to. */
  metrics: Readable<MetricsData>
  loadDashboards(): Promise<readonly DashboardSummary[]>
  /** Makes it the current one; streams of the one before end. */
  loadDashboard(id: string): Promise<Dashboard>
  /** Stores it and makes it the current one. */
  createDashboard(config: DashboardConfig): Promise<Dashboard>
  /** Sets the fields that are given and leaves the others. */
  updateWidget(widgetId: string, config: DashboardWidget['config']): Promise<void>
  /** Without a position it takes the first free place, without an id it gets one. */
  addWidget(widget: NewWidget): Promise<DashboardWidget>
  removeWidget(widgetId: string): Promise<void>
  /** Of these widgets, or of all; gives what ends it. */
  subscribeToRealTimeUpdates(widgetIds?: readonly string[]): () => void
  /** `png` and `pdf` draw the dashboard out of sight; `csv` is a ZIP with a file a widget. */
  exportDashboard(format: ExportFormat): Promise<Blob>
  close(): void
}

export interface NewWidget {
  type: DashboardWidget['type']
  config?: DashboardWidget['config']
  id?: string
  position?: DashboardWidget['position']
}

/** Options are those of `configure()`, which also gives what is left out here. */
export function createAnalyticsStore(options: TelltaleOptions = {}): AnalyticsStore {
  return new ConnectedStore({ ...pageOptions(), ...options })
}

class ConnectedStore implements AnalyticsStore {
  readonly dashboards = new Store<readonly DashboardSummary[]>([])
  readonly currentDashboard = new Store<Dashboard | null>(null)
  readonly metrics = new Store<MetricsData>({})
  readonly #options: TelltaleOptions
  readonly #client: AnalyticsClient
  readonly #boards: BoardsClient
  readonly #release: () => void
  readonly #streams = new Map<string, () => void>()

  constructor(options: TelltaleOptions) {
    this.#options = options
    const { client, release } = acquireClient(options)
    this.#client = client
    this.#boards = new BoardsClient(queriesOf(client))
    this.#release = release
  }

  async loadDashboards(): Promise<readonly DashboardSummary[]> {
    const { data } = await this.#boards.list()
    this.dashboards.set(data)
    return data
  }

  async loadDashboard(id: string): Promise<Dashboard> {
    const board = await this.#boards.load(id)
    this.#show(board)
    return board
  }

  async createDashboard(config: DashboardConfig): Promise<Dashboard> {
    const board = await this.#boards.create(config)
    this.#show(board)
    await this.loadDashboards()
    return board
  }

  async updateWidget(widgetId: string, config: DashboardWidget['config']): Promise<void> {
    await this.#edit((content) => {
      const widget = content.widgets.find(({ id }) => id === widgetId)
      if (!widget) throw unknownWidget(widgetId)
      return withConfig(content, widgetId, { ...widget.config, ...config })
    })
  }

  async addWidget({ type, config = {}, id, position }: NewWidget): Promise<DashboardWidget> {
    let added = ''
    await this.#edit((content) => {
      added = id ?? newWidgetId(content, type)
      return withWidget(content, { id: added, type, config, ...(position ? { position } : {}) })
    })
    return this.#current.widgets.find((widget) => widget.id === added)!
  }

  async removeWidget(widgetId: string): Promise<void> {
    await this.#edit((content) => {
      if (!content.widgets.some(({ id }) => id === widgetId)) throw unknownWidget(widgetId)
      return withoutWidget(content, widgetId)
    })
  }

  subscribeToRealTimeUpdates(widgetIds?: readonly string[]): () => void {
    const ids = widgetIds ?? this.#current.widgets.map(({ id }) => id)
    for (const id of ids) this.#stream(id)
    return () => {
      for (const id of ids) this.#end(id)
    }
  }

  async exportDashboard(format: ExportFormat): Promise<Blob> {
    const { drawnBoard } = await import('./drawn-board.js')
    return drawnBoard(this.#options, this.#current.id, (board) => board.export(format))
  }

  close(): void {
    for (const id of [...this.#streams.keys()]) this.#end(id)
    this.#release()
  }

  get #current(): Dashboard {
    const board = this.currentDashboard.get()
    if (board) return board
    throw noDashboard()
  }

  /** Saves the edited board; where somebody else saved meanwhile, the edit is made again on theirs, once. */
  async #edit(change: (content: BoardContent) => BoardContent): Promise<void> {
    const board = this.#current
    try {
      this.#follow(await this.#boards.save(board.id, change(contentOf(board)), board.version))
    } catch (error) {
      const { current } = (error instanceof ClientError ? (error.details ?? {}) : {}) as { current?: Dashboard }
      if (!(error instanceof ClientError) || error.code !== 'precondition_failed' || !current) throw error
      this.#follow(await this.#boards.save(board.id, change(contentOf(current)), current.version))
    }
  }

  /** A new version of the same board: streams of widgets that ask something else begin anew. */
  #follow(board: Dashboard): void {
    this.currentDashboard.set(board)
    for (const id of [...this.#streams.keys()]) this.#stream(id)
  }

  #show(board: Dashboard): void {
    for (const id of [...this.#streams.keys()]) this.#end(id)
    this.currentDashboard.set(board)
  }

  #stream(id: string): void {
    this.#end(id)
    const widget = this.#current.widgets.find((each) => each.id === id)
    const stream = widget && streamOf(widget, this.#current)
    if (!stream) return
    const live = this.#client.live(stream.query, stream.interval)
    const tell = () => {
      if (!live.loaded && !live.error) return
      const { timesMs, columns } = live.store.view()
      const data: WidgetData = {
        timestamps: [...timesMs],
        series: live.store.groups.map((tags, i) => ({
          tags,
          values: Array.from(columns[i], (value) => (Number.isNaN(value) ? null : value)),
        })),
        unit: live.store.meta?.unit ?? '',
        error: live.error,
      }
      this.metrics.set({ ...this.metrics.get(), [id]: data })
    }
    this.#streams.set(id, live.subscribe(tell))
    tell()
  }

  #end(id: string): void {
    this.#streams.get(id)?.()
    if (!this.#streams.delete(id)) return
    const { [id]: _, ...others } = this.metrics.get()
    this.metrics.set(others)
  }
}

function unknownWidget(id: string): ClientError {
  return new ClientError('unknown_widget', `The current dashboard has no widget "${id}".`)
}
