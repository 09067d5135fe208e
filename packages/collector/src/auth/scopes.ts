/** What a scope allows: admin includes all others, edit includes read. */
import type { Scope } from '@telltale/protocol/api'
import { TelltaleError } from '../errors.js'
import type { Permission, Principal } from '../model.js'

const granted: Record<Permission, ReadonlySet<Permission>> = {
  ingest: new Set<Permission>(['ingest']),
  read: new Set<Permission>(['read']),
  edit: new Set<Permission>(['read', 'edit']),
  admin: new Set<Permission>(['admin', 'read', 'edit', 'ingest']),
}

export function scopesOf(scope: Permission): ReadonlySet<Permission> {
  return granted[scope]
}

/** Throws `forbidden`, naming the scope that is missing. */
export function requireScope(principal: Principal, permission: Permission): void {
  if (principal.scopes.has(permission)) return
  // No key has the scope edit alone.
  const scope: Scope = permission === 'edit' ? 'admin' : permission
  throw new TelltaleError(
    'forbidden',
    `This needs a key of scope ${scope}; yours has ${[...principal.scopes].join(', ')}. ` +
      `Create one with: telltale keys create --project ${principal.projectName} --scope ${scope}`,
    { details: { required_scope: scope } },
  )
}
