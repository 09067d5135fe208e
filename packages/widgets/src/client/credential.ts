/** The token of one client: given once, or fetched through `getToken` and fetched again when the collector refuses it. */
import { ClientError, unauthorized } from './errors.js'

export type GetToken = () => string | Promise<string>

export class Credential {
  #token: string | undefined
  readonly #getToken: GetToken | undefined
  #pending: Promise<string> | undefined

  constructor(token?: string, getToken?: GetToken) {
    this.#token = token || undefined
    this.#getToken = getToken
  }

  /** Whether a refused token can be replaced without the page's help. */
  get renewable(): boolean {
    return this.#getToken !== undefined
  }

  /** When the current token expires, Unix ms; infinite where it doesn't say. Embed tokens (JWT) do. */
  get expiresAtMs(): number {
    return expiryOf(this.#token)
  }

  /** Another token from the page; the current one stays until it is there. */
  async renew(): Promise<string> {
    if (!this.#getToken) return this.get()
    this.#pending ??= this.#fetch(this.#getToken)
    return this.#pending
  }

  /** Callers at the same time share one `getToken` call. */
  async get(): Promise<string> {
    const isOld = this.renewable && this.expiresAtMs <= Date.now()
    if (this.#token && !isOld) return this.#token
    if (!this.#getToken) {
      throw new ClientError(
        'no_token',
        'No token. Set one on <metric-provider token="…">, or call configure({ token }) or configure({ getToken }).',
      )
    }
    this.#pending ??= this.#fetch(this.#getToken)
    return this.#pending
  }

  /** Drops `token` if it is still the current one; a newer token, fetched meanwhile, stays. */
  refuse(token: string): void {
    if (this.renewable && this.#token === token) this.#token = undefined
  }

  async #fetch(getToken: GetToken): Promise<string> {
    try {
      // Also a getToken that throws at once must not do so before `#pending` is set.
      const token = await Promise.resolve().then(getToken)
      if (!token) throw unauthorized('getToken() gave no token.')
      this.#token = token
      return token
    } catch (cause) {
      if (cause instanceof ClientError) throw cause
      throw new ClientError('unreachable', 'getToken() failed, so there is no token to connect with.', cause)
    } finally {
      this.#pending = undefined
    }
  }
}

/** Only read, never trusted: the collector is who checks it. */
function expiryOf(token: string | undefined): number {
  const payload = token?.split('.')[1]
  if (!payload) return Number.POSITIVE_INFINITY
  try {
    const { exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
