/**
 * Batches over HTTP: a few kept-alive connections, which by themselves never keep the process alive. It is Node's own client,
 * since it is there already: another costs a program 100 ms at its start, and 150 ms more at the first request.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { urlToHttpOptions } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ResolvedOptions, Transport, TransportResponse } from '@telltale/sdk-core'
import { isNear } from './endpoint.js'
import { markOwn } from './own-requests.js'

const compress = promisify(gzip)

const agentOptions = {
  keepAlive: true,
  /** One for each request that the core has in flight. */
  maxSockets: 8,
  /** For connections that idle; requests have the core's deadline. */
  timeout: 30_000,
}
/** An acknowledgement that names each of 10,000 rows is smaller than this. */
const maxResponseBytes = 256 * 1024
/** Below this, gzip saves less than a packet. */
const leastCompressedBytes = 1024
/** Fast: metrics have a deadline of a second, and the rest of the gain is small. */
const compressionLevel = 1

export class HttpTransport implements Transport {
  readonly #agent: HttpAgent
  readonly #request: typeof httpRequest
  readonly #target: RequestOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #compresses: boolean

  constructor(options: ResolvedOptions) {
    const url = new URL(`${options.endpoint}/v1/ingest`)
    const secure = url.protocol === 'https:'
    this.#agent = markOwn(secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions))
    this.#request = secure ? httpsRequest : httpRequest
    this.#target = { ...urlToHttpOptions(url), agent: this.#agent, method: 'POST' }
    this.#compresses = options.compression === 'gzip' || (options.compression === 'auto' && !isNear(options.endpoint))
    this.#headers = {
      'content-type': 'application/x-protobuf',
      accept: 'application/x-protobuf',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    }
  }

  async post(body: Uint8Array, signal: AbortSignal): Promise<TransportResponse> {
    if (!this.#compresses || body.length < leastCompressedBytes) return this.#send(body, this.#headers, signal)
    const compressed = await compress(body, { level: compressionLevel })
    return this.#send(compressed, { ...this.#headers, 'content-encoding': 'gzip' }, signal)
  }

  async close(): Promise<void> {
    this.#agent.destroy()
  }

  #send(body: Uint8Array, headers: Record<string, string>, signal: AbortSignal): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      let answered = false
      const request = this.#request({ ...this.#target, headers, signal }, (response) => {
        answered = true
        readAnswer(response).then(resolve, reject)
      })
      request.on('socket', setFree)
      request.on('error', (error) => {
        // The server may close an idle connection in the moment in which we use it: that says nothing of the request.
        const stale = request.reusedSocket && !answered && !signal.aborted
        if (stale) resolve(this.#send(body, headers, signal))
        else reject(error)
      })
      request.end(body)
    })
  }
}

/**
 * The agent refs a socket for the length of each request, which would keep the process alive for as long as the
 * collector takes to answer. Who awaits a flush keeps it alive by the timer of the deadline instead.
 */
function setFree(socket: Socket): void {
  socket.unref()
  socket.ref = () => socket
}

async function readAnswer(response: IncomingMessage): Promise<TransportResponse> {
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    body: await readBounded(response),
  }
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
