/** The page's own requests: the same routes as everybody's, with the credential of who looks. */

/** What the collector answered instead of what was asked. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export interface Api {
  get<T>(path: string): Promise<T>
  /** `version`: of what is changed, as it was read; where somebody changed it since, the answer is 412. */
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, version?: number): Promise<T>
}

export function createApi(getToken: () => Promise<string>): Api {
  let token: Promise<string> | undefined
  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    version?: number,
    isRetry = false,
  ): Promise<T> => {
    token ??= getToken()
    const held = token
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${await held}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // After a restart of the collector its session is another one.
    if (response.status === 401 && !isRetry) {
      if (token === held) token = undefined
      return call(method, path, body, version, true)
    }
    if (response.status === 204) return undefined as T
    const answer = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string } }
    if (response.ok) return answer as T
    const { code, message } = answer.error ?? { code: 'internal', message: `The collector answered ${response.status}` }
    throw new ApiError(response.status, code, message)
  }
  return {
    get: (path) => call('GET', path),
    send: (method, path, body, version) => call(method, path, body, version),
  }
}
