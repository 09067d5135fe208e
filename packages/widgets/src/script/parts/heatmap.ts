/** `<metric-heatmap>`. */
import '../../components/metric-heatmap/index.js'
