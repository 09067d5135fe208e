/** Registers `<metric-dashboard>`, and the tags that it needs itself. */
import { define } from '../shared/define.js'
import { MetricDashboard } from './metric-dashboard.component.js'
import './board-text.component.js'
import '../range-picker/index.js'
import '../refresh-picker/index.js'
import '../tag-filter/index.js'

define('metric-dashboard', MetricDashboard)

export { MetricDashboard }
