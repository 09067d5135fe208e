/** `<metric-gauge>`: one number on a scale, with the bands that say whether it is well. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, svg, type TemplateResult } from 'lit'
import { arcLine } from '../../chart/arc.js'
import type { Threshold } from '../../chart/marks.js'
import { ClientError } from '../../client/errors.js'
import type { LiveRequest } from '../../controllers/live-query-controller.js'
import type { WidgetState } from '../../controllers/widget-state.js'
import type { ExportTable } from '../../export/table.js'
import { formatValue, quantity } from '../../format/unit.js'
import { messages } from '../shared/messages.js'
import { MetricElement } from '../shared/metric-element.js'
import { bandOf, type GaugeScale, gaugeScale, readThresholds } from './bands.js'
import { gaugeStyles } from './metric-gauge.styles.js'

/** The scale opens at the bottom: it begins at eight o'clock and ends at four. */
const firstTurn = -1 / 3
const lastTurn = 1 / 3
const radius = 42
const bandRadius = 49
/** Between bands, as a part of a turn. */
const bandGap = 0.004

/**
 * @event {CustomEvent<SelectDetail>} metric-select - The gauge was clicked, or Enter pressed on it.
 * @csspart card - The surface. @csspart header - Title and badges. @csspart plot - The dial. @csspart value - The number.
 * @csspart menu - The menu. @csspart empty - The empty state. @csspart error - The error state. @csspart badge - The note that data may be old.
 */
export class MetricGauge extends MetricElement {
  static override properties: PropertyDeclarations = {
    min: { type: Number },
    max: { type: Number },
    thresholds: { type: String },
  }
  static override styles: CSSResultGroup = [MetricElement.styles, gaugeStyles]

  /** Where the scale begins. Default 0, or the value where it is below. */
  declare min: number | undefined
  /** Where it ends. Default 1 for ratios, 100 for percents, else a round number beyond value and thresholds. */
  declare max: number | undefined
  /** From which value on it is how: `0.8:warning,0.95:critical`; also `good` and `info`. */
  declare thresholds: string

  constructor() {
    super()
    this.thresholds = ''
  }

  protected override request(): LiveRequest | ClientError | undefined {
    const limits = this.#thresholds()
    return limits instanceof ClientError ? limits : super.request()
  }

  protected override body(state: WidgetState): TemplateResult {
    const { value, scale } = this.#reading()
    const unit = this.shownUnit
    const { digits, unit: symbol } = quantity(value, unit)
    const turnOf = (at: number) => {
      const share = (Math.min(scale.max, Math.max(scale.min, at)) - scale.min) / (scale.max - scale.min)
      return firstTurn + share * (lastTurn - firstTurn)
    }
    const severity = bandOf(value, scale).severity ?? 'plain'
    const ends = [formatValue(scale.min, unit), formatValue(scale.max, unit)]
    return html`<div
      class="dial ${state.stale ? 'old' : ''}" part="plot" role="meter" tabindex="0" aria-label=${this.name}
      aria-valuenow=${value} aria-valuemin=${scale.min} aria-valuemax=${scale.max}
      aria-valuetext=${messages.gauge(formatValue(value, unit), ends[0], ends[1])}
      @click=${this.#choose} @keydown=${this.#key}
    >
      <div class="face">
        <svg viewBox="-52 -52 104 88" aria-hidden="true">
          <path class="track" d=${arcLine(firstTurn, lastTurn, radius)}></path>
          ${
            scale.bands.length > 1
              ? scale.bands.map(
                  ({ from, to, severity: band }) =>
                    svg`<path class="band ${band ?? 'quiet'}" d=${arcLine(turnOf(from) + bandGap, Math.max(turnOf(from) + bandGap, turnOf(to) - bandGap), bandRadius)}></path>`,
                )
              : nothing
          }
          ${turnOf(value) > firstTurn + 0.001 ? svg`<path class="needle mark ${severity}" d=${arcLine(firstTurn, turnOf(value), radius)}></path>` : nothing}
        </svg>
        <p class="value" part="value">${digits}${symbol ? html`<span>${symbol}</span>` : nothing}</p>
      </div>
      <div class="ends"><span>${ends[0]}</span><span>${ends[1]}</span></div>
    </div>`
  }

  protected override skeleton(): TemplateResult {
    return html`<div class="dial">
      <svg viewBox="-52 -52 104 88" aria-hidden="true"><path class="track breathing" d=${arcLine(firstTurn, lastTurn, radius)}></path></svg>
    </div>`
  }

  protected override exportTable(): ExportTable | undefined {
    if (this.values().length === 0) return undefined
    const { value, scale } = this.#reading()
    const unit = this.shownUnit
    return {
      title: this.name,
      columns: [
        { name: 'metric', kind: 'text', values: [this.metric] },
        { name: this.aggregation, kind: 'number', unit, values: [value] },
        { name: 'min', kind: 'number', unit, values: [scale.min] },
        { name: 'max', kind: 'number', unit, values: [scale.max] },
        { name: messages.status, kind: 'text', values: [bandOf(value, scale).severity ?? ''] },
      ],
    }
  }

  #reading(): { value: number; scale: GaugeScale } {
    const value = this.values()[0]?.value ?? 0
    const thresholds = this.#thresholds()
    const known = thresholds instanceof ClientError ? [] : thresholds
    return { value, scale: gaugeScale(value, this.shownUnit, known, this.min, this.max) }
  }

  #thresholds(): Threshold[] | ClientError {
    try {
      return readThresholds(this.thresholds)
    } catch (error) {
      if (error instanceof ClientError) return error
      throw error
    }
  }

  readonly #choose = (): void => {
    const [found] = this.values()
    if (found) this.select(this.name, found.tags, found.value)
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') this.#choose()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-gauge': MetricGauge
  }
}
