/** Keys of a project, who asks, and how much room the data takes. */
import {
  type ApiKey,
  CreatedApiKey,
  KeyList,
  KeyRequest,
  type ResolvedKeyRequest,
  StorageUse,
  WhoAmI,
} from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { StoredKey } from './ports.js'
import type { Route } from './route.js'

export const keyRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/v1/keys',
    tag: 'manage',
    summary: 'List keys',
    scope: 'admin',
    response: { description: 'Keys of the project, also revoked ones; their secrets are not kept.', schema: KeyList },
    handle: ({ parts, principal }) => ({ data: parts.keys.list(principal.projectName).map(shown) }),
  },
  {
    method: 'POST',
    path: '/api/v1/keys',
    tag: 'manage',
    summary: 'Make a key',
    scope: 'admin',
    body: { kind: 'json', schema: KeyRequest },
    response: { description: 'The key, this once.', status: 201, schema: CreatedApiKey },
    handle({ parts, principal, body, reply }) {
      const { scope, publishable } = body as ResolvedKeyRequest
      const made = parts.keys.create(principal.projectName, scope, publishable)
      reply.header('cache-control', 'no-store')
      return { ...shown(made), key: made.secret, project: principal.projectName }
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/keys/:id',
    tag: 'manage',
    summary: 'Revoke a key',
    scope: 'admin',
    response: { description: 'It is refused from now on, and so is every embed token that it made.', status: 204 },
    handle({ parts, principal, params }) {
      const known = parts.keys
        .list(principal.projectName)
        .some(({ id, revokedMs }) => id === params.id && revokedMs === null)
      if (!known || !parts.keys.revoke(params.id)) {
        throw new TelltaleError('not_found', 'No key in force has this id; GET /api/v1/keys lists them')
      }
    },
  },
  {
    method: 'GET',
    path: '/api/v1/whoami',
    tag: 'manage',
    summary: 'What this credential may do',
    scope: 'read',
    embed: true,
    response: { description: 'Its project and permissions.', schema: WhoAmI },
    handle: ({ principal: { projectName, scopes, expiresMs } }) => ({
      project: projectName,
      permissions: [...scopes],
      expires_at: expiresMs === undefined ? null : new Date(expiresMs).toISOString(),
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/storage',
    tag: 'manage',
    summary: 'How much room the data of all projects takes',
    scope: 'admin',
    response: { description: 'Bytes and rows by table.', schema: StorageUse },
    async handle({ parts }) {
      const stats = await parts.storage()
      return {
        journal_bytes: stats.journalBytes,
        hot_rows: stats.hotRows,
        segments: stats.segments,
        segment_bytes: stats.segmentBytes,
        damaged_segments: stats.damagedSegments,
        tables: stats.tables ?? [],
      }
    },
  },
]

function shown({ id, scope, publishable, createdMs, lastUsedMs, revokedMs }: StoredKey): ApiKey {
  return {
    id,
    scope,
    publishable,
    created_at: iso(createdMs),
    last_used_at: iso(lastUsedMs),
    revoked_at: iso(revokedMs),
  }
}

function iso(timeMs: number): string
function iso(timeMs: number | null): string | null
function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}
