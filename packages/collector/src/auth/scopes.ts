/** What a scope allows: admin includes read and ingest. */
import type { Scope } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Principal } from '../model.js'

const granted: Record<Scope, ReadonlySet<Scope>> = {
  ingest: new Set<Scope>(['ingest']),
  read: new Set<Scope>(['read']),
  admin: new Set<Scope>(['admin', 'read', 'ingest']),
}

export function scopesOf(scope: Scope): ReadonlySet<Scope> {
  return granted[scope]
}

/** Throws `forbidden`, naming the scope that is missing. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.has(scope)) return
  throw new TelltaleError(
    'forbidden',
    `This needs a key of scope ${scope}; yours has ${[...principal.scopes].join(', ')}. ` +
      `Create one with: telltale keys create --project ${principal.projectName} --scope ${scope}`,
    { details: { required_scope: scope } },
  )
}
