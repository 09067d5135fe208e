/** `<metric-explorer>` with the tags that it shows metrics with. */
import '../../components/metric-explorer/index.js'
