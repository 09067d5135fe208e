/** Names of methods, bounded whatever comes over the wire. */

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])

/** Methods are free text: what nobody knows shares one name, as OpenTelemetry has it. */
export function methodName(method: string | undefined): string {
  return method !== undefined && methods.has(method) ? method : '_OTHER'
}
