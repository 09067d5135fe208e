/**
 * `DashboardBuilder`: a board written in code. It drafts widget after widget on the grid, checks the draft, stores it, and
 * edits what is stored. Runs in a page and on a server.
 *
 *   new DashboardBuilder(…).named(…).card(…).chart(…) ──config()──► checked ──createDashboard()──► the collector
 */
import type { Dashboard, DashboardConfig, DashboardFilter, DashboardWidget } from '@telltale/protocol/api'
import { newWidgetId } from '../board/document.js'
import { type FlowItem, flow } from '../board/flow.js'
import { kindOf } from '../board/widget-kinds.js'
import type { TelltaleOptions } from '../client/configure.js'
import { type AnalyticsStore, createAnalyticsStore, type NewWidget } from './analytics-store.js'
import { checkBoard } from './board-checks.js'

type Config = DashboardWidget['config']

/** Where a widget stands, in cells of 12 columns. */
export interface Place {
  id?: string
  /** A width of its own; without one it shares its row with the others. */
  w?: number
  /** As high as its row where left out. */
  h?: number
  /** Both: exactly there, and in no row. */
  x?: number
  y?: number
}

interface Drafted {
  id: string
  type: DashboardWidget['type']
  config: Config
  place: Place
}

export class DashboardBuilder {
  readonly #options: TelltaleOptions
  #store: AnalyticsStore | undefined
  #settings: Partial<DashboardConfig> = {}
  #rows: Drafted[][] = [[]]

  /** Options are those of `configure()`; only what is stored needs them. */
  constructor(options: TelltaleOptions = {}) {
    this.#options = options
  }

  named(name: string, description?: string): this {
    return this.#set({ name, ...(description === undefined ? {} : { description }) })
  }

  /** The moving range that its widgets show, such as `6h`. */
  range(range: string): this {
    return this.#set({ time_range: { start: `now-${range}`, end: 'now' } })
  }

  /** A duration, or seconds. */
  refreshEvery(interval: string | number): this {
    return this.#set({ refreshInterval: interval })
  }

  timeZone(zone: string): this {
    return this.#set({ time_zone: zone })
  }

  inFolder(folder: string): this {
    return this.#set({ folder })
  }

  tagged(...tags: string[]): this {
    return this.#set({ tags })
  }

  /** A control above the board, which filters every widget by a tag. */
  filterBy(tag: string, control: Partial<Omit<DashboardFilter, 'tag'>> = {}): this {
    const before = Array.isArray(this.#settings.filters) ? this.#settings.filters : []
    return this.#set({ filters: [...before, { tag, ...control }] })
  }

  /** Ends a row: what comes now stands below. A row fills the width of the board. */
  row(): this {
    this.#rows.push([])
    return this
  }

  /** Any widget, beside the one before while there is room. */
  widget(type: DashboardWidget['type'], config: Config = {}, place: Place = {}): this {
    const id = place.id ?? newWidgetId({ widgets: this.#rows.flat() }, type)
    this.#rows.at(-1)!.push({ id, type, place, config: { ...kindOf(type).defaults, ...config } })
    return this
  }

  chart(metric: string, config?: Config, place?: Place): this {
    return this.widget('chart', { metric, ...config }, place)
  }

  card(metric: string, config?: Config, place?: Place): this {
    return this.widget('card', { metric, ...config }, place)
  }

  bar(metric: string, config?: Config, place?: Place): this {
    return this.widget('bar', { metric, ...config }, place)
  }

  pie(metric: string, config?: Config, place?: Place): this {
    return this.widget('pie', { metric, ...config }, place)
  }

  gauge(metric: string, config?: Config, place?: Place): this {
    return this.widget('gauge', { metric, ...config }, place)
  }

  heatmap(metric: string, config?: Config, place?: Place): this {
    return this.widget('heatmap', { metric, ...config }, place)
  }

  table(metric: string, config?: Config, place?: Place): this {
    return this.widget('table', { metric, ...config }, place)
  }

  tasks(config?: Config, place?: Place): this {
    return this.widget('tasks', config, place)
  }

  text(text: string, place?: Place): this {
    return this.widget('text', { text }, place)
  }

  /** The draft, checked: what `createDashboard()` sends, and what `<metric-dashboard>` takes as `content`. */
  config(): DashboardConfig {
    const config = structuredClone({ name: '', ...this.#settings, widgets: this.#placed() })
    checkBoard(config)
    return config
  }

  /** Stores a board, the draft where none is given. It is the one that is edited from now on. */
  async createDashboard(config: DashboardConfig = this.config()): Promise<Dashboard> {
    checkBoard(config)
    return this.#connected.createDashboard(config)
  }

  /** A board that is stored already is the one that is edited from now on. */
  async loadDashboard(id: string): Promise<Dashboard> {
    return this.#connected.loadDashboard(id)
  }

  /** Sets the fields that are given and leaves the others. */
  async updateWidget(widgetId: string, config: Config): Promise<void> {
    await this.#connected.updateWidget(widgetId, config)
  }

  /** Without a position it takes the first free place, without an id it gets one. */
  async addWidget(widget: NewWidget): Promise<DashboardWidget> {
    return this.#connected.addWidget(widget)
  }

  async removeWidget(widgetId: string): Promise<void> {
    await this.#connected.removeWidget(widgetId)
  }

  /** Lets go of the connection; the draft stays. */
  close(): void {
    this.#store?.close()
    this.#store = undefined
  }

  get #connected(): AnalyticsStore {
    this.#store ??= createAnalyticsStore(this.#options)
    return this.#store
  }

  #set(change: Partial<DashboardConfig>): this {
    this.#settings = { ...this.#settings, ...change }
    return this
  }

  #placed(): DashboardWidget[] {
    const isInRow = ({ place: { x, y } }: Drafted) => x === undefined || y === undefined
    const rows = this.#rows.map((row) => row.filter(isInRow))
    const places = new Map<Drafted, DashboardWidget['position']>()
    const flowed = flow(rows.map((row) => row.map((drafted) => this.#sizeOf(drafted))))
    for (const [i, drafted] of rows.flat().entries()) places.set(drafted, flowed[i]!)
    return this.#rows.flat().map((drafted) => {
      const { id, type, config, place } = drafted
      const { w, h } = this.#sizeOf(drafted)
      return { id, type, config, position: places.get(drafted) ?? { x: place.x!, y: place.y!, w, h } }
    })
  }

  #sizeOf({ type, place }: Drafted): FlowItem {
    const { w, h } = kindOf(type)
    return {
      ...{ w: place.w ?? w, h: place.h ?? h },
      ...{ isFixedW: place.w !== undefined, isFixedH: place.h !== undefined },
    }
  }
}
