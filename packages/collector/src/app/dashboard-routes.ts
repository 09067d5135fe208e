/** Dashboards: list, make, read, save, remove, copy; their versions, files and public links. */
import {
  Dashboard,
  DashboardConfig,
  DashboardExport,
  DashboardList,
  DashboardTemplate,
  DashboardVersions,
  dashboardFormatVersion,
  PublicDashboard,
  type ResolvedDashboardConfig,
} from '@telltale/protocol/api'
import { z } from 'zod'
import { TelltaleError } from '../errors.js'
import type { Principal } from '../model.js'
import { contentOfFile, publicClaims } from './dashboard-files.js'
import type { BoardSearch } from './ports.js'
import type { Call, Route } from './route.js'
import { dashboardTemplates } from './templates/index.js'
import { expectedVersions, requireVersion, sendVersion } from './versions.js'

const path = '/api/v1/dashboards'

const listQuery = z.strictObject({
  search: z.string().max(256).optional().meta({ description: 'Part of the name or description, in any case.' }),
  folder: z.string().max(128).optional(),
  tag: z.string().max(64).optional(),
  sort: z.enum(['name', 'created_at', 'updated_at']).default('updated_at'),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'Default: names ascending, times descending.' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
})

const copyBody = z.strictObject({ name: z.string().trim().min(1).max(255).optional() }).optional()

const templateList = z.strictObject({ data: z.array(DashboardTemplate) })

/** Which boards a credential reads; undefined: all. */
function readable({ view }: Principal): readonly string[] | undefined {
  return view?.dashboards
}

function noBoard(id: string): TelltaleError {
  return new TelltaleError(
    'not_found',
    `There is no dashboard ${JSON.stringify(id.slice(0, 64))}; GET ${path} lists them`,
  )
}

function find({ principal, params, parts }: Call): Dashboard {
  const ids = readable(principal)
  const found =
    ids === undefined || ids.includes(params.id) ? parts.boards.get(principal.project, params.id) : undefined
  if (found === undefined) throw noBoard(params.id)
  return found
}

/** Saves, unless somebody else did meanwhile or the credential may not. */
function save(call: Call, content: ResolvedDashboardConfig): Dashboard {
  const { principal, params, parts } = call
  const expected = expectedVersions(call)
  find(call)
  const saved = parts.boards.update(principal.project, params.id, content, (current) => {
    requireVersion(current, expected)
    if (principal.view !== undefined && current.is_public !== content.is_public) {
      throw new TelltaleError('forbidden', 'An embed token cannot make a dashboard public or private')
    }
  })
  if (saved === undefined) throw noBoard(params.id)
  return saved
}

function created(call: Call, content: ResolvedDashboardConfig): Dashboard {
  const board = call.parts.boards.create(call.principal.project, content)
  call.reply.header('location', `${path}/${board.id}`)
  return sendVersion(call, board)
}

function versionOf(call: Call): ResolvedDashboardConfig {
  const { params, parts } = call
  const board = find(call)
  const content = parts.boards.version(board.id, Number(params.version))
  if (content !== undefined) return content
  throw new TelltaleError(
    'not_found',
    `Version ${params.version.slice(0, 20)} is not kept; GET ${path}/${board.id}/versions lists those that are`,
  )
}

export const dashboardRoutes: Route[] = [
  {
    method: 'GET',
    path,
    tag: 'manage',
    summary: 'List dashboards',
    scope: 'read',
    embed: true,
    query: listQuery,
    response: { description: 'A page of dashboards, without their widgets.', schema: DashboardList },
    handle({ principal, query, parts }) {
      const { order, ...search } = query as unknown as z.output<typeof listQuery>
      const sorted: BoardSearch = {
        ...search,
        order: order ?? (search.sort === 'name' ? 'asc' : 'desc'),
        ids: readable(principal),
      }
      const { data, total } = parts.boards.list(principal.project, sorted)
      return { data, meta: { total } }
    },
  },
  {
    method: 'POST',
    path,
    tag: 'manage',
    summary: 'Make a dashboard',
    scope: 'edit',
    body: { kind: 'json', schema: DashboardConfig },
    response: { description: 'The dashboard.', status: 201, schema: Dashboard },
    handle: (call) => created(call, call.body as ResolvedDashboardConfig),
  },
  {
    method: 'GET',
    path: `${path}/templates`,
    tag: 'manage',
    summary: 'Ready-made dashboards',
    scope: 'read',
    response: { description: 'Templates; `dashboard` of one can be sent to make one.', schema: templateList },
    handle: () => ({ data: dashboardTemplates }),
  },
  {
    method: 'POST',
    path: `${path}/import`,
    tag: 'manage',
    summary: 'Make a dashboard of an exported file',
    scope: 'edit',
    body: { kind: 'json', schema: z.record(z.string(), z.unknown()) },
    response: { description: 'The dashboard.', status: 201, schema: Dashboard },
    handle: (call) => created(call, contentOfFile(call.body as Record<string, unknown>)),
  },
  {
    method: 'GET',
    path: `${path}/:id`,
    tag: 'manage',
    summary: 'One dashboard',
    scope: 'read',
    embed: true,
    response: { description: 'The dashboard; its ETag names its version.', schema: Dashboard },
    handle: (call) => sendVersion(call, find(call)),
  },
  {
    method: 'PUT',
    path: `${path}/:id`,
    tag: 'manage',
    summary: 'Save a dashboard',
    scope: 'edit',
    embed: true,
    body: { kind: 'json', schema: DashboardConfig },
    response: { description: 'The dashboard in its new version.', schema: Dashboard },
    handle: (call) => sendVersion(call, save(call, call.body as ResolvedDashboardConfig)),
  },
  {
    method: 'DELETE',
    path: `${path}/:id`,
    tag: 'manage',
    summary: 'Remove a dashboard and its versions',
    scope: 'edit',
    response: { description: 'It is gone.', status: 204 },
    handle(call) {
      const expected = expectedVersions(call)
      const { principal, params, parts } = call
      const isRemoved = parts.boards.remove(principal.project, params.id, (current) =>
        requireVersion(current, expected),
      )
      if (!isRemoved) throw noBoard(params.id)
    },
  },
  {
    method: 'POST',
    path: `${path}/:id/duplicate`,
    tag: 'manage',
    summary: 'Copy a dashboard',
    scope: 'edit',
    body: { kind: 'json', schema: copyBody, optional: true },
    response: { description: 'The copy.', status: 201, schema: Dashboard },
    handle(call) {
      const original = find(call)
      const { name = `${original.name} (copy)`.slice(0, 255) } = (call.body as z.infer<typeof copyBody>) ?? {}
      // A copy is nobody else's business until somebody shares it, too.
      return created(call, { ...original, name, is_public: false })
    },
  },
  {
    method: 'GET',
    path: `${path}/:id/export`,
    tag: 'manage',
    summary: 'A dashboard as a file',
    scope: 'read',
    embed: true,
    response: { description: 'JSON that `import` takes.', schema: DashboardExport },
    handle(call) {
      const { id, version, created_at, updated_at, public_link, is_public, ...dashboard } = find(call)
      const name = dashboard.name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '') || 'dashboard'
      call.reply.header('content-disposition', `attachment; filename="${name}.json"`)
      return {
        format: 'telltale.dashboard',
        format_version: dashboardFormatVersion,
        exported_at: new Date().toISOString(),
        dashboard,
      } satisfies DashboardExport
    },
  },
  {
    method: 'GET',
    path: `${path}/:id/versions`,
    tag: 'manage',
    summary: 'Saved versions of a dashboard',
    scope: 'read',
    response: { description: 'Newest first; the last 50 are kept.', schema: DashboardVersions },
    handle(call) {
      const versions = call.parts.boards.versions(find(call).id)
      return {
        data: versions.map(({ version, name, savedMs }) => ({
          version,
          name,
          saved_at: new Date(savedMs).toISOString(),
        })),
      }
    },
  },
  {
    method: 'GET',
    path: `${path}/:id/versions/:version`,
    tag: 'manage',
    summary: 'A dashboard as it was',
    scope: 'read',
    response: { description: 'What was saved then.', schema: DashboardConfig },
    handle: versionOf,
  },
  {
    method: 'POST',
    path: `${path}/:id/versions/:version/restore`,
    tag: 'manage',
    summary: 'Save an older version anew',
    scope: 'edit',
    response: { description: 'The dashboard in its new version.', schema: Dashboard },
    handle: (call) => sendVersion(call, save(call, versionOf(call))),
  },
  {
    method: 'GET',
    path: '/api/v1/public/dashboards/:link',
    tag: 'manage',
    summary: 'A public dashboard',
    response: { description: 'The dashboard, and a token for what its widgets show.', schema: PublicDashboard },
    async handle({ params, reply, parts }) {
      const found = parts.boards.byLink(params.link)
      if (found === undefined) throw new TelltaleError('not_found', 'There is no public dashboard under this link')
      const { dashboard, project } = found
      const issued = await parts.tokens.issue(project, publicClaims(dashboard))
      reply.header('cache-control', 'no-store')
      return { dashboard, token: issued.token, expires_at: new Date(issued.expiresMs).toISOString() }
    },
  },
]
