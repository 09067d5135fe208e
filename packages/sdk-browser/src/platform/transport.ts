/** Batches over fetch. While the page is hidden it may be frozen at any moment, so requests ask to outlive it. */
import type { ResolvedOptions, Transport, TransportResponse } from '@telltale/sdk-core'
import { isHidden } from './exit.js'

/**
 * Browsers allow 64 KiB of keepalive bodies over all requests in flight of a page, the host's own included; a request past
 * it fails at once. (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch)
 */
const keepaliveBudgetBytes = 60 * 1024
const maxResponseBytes = 256 * 1024
/** Below this, gzip saves less than a packet. */
const leastCompressedBytes = 1024

export class FetchTransport implements Transport {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #compresses: boolean
  #keepaliveBytes = 0

  constructor(options: ResolvedOptions) {
    this.#url = `${options.endpoint}/v1/ingest`
    this.#headers = {
      'content-type': 'application/x-protobuf',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    }
    const wanted = options.compression === 'gzip' || (options.compression === 'auto' && !isLocal(options.endpoint))
    this.#compresses = wanted && typeof CompressionStream !== 'undefined'
  }

  async post(body: Uint8Array, signal: AbortSignal): Promise<TransportResponse> {
    const hidden = isHidden()
    // Compressing takes turns of the event loop, which a page that is being hidden may not get.
    const compressed = this.#compresses && !hidden && body.length >= leastCompressedBytes
    const payload = compressed ? await gzip(body) : body
    const keepalive = hidden && this.#keepaliveBytes + payload.length <= keepaliveBudgetBytes
    if (keepalive) this.#keepaliveBytes += payload.length
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: compressed ? { ...this.#headers, 'content-encoding': 'gzip' } : this.#headers,
        body: payload as BodyInit,
        signal,
        keepalive,
        credentials: 'omit',
        cache: 'no-store',
        // A redirect cannot be read from another origin; the status 0 that it leaves counts as a wrong address.
        redirect: 'manual',
      })
      const retryAfter = response.headers.get('retry-after') ?? undefined
      return { status: response.status, retryAfter, body: await readBounded(response) }
    } finally {
      if (keepalive) this.#keepaliveBytes -= payload.length
    }
  }

  async close(): Promise<void> {}
}

function isLocal(endpoint: string): boolean {
  const { hostname } = new URL(endpoint)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}

async function gzip(body: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([body as BlobPart]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** What is past the bound is not read. */
async function readBounded(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.length
    if (bytes > maxResponseBytes) {
      await reader.cancel()
      break
    }
    chunks.push(value)
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer())
}
