/** Registers `<metric-explorer>` and the tags that it shows metrics with. */
import '../metric-bar/index.js'
import '../metric-card/index.js'
import '../metric-chart/index.js'
import '../metric-gauge/index.js'
import '../metric-heatmap/index.js'
import '../metric-pie/index.js'
import '../metric-table/index.js'
import { define } from '../shared/define.js'
import { MetricExplorer } from './metric-explorer.component.js'

define('metric-explorer', MetricExplorer)

export { MetricExplorer }
