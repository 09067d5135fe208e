/** Registers `<metric-dashboard>` and every tag that a board may ask for: its controls, and all kinds of widgets. */
import '../metric-bar/index.js'
import '../metric-card/index.js'
import '../metric-chart/index.js'
import '../metric-gauge/index.js'
import '../metric-heatmap/index.js'
import '../metric-pie/index.js'
import '../metric-table/index.js'
import '../range-picker/index.js'
import '../refresh-picker/index.js'
import '../tag-filter/index.js'
import '../task-table/index.js'
// The board comes last: it makes its widgets while it is being upgraded.
import './index.js'
