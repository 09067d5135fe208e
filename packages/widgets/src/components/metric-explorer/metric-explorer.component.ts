/** `<metric-explorer>`: pick a metric of the catalogue, look at it in any way, and take the tag that shows it so. */
import type { Filters } from '@telltale/protocol/api'
import { type CSSResultGroup, html, type PropertyDeclarations, type TemplateResult } from 'lit'
import { LatePart } from '../../controllers/late-part.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { adoptStyles } from '../shared/adopt-styles.js'
import { messages } from '../shared/messages.js'
import { errorState } from '../shared/states.js'
import { WidgetElement } from '../shared/widget-element.js'
import type { Choice, View } from './choice.js'
import { explorerStyles } from './metric-explorer.styles.js'

/** `detail` of `explore-change`. */
export interface ExploreDetail {
  choice: Choice
  /** The tag to paste. */
  html: string
}

/**
 * @event {CustomEvent<ExploreDetail>} explore-change - Something else is looked at.
 * @csspart card - The surface. @csspart metrics - The list of metrics. @csspart controls - What is asked. @csspart tag - The tag to paste.
 * @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 */
export class MetricExplorer extends WidgetElement {
  static override properties: PropertyDeclarations = {
    metric: { type: String, reflect: true },
    aggregation: { type: String, reflect: true },
    groupBy: { type: String, attribute: 'group-by', reflect: true },
    filters: {},
    range: { type: String, reflect: true },
    view: { type: String, reflect: true },
  }
  static override styles: CSSResultGroup = [WidgetElement.styles, explorerStyles]

  /** What is looked at; empty until one is picked. */
  declare metric: string
  declare aggregation: string
  /** Tags to split by, comma-separated. */
  declare groupBy: string
  declare filters: Filters | string
  declare range: string
  /** `line area bar stacked scatter ranking pie heatmap table gauge card`. */
  declare view: View

  readonly #desk = new LatePart(this, async () => {
    const { ExplorerDesk, deskStyles } = await import('./explorer-desk.js')
    adoptStyles(this.shadowRoot!, deskStyles)
    return new ExplorerDesk(this, this.source)
  })

  constructor() {
    super()
    this.metric = ''
    this.aggregation = ''
    this.groupBy = ''
    this.filters = ''
    this.range = '1h'
    this.view = 'line'
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#desk.settled
    return super.getUpdateComplete()
  }

  protected override render(): TemplateResult {
    return html`<div class="card" part="card" title="">${this.#body(this.#desk.state ?? this.#desk.value!.state)}</div>`
  }

  protected override exportTitle(): string {
    return this.title || (this.#desk.value?.title ?? '')
  }

  protected override exportTable(): ExportTable | undefined {
    return this.#desk.value?.exportTable(this.exportTitle())
  }

  #body(state: WidgetState): TemplateResult {
    if (state.phase === 'error') return errorState(state, () => this.#retry())
    if (state.phase !== 'loading') return this.#desk.value!.render()
    return html`<div class="waiting" role="status" aria-label=${messages.loading}>
      ${Array.from({ length: 7 }, () => html`<div class="bone line"></div>`)}
    </div>`
  }

  #retry(): void {
    if (this.#desk.value) this.#desk.value.retry()
    else void this.#desk.load()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-explorer': MetricExplorer
  }
  interface HTMLElementEventMap {
    'explore-change': CustomEvent<ExploreDetail>
  }
}
