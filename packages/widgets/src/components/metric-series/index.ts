/** Registers `<metric-series>`. */
import { define } from '../shared/define.js'
import { MetricSeries } from './metric-series.component.js'

define('metric-series', MetricSeries)

export { MetricSeries }
