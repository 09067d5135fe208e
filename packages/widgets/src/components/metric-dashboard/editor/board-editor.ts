/** The editor beside a board: the gallery of widgets, and what can be set about one. Loaded when a board is first edited. */
import type { DashboardWidget, MetricInfo } from '@telltale/protocol/api'
import type { TemplateResult } from 'lit'
import type { BoardContent } from '../../../board/document.js'
import { defaultAggregation, kindOf, type WidgetKindName } from '../../../board/widget-kinds.js'
import type { QueryClient } from '../../../client/query-client.js'
import { configPanel } from './config-panel.js'
import { gallery } from './gallery.js'

/** What the editor does to its board. */
export interface EditedBoard {
  addWidget(widget: { type: WidgetKindName; config: DashboardWidget['config'] }): string
  updateWidget(id: string, config: DashboardWidget['config']): void
  changeType(id: string, type: WidgetKindName): void
}

export interface BoardEditorOptions {
  board: EditedBoard
  queries(): QueryClient | undefined
  groupName: string
  changed(): void
  /** It was closed; `id` is the widget that it was open for. */
  closed(id: string | undefined): void
}

/** What the catalogue says about the metric that is edited. */
export interface Facts {
  metrics: readonly MetricInfo[]
  metric: MetricInfo | undefined
  /** Values that are known of a tag; asked for when they are first needed. */
  values(tag: string): readonly string[]
}

export class BoardEditor {
  readonly #options: BoardEditorOptions
  #open: { what: 'gallery' } | { what: 'widget'; id: string } | undefined
  #metrics: readonly MetricInfo[] = []
  /** The metric that the gallery previews. */
  #picked = ''
  readonly #values = new Map<string, readonly string[]>()

  constructor(options: BoardEditorOptions) {
    this.#options = options
    void this.#loadMetrics()
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  isOpenFor(id: string): boolean {
    return this.#open?.what === 'widget' && this.#open.id === id
  }

  openGallery(): void {
    this.#open = { what: 'gallery' }
    void this.#loadMetrics()
    this.#options.changed()
  }

  openFor(id: string): void {
    this.#open = { what: 'widget', id }
    void this.#loadMetrics()
    this.#options.changed()
  }

  close(): void {
    const open = this.#open
    if (!open) return
    this.#open = undefined
    this.#options.changed()
    this.#options.closed(open.what === 'widget' ? open.id : undefined)
  }

  closeFor(id: string): void {
    if (this.isOpenFor(id)) this.#open = undefined
  }

  view(content: BoardContent): TemplateResult | undefined {
    const open = this.#open
    if (open?.what === 'gallery') {
      return gallery({
        metrics: this.#metrics,
        picked: this.#picked || this.#likely(content),
        pick: (metric) => {
          this.#picked = metric
          this.#options.changed()
        },
        add: (type, config) => {
          const id = this.#options.board.addWidget({ type, config })
          this.openFor(id)
        },
        close: () => this.close(),
      })
    }
    const widget = open && content.widgets.find(({ id }) => id === open.id)
    if (!widget) return undefined
    return configPanel({
      widget,
      facts: this.#facts(widget.config.metric),
      set: (change) => this.#set(widget, change),
      changeType: (type) => this.#options.board.changeType(widget.id, type),
      close: () => this.close(),
    })
  }

  #set(widget: DashboardWidget, change: DashboardWidget['config']): void {
    const config = { ...widget.config, ...change }
    const metric = this.#metrics.find(({ name }) => name === change.metric)
    // Another kind of metric is asked in another way.
    if (metric && change.metric !== widget.config.metric) {
      const before = this.#metrics.find(({ name }) => name === widget.config.metric)
      if (before?.kind !== metric.kind && kindOf(widget.type).fields.includes('aggregation')) {
        Object.assign(config, { aggregation: defaultAggregation(metric.kind) })
      }
    }
    for (const [name, value] of Object.entries(config)) {
      if (value === '' || value === undefined || (Array.isArray(value) && value.length === 0)) delete config[name]
    }
    this.#options.board.updateWidget(widget.id, config)
  }

  /** The metric that most of the board shows, else the first of the catalogue that has data. */
  #likely({ widgets }: BoardContent): string {
    const shown = widgets.map(({ config }) => config.metric).find((metric) => metric)
    const seen = this.#metrics.filter(({ last_seen }) => last_seen !== null)
    const known = (seen.length > 0 ? seen : this.#metrics).map(({ name }) => name)
    return shown && known.includes(shown)
      ? shown
      : (known.find((name) => name === 'task.execution.duration') ?? known[0] ?? '')
  }

  #facts(name: string | undefined): Facts {
    return {
      metrics: this.#metrics,
      metric: this.#metrics.find((metric) => metric.name === name),
      values: (tag) => this.#valuesOf(name, tag),
    }
  }

  #valuesOf(metric: string | undefined, tag: string): readonly string[] {
    if (!metric || !tag) return []
    const key = JSON.stringify([metric, tag])
    const known = this.#values.get(key)
    if (known) return known
    this.#values.set(key, [])
    void this.#options
      .queries()
      ?.tagValues(metric, tag)
      .then(({ data }) => {
        this.#values.set(key, data)
        this.#options.changed()
      })
      // Without suggestions a value can still be typed.
      .catch(() => this.#values.delete(key))
    return []
  }

  async #loadMetrics(): Promise<void> {
    try {
      const answer = await this.#options.queries()?.catalogue()
      if (answer) this.#metrics = answer.data
      this.#options.changed()
    } catch {
      // The widgets themselves say what is wrong; names can still be typed.
    }
  }
}
