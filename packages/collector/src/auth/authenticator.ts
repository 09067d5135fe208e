/** Credential → Principal: keys of the catalog, and grants that live as long as the process. */
import type { Scope } from '@telltale/protocol/api'
import { LRUCache } from 'lru-cache'
import { TelltaleError } from '../errors.js'
import type { Principal } from '../model.js'
import { scopesOf } from './scopes.js'

/** What this stage asks of the catalog. */
export interface KeyStore {
  /** Differs from its last value whenever a key may have been created or revoked. */
  version(): string
  findKey(hash: string): Owner | undefined
  noteUse(keyId: string): void
}

export interface Owner {
  keyId: string
  project: number
  projectName: string
  scope: Scope
  publishable: boolean
}

export interface AuthenticatorOptions {
  keys: KeyStore
  hash(secret: string): string
  newSecret(scope: 'view' | 'demo'): string
}

interface Known {
  keyId: string
  principal: Principal
  publishable: boolean
}

const maxCachedKeys = 10_000
const maxSecretLength = 256

export class Authenticator {
  readonly #keys: KeyStore
  readonly #hash: (secret: string) => string
  readonly #newSecret: (scope: 'view' | 'demo') => string
  readonly #cache = new LRUCache<string, Known>({ max: maxCachedKeys })
  readonly #grants = new Map<string, Principal>()
  #version = ''

  constructor({ keys, hash, newSecret }: AuthenticatorOptions) {
    this.#keys = keys
    this.#hash = hash
    this.#newSecret = newSecret
  }

  /** Throws `unauthorized` for anything that is not a key in force. */
  authenticate(secret: string): Principal {
    return this.#find(secret).principal
  }

  /** For `?key=`: addresses end up in logs and histories, so only a publishable key may travel in one. */
  authenticatePublishable(secret: string): Principal {
    const known = this.#find(secret)
    if (known.publishable) return known.principal
    throw new TelltaleError(
      'forbidden',
      'Only publishable keys (pk_…) may stand in ?key=; send this one as Authorization: Bearer instead',
    )
  }

  /** A token of this process alone, gone with it: for the page on this machine, which reads and edits boards, and for the demo workload. */
  grant(purpose: 'view' | 'demo', project: { id: number; name: string }): string {
    const secret = this.#newSecret(purpose)
    this.#grants.set(this.#hash(secret), {
      project: project.id,
      projectName: project.name,
      scopes: scopesOf(purpose === 'view' ? 'edit' : 'ingest'),
      viewKey: 'all',
    })
    return secret
  }

  /**
   * Forgets keys that were revoked since the last call. Every request comes through here, because it costs one cheap read
   * of SQLite's change counter; called now and then besides, it also ends the streams of revoked keys, whose principals
   * expire.
   */
  refresh(): void {
    const version = this.#keys.version()
    if (version === this.#version) return
    this.#version = version
    for (const [hash, { principal }] of this.#cache.entries()) {
      if (this.#keys.findKey(hash)) continue
      principal.expiresMs = 0
      this.#cache.delete(hash)
    }
  }

  #find(secret: string): Known {
    if (secret.length === 0 || secret.length > maxSecretLength) throw unauthorized()
    const hash = this.#hash(secret)
    const grant = this.#grants.get(hash)
    if (grant) return { keyId: '', principal: grant, publishable: false }
    this.refresh()
    const known = this.#cache.get(hash) ?? this.#load(hash)
    this.#keys.noteUse(known.keyId)
    return known
  }

  #load(hash: string): Known {
    const owner = this.#keys.findKey(hash)
    if (!owner) throw unauthorized()
    const known: Known = {
      keyId: owner.keyId,
      principal: {
        keyId: owner.keyId,
        project: owner.project,
        projectName: owner.projectName,
        scopes: scopesOf(owner.scope),
        viewKey: 'all',
      },
      publishable: owner.publishable,
    }
    this.#cache.set(hash, known)
    return known
  }
}

/** The secret of `Authorization: Bearer …`; throws `unauthorized` where there is none. */
export function bearerToken(header: string | undefined): string {
  if (header === undefined) throw unauthorized('Send a key as Authorization: Bearer KEY')
  const match = /^Bearer +(\S+) *$/i.exec(header)
  if (!match) throw unauthorized('The Authorization header must read: Bearer KEY')
  return match[1]
}

function unauthorized(
  message = 'This key is not known or was revoked. List keys with: telltale keys list',
): TelltaleError {
  return new TelltaleError('unauthorized', message)
}
