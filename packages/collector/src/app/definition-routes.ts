/** Routes of metric definitions. */
import { Definition, DefinitionInput, DefinitionList, type ResolvedDefinitionInput } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import { isOwnMetric, ownMetricPrefix } from '../model.js'
import type { Route } from './route.js'
import { expectedVersions, sendVersion } from './versions.js'

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
      const input = body as ResolvedDefinitionInput
      if (isOwnMetric(input.name)) {
        throw new TelltaleError(
          'invalid_request',
          `name: metrics that begin with ${ownMetricPrefix} are the collector's own; choose another name`,
        )
      }
      const created = parts.definitions.create(principal.project, input)
      reply.header('location', `/api/v1/definitions/${encodeURIComponent(created.name)}`)
      return sendVersion(call, created)
    },
  },
  {
    method: 'GET',
    path: '/api/v1/definitions/:name',
    tag: 'manage',
    summary: 'One definition',
    scope: 'read',
    response: { description: 'The definition.', schema: Definition },
    handle: (call) => sendVersion(call, call.parts.definitions.get(call.principal.project, call.params.name)),
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
      return sendVersion(call, parts.definitions.replace(principal.project, input, expectedVersions(call)))
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
      call.parts.definitions.remove(call.principal.project, call.params.name, expectedVersions(call))
    },
  },
]
