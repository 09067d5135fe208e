/** Routes of retention: what a project keeps for how long. */
import { Retention, RetentionInput } from '@telltale/protocol/api'
import type { Route } from './route.js'
import { expectedVersions, sendVersion } from './versions.js'

export const retentionRoutes: Route[] = [
  {
    method: 'GET',
    path: '/api/v1/retention',
    tag: 'manage',
    summary: 'How long what is kept',
    scope: 'read',
    response: { description: 'Rules of the project, and what holds without them.', schema: Retention },
    handle: (call) => sendVersion(call, call.parts.retention.get(call.principal.project)),
  },
  {
    method: 'PUT',
    path: '/api/v1/retention',
    tag: 'manage',
    summary: 'Replace the rules',
    scope: 'admin',
    body: { kind: 'json', schema: RetentionInput },
    response: { description: 'The new rules are in force; what they let go is removed bit by bit.', schema: Retention },
    handle: async (call) => {
      const { parts, principal, body } = call
      return sendVersion(
        call,
        await parts.retention.replace(principal.project, body as RetentionInput, expectedVersions(call)),
      )
    },
  },
]
