/**
 * Embed tokens: JWTs that see a part of one project for a short while. They fail closed: whatever is not exactly a token
 * of ours, in force, with claims that can be read, is nobody's.
 */
import { randomUUID } from 'node:crypto'
import { EmbedClaims, type ResolvedEmbedTokenRequest } from '@telltale/protocol/api'
import { errors, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { TelltaleError } from '../errors.js'
import type { Principal, View } from '../model.js'
import { scopesOf } from './scopes.js'

/** What this stage asks of the catalog. */
export interface TokenStore {
  /** Differs from its last value whenever a key or token may have been revoked. */
  version(): string
  projectById(id: number): { id: number; name: string } | undefined
  isKeyInForce(id: string): boolean
  isTokenRevoked(project: number, id: string): boolean
}

export interface EmbedTokensOptions {
  store: TokenStore
  /** 32 random bytes that only this installation knows. */
  secret: Uint8Array
  hash(text: string): string
  parseDurationMs(text: string): number
  /** Unix ms; default `Date.now`. */
  now?: () => number
}

export interface IssuedToken {
  token: string
  id: string
  expiresMs: number
}

const algorithm = 'HS256'
const issuer = 'telltale'
const audience = 'telltale-embed'
const maxLifetimeMs = 24 * 3600_000
const maxTokenLength = 16 * 1024
const maxCachedTokens = 10_000

/** The private claims; `key` is the key that asked for it: a token does not outlive its key. */
const Payload = z.object({
  sub: z.string().regex(/^\d{1,15}$/),
  jti: z.string().min(1).max(64),
  iat: z.number(),
  exp: z.number(),
  key: z.string().max(64).optional(),
  view: EmbedClaims,
})

interface Known {
  principal: Principal
  expiresMs: number
  id: string
  keyId: string | undefined
}

export class EmbedTokens {
  readonly #options: Required<EmbedTokensOptions>
  readonly #verified = new LRUCache<string, Known>({ max: maxCachedTokens })
  #version = ''

  constructor(options: EmbedTokensOptions) {
    this.#options = { now: Date.now, ...options }
  }

  /** Our keys have underscores and no dots; a JWT has exactly two dots. */
  static looksLikeOne(secret: string): boolean {
    return secret.split('.').length === 3
  }

  /** Throws `invalid_request` for a lifetime or range that cannot be. */
  async issue(project: number, request: ResolvedEmbedTokenRequest, keyId?: string): Promise<IssuedToken> {
    const { now, parseDurationMs, secret } = this.#options
    const { ttl, ...view } = request
    const lifetimeMs = parseDurationMs(ttl)
    if (!(lifetimeMs >= 1000) || lifetimeMs > maxLifetimeMs) {
      throw new TelltaleError('invalid_request', `ttl: "${ttl}" must be between 1s and 24h`)
    }
    if (view.max_range !== undefined && !(parseDurationMs(view.max_range) >= 1000)) {
      throw new TelltaleError('invalid_request', `max_range: "${view.max_range}" must be at least 1s`)
    }
    const issuedS = Math.floor(now() / 1000)
    const expiresS = issuedS + Math.floor(lifetimeMs / 1000)
    const id = randomUUID()
    const token = await new SignJWT({ view, ...(keyId ? { key: keyId } : {}) })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(String(project))
      .setJti(id)
      .setIssuedAt(issuedS)
      .setExpirationTime(expiresS)
      .sign(secret)
    return { token, id, expiresMs: expiresS * 1000 }
  }

  /** Throws `unauthorized` or `token_expired`; never answers with more than the token says. */
  async verify(token: string): Promise<Principal> {
    if (token.length > maxTokenLength) throw refused()
    this.refresh()
    const name = this.#options.hash(token)
    const known = this.#verified.get(name) ?? (await this.#read(token))
    if (this.#options.now() >= known.expiresMs) {
      this.#verified.delete(name)
      throw expired()
    }
    if (!this.#isInForce(known)) throw refused('This embed token, or the key that made it, was revoked')
    this.#verified.set(name, known)
    return known.principal
  }

  /** Ends the streams of tokens that were revoked since the last call, as `Authenticator.refresh` does for keys. */
  refresh(): void {
    const version = this.#options.store.version()
    if (version === this.#version) return
    this.#version = version
    for (const [name, known] of this.#verified.entries()) {
      if (this.#isInForce(known)) continue
      known.principal.expiresMs = 0
      this.#verified.delete(name)
    }
  }

  #isInForce({ id, keyId, principal }: Known): boolean {
    const { store } = this.#options
    return !store.isTokenRevoked(principal.project, id) && (keyId === undefined || store.isKeyInForce(keyId))
  }

  async #read(token: string): Promise<Known> {
    const { store, secret, now, hash } = this.#options
    let payload: unknown
    try {
      const verified = await jwtVerify(token, secret, {
        algorithms: [algorithm],
        issuer,
        audience,
        currentDate: new Date(now()),
        requiredClaims: ['sub', 'jti', 'iat', 'exp'],
      })
      payload = verified.payload
    } catch (error) {
      throw error instanceof errors.JWTExpired ? expired() : refused()
    }
    const read = Payload.safeParse(payload)
    if (!read.success) throw refused()
    const { sub, jti, iat, exp, key, view: claims } = read.data
    if ((exp - iat) * 1000 > maxLifetimeMs) throw refused()
    const project = store.projectById(Number(sub))
    if (project === undefined) throw refused()
    const expiresMs = exp * 1000
    return {
      id: jti,
      keyId: key,
      expiresMs,
      principal: {
        project: project.id,
        projectName: project.name,
        scopes: scopesOf(claims.edit ? 'edit' : 'read'),
        expiresMs,
        viewKey: `embed:${hash(JSON.stringify(claims))}`,
        view: this.#viewOf(claims),
      },
    }
  }

  #viewOf({ metrics, filters, max_range, dashboards, annotations }: z.infer<typeof EmbedClaims>): View {
    const maxRangeMs = max_range === undefined ? undefined : this.#options.parseDurationMs(max_range)
    if (maxRangeMs !== undefined && !(maxRangeMs > 0)) throw refused()
    return { metrics, filters, dashboards, annotations, ...(maxRangeMs === undefined ? {} : { maxRangeMs }) }
  }
}

function expired(): TelltaleError {
  return new TelltaleError('token_expired', 'This embed token has expired; get a new one from your server')
}

function refused(message = 'This is no embed token of this collector; get a new one from your server'): TelltaleError {
  return new TelltaleError('unauthorized', message)
}
