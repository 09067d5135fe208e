/** Registers `<metric-heatmap>`. */
import { define } from '../shared/define.js'
import { MetricHeatmap } from './metric-heatmap.component.js'

define('metric-heatmap', MetricHeatmap)

export { MetricHeatmap }
