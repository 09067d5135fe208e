/** Telltale's tags: importing this module registers them. `configure()` says where data comes from for tags without a provider. */
export type { TelltaleOptions } from './client/configure.js'
export { configure } from './client/configure.js'
export type { GetToken } from './client/credential.js'
export { MetricBar } from './components/metric-bar/index.js'
export { MetricCard } from './components/metric-card/index.js'
export { MetricChart } from './components/metric-chart/index.js'
export type { SelectDetail, TimeSpan, ZoomDetail } from './components/metric-chart/interaction.js'
export { MetricGauge } from './components/metric-gauge/index.js'
export { MetricHeatmap } from './components/metric-heatmap/index.js'
export { MetricPie } from './components/metric-pie/index.js'
// The provider comes first: tags inside it ask for it while they are being upgraded.
export { MetricProvider } from './components/metric-provider/index.js'
export { TaskTable } from './components/task-table/index.js'
