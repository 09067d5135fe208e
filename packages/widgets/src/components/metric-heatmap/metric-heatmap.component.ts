/** `<metric-heatmap>`: how a metric's values are spread over time, or, with two tags, how one value goes with another. */

import '../../i18n/en-values.js'
import type { HistogramQuery, HistogramResult } from '@telltale/protocol/api'
import { type CSSResultGroup, html, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { parseDurationMs } from '../../client/clock.js'
import { ClientError } from '../../client/errors.js'
import { queriesOf } from '../../client/query-client.js'
import { LatePart } from '../../controllers/late-part.js'
import type { LiveRequest } from '../../controllers/live-query-controller.js'
import { type Poll, PollController } from '../../controllers/poll-controller.js'
import { VisibilityController } from '../../controllers/visibility-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { adoptStyles } from '../shared/adopt-styles.js'
import { withGroup } from '../shared/group-attributes.js'
import { marksStyles } from '../shared/marks.styles.js'
import { MetricElement } from '../shared/metric-element.js'
import { intervalMs, list, parseStreamRequest } from '../shared/query-attributes.js'
import { heatStep } from './heat-step.js'
import { heatSizes } from './metric-heatmap.styles.js'

const cellPx = 8

/**
 * @event {CustomEvent<SelectDetail>} metric-select - A cell was clicked, or Enter pressed on it.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The cells. @csspart legend - The scale of colours.
 * @csspart tooltip - The cell under the pointer. @csspart menu - The menu. @csspart empty - The empty state.
 * @csspart error - The error state. @csspart badge - The note that data may be old.
 * @cssproperty [--telltale-heat-1] - The colour of the least; `-2` to `-5` go on to that of the most.
 * @cssproperty [--telltale-chart-height=300px] - Height, where the tag is not sized otherwise.
 */
export class MetricHeatmap extends MetricElement {
  static override properties: PropertyDeclarations = {
    step: { type: String },
    rows: { type: Number },
  }
  static override styles: CSSResultGroup = [MetricElement.styles, marksStyles, heatSizes]

  /** Length of a column; `auto` fits the width. */
  declare step: string
  /** At most this many rows of values. */
  declare rows: number

  readonly #spread = new PollController<HistogramResult>(this, this.source, () => this.#spreadRequest())
  readonly #picture = new LatePart(this, async () => {
    const { HeatPicture, heatStyles, heatTokens } = await import('./heat-picture.js')
    adoptStyles(this.shadowRoot!, heatTokens, heatStyles)
    return new HeatPicture(this, {
      name: () => this.name,
      unit: () => this.shownUnit,
      timeZone: () => this.shared.view?.timeZone,
      width: () => this.#width,
      point: (cursorMs) => this.shared.set({ cursorMs }),
      select: (...chosen) => this.select(...chosen),
      say: (sentence) => {
        this.spoken = this.localized(sentence)
      },
    })
  })
  #width = 0
  #resize: ResizeObserver | undefined

  constructor() {
    super()
    new VisibilityController(this, (visible) => this.#spread.setPaused(!visible))
    this.step = 'auto'
    this.rows = 40
    this.interval = '5s'
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#resize = new ResizeObserver(() => {
      this.#width = this.clientWidth
      this.requestUpdate()
    })
    this.#resize.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#resize?.disconnect()
  }

  get #isCross(): boolean {
    return list(this.groupBy).length >= 2
  }

  protected override request(): LiveRequest | ClientError | undefined {
    return this.#isCross ? super.request() : undefined
  }

  protected override get state(): WidgetState {
    const state = this.#isCross ? this.query.state : this.#spread.state
    return state.phase === 'ready' ? (this.#picture.state ?? state) : state
  }

  protected override retry(): void {
    void this.#picture.load()
    if (this.#isCross) super.retry()
    else this.#spread.retry()
  }

  protected override get shownUnit(): string {
    return this.#isCross ? super.shownUnit : (this.unit ?? this.#spread.result?.meta.unit ?? '')
  }

  protected override subtitle(): string {
    if (this.#isCross) return super.subtitle()
    return [this.title ? this.metric : '', this.shownRange].filter(Boolean).join(' · ')
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#picture.settled
    return super.getUpdateComplete()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    if (this.#isCross) this.#picture.value?.takeCross(this.values())
    else this.#picture.value?.takeSpread(this.#spread.result)
  }

  protected override updated(): void {
    this.#picture.value?.draw()
  }

  protected override body(state: WidgetState): TemplateResult {
    return this.#picture.value?.render(state.stale !== undefined) ?? html``
  }

  protected override exportTable(): ExportTable | undefined {
    return this.#picture.value?.exportTable()
  }

  #spreadRequest(): Poll<HistogramResult> | ClientError | undefined {
    if (this.#isCross || !this.metric || this.#width === 0) return undefined
    const { metric, filters, range, interval } = this
    const own = {
      metric,
      aggregation: 'p50',
      groupBy: '',
      filters,
      range,
      interval,
      step: 'auto',
      limit: undefined,
      fill: '',
    }
    try {
      const view = this.shared.view
      const parsed = parseStreamRequest(withGroup(own, view))
      if (!parsed || parsed instanceof ClientError) return parsed
      const { query } = parsed
      const span = view?.span
      const rangeMs = span ? span.endMs - span.startMs : parseDurationMs(query.range!)
      const asked: HistogramQuery = {
        metric_name: metric,
        filters: query.filters ?? {},
        time_range: span ? { start: span.startMs, end: span.endMs } : { start: `now-${query.range}`, end: 'now' },
        step: this.step === 'auto' ? heatStep(rangeMs, this.#width, cellPx) : this.step,
        time_zone: view?.timeZone ?? query.time_zone!,
        rows: Math.max(2, Math.min(512, this.rows || 40)),
      }
      return {
        key: JSON.stringify([asked, interval]),
        intervalMs: intervalMs(parsed.interval),
        ask: (client) => queriesOf(client).histogram(asked),
        isEmpty: ({ rows }) => rows.length === 0,
      }
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-heatmap': MetricHeatmap
  }
}
