/** `<metric-table>`. */
import '../../components/metric-table/index.js'
