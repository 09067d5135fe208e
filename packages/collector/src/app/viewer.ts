/**
 * Who may look without a key: a page that this very collector served, in a browser on this machine, where `serve` was
 * told so with `--local-viewer`.
 *
 * A foreign page in the same browser is kept out three ways: Sec-Fetch-Site and Origin tell it apart, the Host check
 * defeats names that were rebound to 127.0.0.1, and the route has no CORS headers, so it could not read the answer.
 */
import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../config.js'
import { TelltaleError } from '../errors.js'
import type { Viewer } from './ports.js'

export function viewerSession(request: FastifyRequest, viewer: Viewer | undefined): Viewer {
  if (!viewer) throw refused('Local viewing is off; sign in with a read key, or start with serve --local-viewer')
  if (!isOwnPage(request)) throw refused('Only pages of this collector, opened on its own machine, get a session')
  return viewer
}

function isOwnPage(request: FastifyRequest): boolean {
  const { socket, headers } = request.raw
  if (!isLoopback(socket.remoteAddress ?? '')) return false
  // A proxy on this machine makes everybody look local; most of them say that they are there.
  if (headers.forwarded ?? headers.via ?? headers['x-forwarded-for'] ?? headers['x-real-ip']) return false
  const host = headers.host ?? ''
  if (!ownHosts(socket.localPort).has(host)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  const { origin, referer } = headers
  if (origin !== undefined && origin !== `http://${host}`) return false
  return referer === undefined || referer.startsWith(`http://${host}/`)
}

function ownHosts(port: number | undefined): ReadonlySet<string> {
  const names = ['localhost', '127.0.0.1', '[::1]']
  return new Set([...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])])
}

function refused(message: string): TelltaleError {
  return new TelltaleError('forbidden', message)
}
