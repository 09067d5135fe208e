/** `<metric-dashboard>` with all that can stand on it. */
import '../../components/metric-dashboard/with-widgets.js'
