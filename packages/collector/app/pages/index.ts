/** The pages of the app by name; the overview is in the document itself. */
import type { PageName } from '../router.js'
import { showCatalogue } from './catalogue.js'
import { showDashboard } from './dashboard.js'
import { showDashboards } from './dashboards.js'
import { showExplore } from './explore.js'
import type { ShowPage } from './page.js'
import { showSettings } from './settings.js'
import { showTasks } from './tasks.js'

export const pages: Readonly<Record<Exclude<PageName, 'overview'>, { title: string; show: ShowPage }>> = {
  dashboards: { title: 'Dashboards', show: showDashboards },
  dashboard: { title: 'Dashboard', show: showDashboard },
  explore: { title: 'Explore', show: showExplore },
  tasks: { title: 'Task runs', show: showTasks },
  catalogue: { title: 'Metrics', show: showCatalogue },
  settings: { title: 'Settings', show: showSettings },
}
