/** Registers `<metric-chart>`. */
import { define } from '../shared/define.js'
import { MetricChart } from './metric-chart.component.js'

define('metric-chart', MetricChart)

export { MetricChart }
