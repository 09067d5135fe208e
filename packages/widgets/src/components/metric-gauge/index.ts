/** Registers `<metric-gauge>`. */
import { define } from '../shared/define.js'
import { MetricGauge } from './metric-gauge.component.js'

define('metric-gauge', MetricGauge)

export { MetricGauge }
