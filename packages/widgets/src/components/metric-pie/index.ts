/** Registers `<metric-pie>`. */
import { define } from '../shared/define.js'
import { MetricPie } from './metric-pie.component.js'

define('metric-pie', MetricPie)

export { MetricPie }
