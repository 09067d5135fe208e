/** Batches over HTTP: a small pool of kept-alive connections, which by themselves never keep the process alive. */
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ResolvedOptions, Transport, TransportResponse } from '@telltale/sdk-core'
import { buildConnector, Pool } from 'undici'
import { isNear } from './endpoint.js'
import { registerOwnRequests } from './own-requests.js'

const compress = promisify(gzip)

/** One for each request that the core has in flight. */
const maxConnections = 8
/** An acknowledgement that names each of 10,000 rows is smaller than this. */
const maxResponseBytes = 256 * 1024
/** Below this, gzip saves less than a packet. */
const leastCompressedBytes = 1024
/** Fast: metrics have a deadline of a second, and the rest of the gain is small. */
const compressionLevel = 1

export class HttpTransport implements Transport {
  readonly #pool: Pool
  readonly #unregister: () => void
  readonly #path: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #compresses: boolean

  constructor(options: ResolvedOptions) {
    const url = new URL(`${options.endpoint}/v1/ingest`)
    const connect = buildConnector({ timeout: options.requestTimeoutMs })
    this.#pool = new Pool(url.origin, {
      connections: maxConnections,
      pipelining: 1,
      headersTimeout: options.requestTimeoutMs,
      bodyTimeout: options.requestTimeoutMs,
      keepAliveTimeout: 30_000,
      connect: (target, callback) => {
        // The connector hands back the socket at once, before it is connected; its types do not say so.
        const socket: unknown = connect(target, callback)
        if (isSocket(socket)) setFree(socket)
      },
    })
    this.#path = url.pathname
    this.#unregister = registerOwnRequests(url.origin, url.pathname)
    this.#compresses = options.compression === 'gzip' || (options.compression === 'auto' && !isNear(options.endpoint))
    this.#headers = {
      'content-type': 'application/x-protobuf',
      accept: 'application/x-protobuf',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    }
  }

  async post(body: Uint8Array, signal: AbortSignal): Promise<TransportResponse> {
    const compressed = this.#compresses && body.length >= leastCompressedBytes
    const response = await this.#pool.request({
      method: 'POST',
      path: this.#path,
      headers: compressed ? { ...this.#headers, 'content-encoding': 'gzip' } : this.#headers,
      body: compressed ? await compress(body, { level: compressionLevel }) : body,
      signal,
    })
    const { 'retry-after': retryAfter } = response.headers
    return {
      status: response.statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      body: await readBounded(response.body),
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
    this.#unregister()
  }
}

/**
 * The HTTP client refs a socket for the length of each request, which would keep the process alive for as long as the
 * collector takes to answer. Who awaits a flush keeps it alive by the timer of the deadline instead.
 */
function setFree(socket: Socket): void {
  socket.unref()
  socket.ref = () => socket
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'unref' in value && 'once' in value
}

/** What is past the bound is not read: the connection is given up instead. */
async function readBounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxResponseBytes) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
