/** Registers `<metric-card>`. */
import { define } from '../shared/define.js'
import { MetricCard } from './metric-card.component.js'

define('metric-card', MetricCard)

export { MetricCard }
