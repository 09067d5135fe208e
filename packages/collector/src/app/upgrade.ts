/** WebSocket upgrades: only `/ws/analytics`, bounded in number and in size of frames. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { TelltaleError } from '../errors.js'
import { errorBody } from './errors.js'
import type { Readiness, Streams } from './ports.js'

export const streamPath = '/ws/analytics'
const maxFrameBytes = 64 * 1024

export interface UpgradeOptions {
  streams: Streams
  maxClients: number
  readiness(): Readiness
}

export function addUpgrade(server: Server, { streams, maxClients, readiness }: UpgradeOptions): void {
  // Frames are small and frequent: compressing them costs more time than the bytes cost on any network.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const [path] = (request.url ?? '/').split('?', 1)
    const refused = refusal(path, sockets.clients.size, maxClients, readiness())
    if (refused) return refuse(socket, refused)
    sockets.handleUpgrade(request, socket, head, (accepted) => streams.accept(accepted, socket))
  })
}

function refusal(path: string, clients: number, maxClients: number, readiness: Readiness): TelltaleError | undefined {
  if (path !== streamPath) return new TelltaleError('not_found', `Streams are served at ${streamPath}`)
  if (readiness !== 'ready') return new TelltaleError('not_ready', 'The collector takes no streams now; try again')
  if (clients < maxClients) return undefined
  return new TelltaleError('overloaded', 'Too many streams are open; try again later', { retryAfterSeconds: 5 })
}

function refuse(socket: Duplex, error: TelltaleError): void {
  const body = JSON.stringify(errorBody(error))
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
