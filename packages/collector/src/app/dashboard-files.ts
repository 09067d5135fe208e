/** Dashboards as files and as public pages: what a file must be, and what its readers may ask. */
import {
  type Dashboard,
  DashboardConfig,
  DashboardExport,
  dashboardFormatVersion,
  type ResolvedDashboardConfig,
  type ResolvedEmbedTokenRequest,
} from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'

const publicTokenTtl = '15m'
/** No metric has this name: a board without data still gets a token, which sees nothing. */
const noMetric = 'telltale.none'
const maxPublicMetrics = 100

/** Step i brings a file of format i + 1 to format i + 2. */
const migrations: ((dashboard: Record<string, unknown>) => Record<string, unknown>)[] = []

/** The board of an exported file, or of its bare contents. Throws `invalid_request` and what zod throws. */
export function contentOfFile(file: Record<string, unknown>): ResolvedDashboardConfig {
  if (!('format' in file)) return DashboardConfig.parse(file)
  const { format_version, dashboard } = DashboardExport.parse(file)
  if (format_version > dashboardFormatVersion) {
    throw new TelltaleError(
      'invalid_request',
      `format_version: ${format_version} is newer than this collector reads (${dashboardFormatVersion}); update it first`,
    )
  }
  return DashboardConfig.parse(migrations.slice(format_version - 1).reduce((board, step) => step(board), dashboard))
}

/** What the widgets of a board ask for, and nothing else. */
export function publicClaims({ id, widgets, filters }: Dashboard): ResolvedEmbedTokenRequest {
  const metrics = new Set<string>()
  for (const { type, config } of widgets) {
    if (type === 'tasks') metrics.add('task.execution.count')
    collectMetrics(config, metrics)
  }
  return {
    metrics: metrics.size > 0 ? [...metrics].slice(0, maxPublicMetrics) : [noMetric],
    filters: Array.isArray(filters) ? {} : filters,
    dashboards: [id],
    annotations: widgets.some(({ config }) => config.annotations === true),
    edit: false,
    ttl: publicTokenTtl,
  }
}

/** Widgets name metrics under these fields, whatever their type; funnels and journeys name events. */
const nameFields = new Set(['metric', 'metric_name', 'event'])

function collectMetrics(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectMetrics(item, into)
    return
  }
  if (typeof value !== 'object' || value === null) return
  for (const [field, child] of Object.entries(value)) {
    if (typeof child !== 'string') collectMetrics(child, into)
    // A pattern would let the page ask for more than the widget shows.
    else if (nameFields.has(field) && child !== '' && !child.includes('*')) into.add(child)
  }
}
