/** A chart's attributes, and its `<metric-series>`, as what is asked for; and its thresholds. Errors name the attribute. */
import { parseThresholds, type Threshold } from '../../chart/marks.js'
import type { ChartType } from '../../chart/model.js'
import { ClientError } from '../../client/errors.js'
import type { GroupView } from '../../client/group.js'
import { isTimeZone } from '../../format/zone.js'
import { MetricSeries } from '../metric-series/metric-series.component.js'
import { duration, type QueryAttributes } from '../shared/query-attributes.js'
import { type SeriesAttributes, type SeriesSpec, toSpecs } from './series-spec.js'

export const chartTypes = new Set<ChartType>(['line', 'area', 'bar', 'stacked', 'scatter'])

/** The chart, as far as its attributes are read. */
export interface ChartAttributes extends QueryAttributes {
  readonly children: HTMLCollection
  unit: string | undefined
  type: ChartType
  compareTo: string
  thresholds: string | readonly Threshold[]
  timeZone: string
}

export class ChartQuestions {
  readonly #chart: ChartAttributes
  #read: { text: string; list: readonly Threshold[] } = { text: '', list: [] }

  constructor(chart: ChartAttributes) {
    this.#chart = chart
  }

  /** Throws a `ClientError` where an attribute makes no sense. */
  specs(view: Readonly<GroupView> | undefined): SeriesSpec[] {
    const { metric, aggregation, groupBy, filters, unit, type, compareTo, timeZone } = this.#chart
    if (compareTo) duration('compare-to', compareTo)
    if (timeZone && !isTimeZone(timeZone)) throw invalid('time-zone', timeZone, 'an IANA time zone')
    this.thresholds()
    const own: SeriesAttributes = { metric, aggregation, groupBy, filters, unit, type, label: '', axis: 'left' }
    const inner = [...this.#chart.children].filter((child) => child instanceof MetricSeries)
    const more = inner.map((child): SeriesAttributes => {
      const shape = child.type && chartTypes.has(child.type) ? child.type : type
      return { ...child.attributesRead, metric: child.metric || metric, type: shape }
    })
    const specs = toSpecs(metric ? [own, ...more] : more, this.#chart, view)
    const zone = view?.timeZone || timeZone
    if (zone) for (const { request } of specs) request.query.time_zone = zone
    return specs
  }

  /** Asked with every picture: a text is read once. */
  thresholds(): readonly Threshold[] {
    const { thresholds } = this.#chart
    if (typeof thresholds !== 'string') return thresholds
    if (thresholds !== this.#read.text) {
      const list = parseThresholds(thresholds)
      if (!list) {
        throw invalid('thresholds', thresholds, 'value:severity pairs such as 200:warning,500:critical, or JSON')
      }
      this.#read = { text: thresholds, list }
    }
    return this.#read.list
  }
}

function invalid(name: string, value: string, wanted: string): ClientError {
  return new ClientError('invalid_option', `${name}="${value}" is not understood: it takes ${wanted}.`)
}
