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

  /** Callers at the same time share one `getToken` call. */
  async get(): Promise<string> {
    if (this.#token) return this.#token
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
