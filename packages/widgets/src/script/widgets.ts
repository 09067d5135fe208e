/**
 * What one `<script type="module">` brings: tags that most pages have at once, the others when they first stand on the page.
 * Bundlers have `index.ts` and an entry for each tag instead.
 */
// The provider comes first: tags inside it ask for it while they are being upgraded.
import '../components/metric-provider/index.js'
import { FirstUse, type Parts } from './first-use.js'

export { configure } from '../client/configure.js'
export { MetricBar } from '../components/metric-bar/index.js'
export { MetricCard } from '../components/metric-card/index.js'
export { MetricChart } from '../components/metric-chart/index.js'
export { MetricGauge } from '../components/metric-gauge/index.js'
export { MetricPie } from '../components/metric-pie/index.js'
export { MetricProvider } from '../components/metric-provider/index.js'
export { MetricSeries } from '../components/metric-series/index.js'
export { addMessages } from '../i18n/messages.js'
export { createAnalyticsStore } from './late-store.js'

const pickers = () => import('./parts/pickers.js')

/** A tag and its inner part side by side, where the tag alone would ask for it only once it is there. */
const parts: Parts = {
  'metric-dashboard': () => import('./parts/dashboard.js'),
  'metric-explorer': () =>
    Promise.all([import('./parts/explorer.js'), import('../components/metric-explorer/explorer-desk.js')]),
  'metric-heatmap': () =>
    Promise.all([import('./parts/heatmap.js'), import('../components/metric-heatmap/heat-picture.js')]),
  'metric-table': () => Promise.all([import('./parts/table.js'), import('../components/metric-table/table-rows.js')]),
  'range-picker': pickers,
  'refresh-picker': pickers,
  'tag-filter': pickers,
  'task-table': () => Promise.all([import('./parts/tasks.js'), import('../components/task-table/task-runs.js')]),
}

/** Loads a tag before it stands on the page, or where the page cannot be watched: in a closed shadow root. */
export async function load(tag: string): Promise<void> {
  if (Object.hasOwn(parts, tag)) await parts[tag]!()
  else if (!customElements.get(tag))
    throw new TypeError(`There is no tag <${tag}>. Tags: ${Object.keys(parts).join(', ')}`)
}

if (typeof document !== 'undefined') new FirstUse(parts).watch(document)
