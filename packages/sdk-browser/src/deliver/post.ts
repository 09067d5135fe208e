/** One request with one batch, and what its answer means. */
import type { Options } from '../options.js'
import type { Batch } from './store.js'

export interface Outcome {
  /** Calls in the batch that the collector refuses. */
  refused?: number
  /** Why the batch is given up. */
  reason?: string
  /** Why the batch must be sent again. */
  retry?: string
  /** When; without it the wait is ours to choose. */
  afterMs?: number
}

/**
 * Browsers allow 64 KiB of keepalive bodies over all requests in flight of a page, the host's own included; a request past
 * it fails at once. (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch)
 */
const keepaliveBudgetBytes = 60 * 1024
/** Wrong key or address: this seldom is enough to notice that it was mended. */
const misconfiguredRetryMs = 60_000

export interface Poster {
  /** Whether a body of this size may be sent by a request that outlives the page. */
  fits(bytes: number): boolean
  /** Never rejects. `outlive`: the page may end at any moment. */
  post(batch: Batch, signal: AbortSignal, outlive: boolean): Promise<Outcome>
}

export function createPoster({ endpoint, apiKey }: Options): Poster {
  // A publishable key in the address, and a body that is text, need no preflight: a page that closes has no time for one.
  const publishable = apiKey?.startsWith('pk_')
  const url = `${endpoint}/v1/rows${publishable ? `?key=${apiKey}` : ''}`
  let inFlight = 0

  async function send(batch: Batch, signal: AbortSignal, outlive: boolean): Promise<Outcome> {
    const body = `{"sent_ms":${Date.now()},${batch.body}`
    if (outlive && !('keepalive' in Request.prototype)) {
      // It tells nothing of the answer: the batch stays stored, and the next page hears that it had arrived.
      navigator.sendBeacon(url, body)
      return { retry: 'beacon' }
    }
    const response = await fetch(url, {
      method: 'POST',
      headers: apiKey && !publishable ? { authorization: `Bearer ${apiKey}` } : {},
      body,
      signal,
      keepalive: outlive,
      credentials: 'omit',
    })
    const { status, headers } = response
    if (status === 200) {
      const { batch_id, rejected } = await response.json()
      if (batch_id === batch.id) return { refused: rejected }
    }
    if (status === 413) return { reason: 'too_large' }
    if (status === 408 || status === 429 || status >= 500) {
      const waitMs = Number.parseFloat(`${headers.get('retry-after')}`) * 1000
      return { retry: `status ${status}`, afterMs: waitMs >= 0 ? waitMs : undefined }
    }
    // Refused for good. What is left is no answer of a collector, or of one that does not know the key.
    if (status >= 400 && ![401, 403, 404, 405].includes(status)) return { refused: Number.POSITIVE_INFINITY }
    return { retry: `status ${status} (check endpoint and apiKey)`, afterMs: misconfiguredRetryMs }
  }

  const fits = (bytes: number): boolean => inFlight + bytes <= keepaliveBudgetBytes
  return {
    fits,
    async post(batch, signal, outlive) {
      const held = outlive && fits(batch.bytes) ? batch.bytes : 0
      inFlight += held
      try {
        return await send(batch, signal, held > 0)
      } catch (error) {
        return { retry: `${error}` }
      } finally {
        inFlight -= held
      }
    },
  }
}
