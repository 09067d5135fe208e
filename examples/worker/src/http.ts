/** Calls to other servers, with their refusals as errors that have names: `error.type` groups charts by them. */

export class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
}

export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError'
}

export async function get(url: string, signal: AbortSignal): Promise<string> {
  return answer(await fetch(url, { signal }))
}

export async function post(
  url: string,
  body: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<string> {
  const type = { 'content-type': 'application/json' }
  return answer(await fetch(url, { method: 'POST', body, signal, headers: { ...type, ...headers } }))
}

async function answer(response: Response): Promise<string> {
  // Read whatever the status is: an unread body would hold its connection.
  const text = await response.text()
  if (response.status === 429) throw new RateLimitedError('The server asks us to slow down')
  if (!response.ok)
    throw new UpstreamError(`${new URL(response.url).pathname.split('/')[1]} answered ${response.status}`)
  return text
}
