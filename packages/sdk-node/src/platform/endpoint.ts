/** Is an endpoint near? Compressing for loopback or a private network costs more time than it saves. */
import { isIPv4, isIPv6 } from 'node:net'

export function isNear(endpoint: string): boolean {
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  if (isIPv4(host)) return isPrivate(host)
  if (!isIPv6(host)) return false
  // Loopback, unique local (fc00::/7), link-local (fe80::/10).
  return host === '::1' || /^f[cd]/.test(host) || /^fe[89ab]/.test(host)
}

/** Loopback, link-local and the private ranges of RFC 1918. */
function isPrivate(host: string): boolean {
  const [a, b] = host.split('.').map(Number)
  if (a === 127 || a === 10) return true
  return (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254)
}
