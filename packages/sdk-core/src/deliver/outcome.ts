/** What an answer of the collector means for the batch: the one table of statuses. */
import { type Ack, decodeAck } from '@telltale/protocol'
import type { TransportResponse } from '../platform.js'

export type Outcome =
  | { kind: 'acked'; ack: Ack }
  /** The collector will never take this batch. */
  | { kind: 'refused'; detail: string }
  /** The same rows may pass in smaller batches. */
  | { kind: 'too_large' }
  /**
   * Later. `afterMs` is what the collector asked for; without it the wait is ours to choose. `suspect`: the batch itself
   * may be what the collector stumbles over.
   */
  | { kind: 'retry'; afterMs: number | undefined; suspect: boolean; detail: string }
  /** Wrong key or wrong address: only a person can mend it, so ask seldom. */
  | { kind: 'misconfigured'; detail: string }

/** A collector that asks for more is asked again after this much. */
const maxRetryAfterMs = 300_000

export function outcomeOf(response: TransportResponse, batchId: Uint8Array, wallMs: number): Outcome {
  const { status } = response
  if (status === 200) return ackOutcome(response.body, batchId)
  const detail = `${status} ${errorText(response.body)}`.trim()
  if (status === 413) return { kind: 'too_large' }
  if (status === 429 || status === 503) {
    return { kind: 'retry', afterMs: retryAfterMs(response.retryAfter, wallMs), suspect: false, detail }
  }
  if (status === 408 || status >= 500) return { kind: 'retry', afterMs: undefined, suspect: true, detail }
  if (status === 401 || status === 403) return { kind: 'misconfigured', detail: `${detail} (check apiKey)` }
  // Anything below 400 is no answer of a collector: a redirect, or a web server that is content with any request.
  if (status === 404 || status === 405 || status < 400) {
    return { kind: 'misconfigured', detail: `${detail} (check endpoint)` }
  }
  return { kind: 'refused', detail }
}

function ackOutcome(body: Uint8Array, batchId: Uint8Array): Outcome {
  try {
    const ack = decodeAck(body)
    if (batchId.every((byte, i) => byte === ack.batchId[i])) return { kind: 'acked', ack }
  } catch {
    // Falls through: whatever answered 200 is no collector.
  }
  return { kind: 'misconfigured', detail: '200 without an acknowledgement (check endpoint)' }
}

/** Seconds, or an HTTP date. */
function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  if (header === undefined) return undefined
  const waitMs = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallMs
  return Number.isFinite(waitMs) ? Math.min(maxRetryAfterMs, Math.max(0, waitMs)) : undefined
}

/** `code: message` of the collector's JSON errors; the start of the body of anything else. */
function errorText(body: Uint8Array): string {
  const text = new TextDecoder().decode(body.subarray(0, 4096))
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } }
    if (typeof error?.code === 'string') return `${error.code}: ${String(error.message ?? '')}`.slice(0, 300)
  } catch {
    // Not JSON: shown as it is.
  }
  return text.replace(/\s+/g, ' ').slice(0, 120)
}
