/** Words of HTTP metrics, bounded whatever comes over the wire. */

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])

/** Methods are free text: what nobody knows shares one name, as OpenTelemetry has it. */
export function methodName(method: string | undefined): string {
  return method !== undefined && methods.has(method) ? method : '_OTHER'
}

/** A code such as ECONNRESET tells more than a class, and both have few values. */
export function errorType(error: unknown): string {
  try {
    const { code, name } = error as { code?: unknown; name?: unknown }
    // A DOMException has a number as its code.
    if (typeof code === 'string' && code !== '') return code.slice(0, 64)
    if (typeof name === 'string' && name !== '') return name.slice(0, 64)
  } catch {
    // A thrown thing that cannot be read has no better name.
  }
  return '_OTHER'
}
