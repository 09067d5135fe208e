/** Routes of metric definitions. */
import { Definition, DefinitionInput, DefinitionList, type ResolvedDefinitionInput } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Call, Route } from './route.js'

function tagged({ reply }: Call, definition: Definition): Definition {
  reply.header('etag', `"${definition.version}"`)
  return definition
}

/** The version that the client has seen; undefined where it does not care. */
function expectedVersion({ request }: Call): number | undefined {
  const condition = request.headers['if-match']?.trim()
  if (condition === undefined || condition === '*') return undefined
  const version = /^"(\d+)"$/.exec(condition)?.[1]
  // A tag that no version has matches none.
  return version === undefined ? -1 : Number(version)
}

export const definitionRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/v1/definitions',
    tag: 'manage',
    summary: 'List definitions of metrics',
    scope: 'read',
    response: { description: 'By name.', schema: DefinitionList },
    handle: ({ parts, principal }) => ({ data: parts.definitions.list(principal.project) }),
  },
  {
    method: 'POST',
    path: '/api/v1/definitions',
    tag: 'manage',
    summary: 'Define a metric',
    scope: 'admin',
    body: { kind: 'json', schema: DefinitionInput },
    response: { description: 'It is in force.', status: 201, schema: Definition },
    handle: (call) => {
      const { parts, principal, body, reply } = call
      const created = parts.definitions.create(principal.project, body as ResolvedDefinitionInput)
      reply.header('location', `/api/v1/definitions/${encodeURIComponent(created.name)}`)
      return tagged(call, created)
    },
  },
  {
    method: 'GET',
    path: '/api/v1/definitions/:name',
    tag: 'manage',
    summary: 'One definition',
    scope: 'read',
    response: { description: 'The definition.', schema: Definition },
    handle: (call) => tagged(call, call.parts.definitions.get(call.principal.project, call.params.name)),
  },
  {
    method: 'PUT',
    path: '/api/v1/definitions/:name',
    tag: 'manage',
    summary: 'Replace a definition',
    scope: 'admin',
    body: { kind: 'json', schema: DefinitionInput },
    response: { description: 'The new one is in force.', schema: Definition },
    handle: (call) => {
      const { parts, principal, params } = call
      const input = call.body as ResolvedDefinitionInput
      if (input.name !== params.name) {
        throw new TelltaleError(
          'invalid_request',
          `name: a definition keeps its name (${params.name}). Define ${input.name} with POST, and delete this one.`,
        )
      }
      return tagged(call, parts.definitions.replace(principal.project, input, expectedVersion(call)))
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/definitions/:name',
    tag: 'manage',
    summary: 'Delete a definition; its data stays',
    scope: 'admin',
    response: { description: 'It is no longer in force.', status: 204 },
    handle: (call) => {
      call.parts.definitions.remove(call.principal.project, call.params.name, expectedVersion(call))
    },
  },
]
