/** Registers `<metric-bar>`. */
import { define } from '../shared/define.js'
import { MetricBar } from './metric-bar.component.js'

define('metric-bar', MetricBar)

export { MetricBar }
