/** Ready-made dashboards, as data: each names the metrics that it needs and what sends them. */
import type { DashboardTemplate } from '@telltale/protocol/api'
import { business, userActivity } from './business.js'
import { collector } from './collector.js'
import { api, system } from './services.js'
import { queueHealth, taskOverview } from './tasks.js'

export const dashboardTemplates: readonly DashboardTemplate[] = [
  taskOverview,
  queueHealth,
  api,
  system,
  userActivity,
  business,
  collector,
]
