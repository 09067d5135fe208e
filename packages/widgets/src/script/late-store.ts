/** The script's `createAnalyticsStore()`: its stores are there at once; its code comes by the first call, which waits for it. */
import type { Dashboard, DashboardSummary } from '@telltale/protocol/api'
import { pageOptions, resolveEndpoint, type TelltaleOptions } from '../client/configure.js'
import type { AnalyticsStore, MetricsData } from '../store/analytics-store.js'
import { noDashboard } from '../store/no-dashboard.js'
import { type Readable, Store } from '../store/readable.js'

export function createAnalyticsStore(options: TelltaleOptions = {}): AnalyticsStore {
  const given = { ...pageOptions(), ...options }
  // A bad option is told to who gave it, not to the first call.
  resolveEndpoint(given.endpoint)
  const dashboards = new Store<readonly DashboardSummary[]>([])
  const currentDashboard = new Store<Dashboard | null>(null)
  const metrics = new Store<MetricsData>({})
  let connected: AnalyticsStore | undefined
  let isClosed = false

  const connect = async (): Promise<AnalyticsStore> => {
    const { createAnalyticsStore: create } = await import('../store/analytics-store.js')
    if (connected) return connected
    connected = create(given)
    follow(connected.dashboards, dashboards)
    follow(connected.currentDashboard, currentDashboard)
    follow(connected.metrics, metrics)
    if (isClosed) connected.close()
    return connected
  }

  return {
    dashboards,
    currentDashboard,
    metrics,
    loadDashboards: async () => (await connect()).loadDashboards(),
    loadDashboard: async (id) => (await connect()).loadDashboard(id),
    createDashboard: async (config) => (await connect()).createDashboard(config),
    updateWidget: async (id, config) => (await connect()).updateWidget(id, config),
    addWidget: async (widget) => (await connect()).addWidget(widget),
    removeWidget: async (id) => (await connect()).removeWidget(id),
    subscribeToRealTimeUpdates: (ids) => {
      // None can be current before the code is there.
      if (!connected) throw noDashboard()
      return connected.subscribeToRealTimeUpdates(ids)
    },
    exportDashboard: async (format) => (await connect()).exportDashboard(format),
    close: () => {
      isClosed = true
      connected?.close()
    },
  }
}

/** From the next value on: the first ones are the same. */
function follow<T>(from: Readable<T>, to: Store<T>): void {
  let isFirst = true
  from.subscribe((value) => {
    if (!isFirst) to.set(value)
    isFirst = false
  })
}
