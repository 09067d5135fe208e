/** Registers `<metric-chart>`. */
// Series inside a chart are read by it: they have to be known when it is.
import '../metric-series/index.js'
import { define } from '../shared/define.js'
import { MetricChart } from './metric-chart.component.js'

define('metric-chart', MetricChart)

export { MetricChart }
