/** `/api/v1/dashboards`: boards of widgets, as they are stored, exported and edited. */
import { z } from 'zod'
import { Duration, Filters, TimeRange } from './common.js'
import { Aggregation } from './metrics.js'

/** Columns of the grid that `position` is on. */
export const gridColumns = 12
const maxWidgets = 100
const maxConfigBytes = 16 * 1024

export const WidgetType = z
  .enum([
    'chart',
    'metric',
    'card',
    'bar',
    'pie',
    'heatmap',
    'gauge',
    'table',
    'tasks',
    'explorer',
    'funnel',
    'journey',
    'sessions',
    'alert',
    'text',
  ])
  .meta({ id: 'WidgetType', description: '`metric` is another name of `card`.' })
export type WidgetType = z.infer<typeof WidgetType>

export const WidgetPosition = z
  .strictObject({
    x: z
      .number()
      .int()
      .min(0)
      .max(gridColumns - 1),
    y: z.number().int().min(0).max(10_000),
    w: z.number().int().min(1).max(gridColumns),
    h: z.number().int().min(1).max(100),
  })
  .refine(({ x, w }) => x + w <= gridColumns, { path: ['w'], message: `x + w must be at most ${gridColumns}` })
  .meta({ id: 'WidgetPosition', description: `Cells of a grid of ${gridColumns} columns.` })
export type WidgetPosition = z.infer<typeof WidgetPosition>

/**
 * What a widget shows. The fields that every widget shares are checked; others are kept as they are, since each tag has
 * attributes of its own.
 */
export const WidgetConfig = z
  .looseObject({
    title: z.string().max(255).optional(),
    metric: z.string().min(1).max(256).optional(),
    aggregation: Aggregation.optional(),
    group_by: z.union([z.string().max(1024), z.array(z.string().min(1).max(256)).max(16)]).optional(),
    filters: Filters.optional(),
    range: Duration.optional(),
    step: z.string().max(32).optional(),
    unit: z.string().max(64).optional(),
  })
  .refine(
    (config) => JSON.stringify(config).length <= maxConfigBytes,
    `must be at most ${maxConfigBytes} bytes of JSON`,
  )
  .meta({ id: 'WidgetConfig' })
export type WidgetConfig = z.infer<typeof WidgetConfig>

export const DashboardWidget = z
  .strictObject({
    id: z.string().min(1).max(64),
    type: WidgetType,
    position: WidgetPosition,
    /** Where it stands when the board is narrower, by the number of columns; absent: the board finds a place. */
    layouts: z.partialRecord(z.enum(['6', '1']), WidgetPosition).optional(),
    config: WidgetConfig.default({}),
  })
  .meta({ id: 'DashboardWidget' })
export type DashboardWidget = z.infer<typeof DashboardWidget>

/** A control above the board: the values that its reader picks filter every widget. */
export const DashboardFilter = z
  .strictObject({
    tag: z.string().min(1).max(256),
    label: z.string().max(128).optional(),
    values: z.array(z.string().max(4096)).max(1000).default([]).meta({ description: 'Picked at first. None: all.' }),
    multi: z.boolean().default(true),
  })
  .meta({ id: 'DashboardFilter' })
export type DashboardFilter = z.infer<typeof DashboardFilter>

const content = {
  name: z.string().trim().min(1).max(255),
  description: z.string().max(4000).default(''),
  widgets: z.array(DashboardWidget).max(maxWidgets).default([]),
  refreshInterval: z
    .union([Duration, z.number().min(0).max(86_400)])
    .optional()
    .meta({ description: 'How often widgets refresh: a duration, or seconds. Absent: each widget decides.' }),
  filters: z
    .union([z.array(DashboardFilter).max(20), Filters])
    .default([])
    .meta({
      description: 'Controls, or fixed conditions by tag.',
    }),
  time_range: TimeRange.optional(),
  time_zone: z.string().max(64).optional(),
  folder: z.string().max(128).default(''),
  tags: z.array(z.string().min(1).max(64)).max(20).default([]),
  is_public: z.boolean().default(false).meta({ description: 'Readable by whoever has its link.' }),
}

/** What a client may send. */
export const DashboardConfig = z
  .strictObject({
    // Exported boards and answers carry these; they are taken and ignored, so that an answer can be sent back.
    id: z.unknown().optional(),
    version: z.unknown().optional(),
    created_at: z.unknown().optional(),
    updated_at: z.unknown().optional(),
    public_link: z.unknown().optional(),
    ...content,
  })
  .superRefine(({ widgets }, context) => {
    const seen = new Set<string>()
    widgets.forEach(({ id }, i) => {
      if (seen.has(id)) {
        context.addIssue({
          code: 'custom',
          path: ['widgets', i, 'id'],
          message: `"${id}" names another widget already`,
        })
      }
      seen.add(id)
    })
  })
  .meta({ id: 'DashboardConfig' })
export type DashboardConfig = z.input<typeof DashboardConfig>
export type ResolvedDashboardConfig = z.output<typeof DashboardConfig>

export const Dashboard = z
  .strictObject({
    id: z.uuid(),
    version: z.number().int().meta({ description: 'Grows with each save; its ETag.' }),
    ...content,
    created_at: z.string(),
    updated_at: z.string(),
    public_link: z.string().nullable().meta({ description: 'For `GET /api/v1/public/dashboards/{link}`.' }),
  })
  .meta({ id: 'Dashboard' })
export type Dashboard = z.infer<typeof Dashboard>

export const DashboardSummary = Dashboard.pick({
  id: true,
  version: true,
  name: true,
  description: true,
  folder: true,
  tags: true,
  is_public: true,
  created_at: true,
  updated_at: true,
})
  .extend({ widget_count: z.number().int() })
  .meta({ id: 'DashboardSummary' })
export type DashboardSummary = z.infer<typeof DashboardSummary>

export const DashboardList = z
  .strictObject({ data: z.array(DashboardSummary), meta: z.strictObject({ total: z.number().int() }) })
  .meta({ id: 'DashboardList' })
export type DashboardList = z.infer<typeof DashboardList>

export const DashboardVersions = z
  .strictObject({
    data: z.array(z.strictObject({ version: z.number().int(), name: z.string(), saved_at: z.string() })),
  })
  .meta({ id: 'DashboardVersions' })
export type DashboardVersions = z.infer<typeof DashboardVersions>

/** A board as a file. `format_version` grows when a reader of the old format could not read it. */
export const dashboardFormatVersion = 1
export const DashboardExport = z
  .strictObject({
    format: z.literal('telltale.dashboard'),
    format_version: z.number().int().min(1),
    exported_at: z.string().optional(),
    dashboard: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'DashboardExport' })
export type DashboardExport = z.infer<typeof DashboardExport>

export const DashboardTemplate = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    /** Metrics that it needs, and what sends them. */
    needs: z.array(z.strictObject({ metric: z.string(), from: z.string() })),
    dashboard: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'DashboardTemplate' })
export type DashboardTemplate = z.infer<typeof DashboardTemplate>

/** What whoever has a public link gets: the board, and a token that sees what its widgets show. */
export const PublicDashboard = z
  .strictObject({ dashboard: Dashboard, token: z.string(), expires_at: z.string() })
  .meta({ id: 'PublicDashboard' })
export type PublicDashboard = z.infer<typeof PublicDashboard>
