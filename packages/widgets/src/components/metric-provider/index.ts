/** Registers `<metric-provider>`. */
import { define } from '../shared/define.js'
import { MetricProvider } from './metric-provider.component.js'

define('metric-provider', MetricProvider)

export { MetricProvider }
