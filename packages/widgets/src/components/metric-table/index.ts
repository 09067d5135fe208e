/** Registers `<metric-table>`. */
import { define } from '../shared/define.js'
import { MetricTable } from './metric-table.component.js'

define('metric-table', MetricTable)

export { MetricTable }
