/** A platform for tests: a clock that is moved by hand, and a collector that answers as it is told. */
import { type DecodedBatch, decodeBatch, encodeAck, type Rejection } from '@telltale/protocol'
import { mergeBatches } from '../deliver/merge.js'
import { splitBatch } from '../deliver/split.js'
import type { Logger } from '../logger.js'
import type { ResolvedOptions } from '../options.js'
import type { ExitTarget, Platform, Transport, TransportResponse } from '../platform.js'
import { FakeClock } from './fake-clock.js'

/** What the fake collector does with a batch. */
export type Behaviour = (
  batch: DecodedBatch,
  bytes: Uint8Array,
  signal: AbortSignal,
) => TransportResponse | Promise<TransportResponse>

export class FakePlatform implements Platform {
  readonly sdk = 'fake/1.0.0'
  readonly clock = new FakeClock()
  readonly warnings: string[] = []
  readonly logger: Logger = { warn: (message) => this.warnings.push(message) }
  readonly variables: Record<string, string> = {}
  maxBatchBytes = 1024 * 1024
  /** Every request, whatever became of it. */
  readonly requests: DecodedBatch[] = []
  /** Batches that were acknowledged, by their id. */
  readonly stored = new Map<string, DecodedBatch>()
  readonly exitTargets = new Set<ExitTarget>()
  readonly resources = {}
  readonly split = splitBatch
  readonly merge = mergeBatches
  transportClosed = false
  /** What the collector's clock shows beyond ours. */
  collectorAheadMs = 0
  behave: Behaviour = (batch) => this.store(batch)
  #random = 1

  readonly env = (name: string): string | undefined => this.variables[name]

  /** Reproducible, and different every time. */
  readonly randomBytes = (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => {
      this.#random = (Math.imul(this.#random, 1103515245) + 12345) & 0x7fffffff
      return this.#random >> 16
    })

  store(batch: DecodedBatch, rejected: Rejection[] = []): TransportResponse {
    const id = Buffer.from(batch.batchId).toString('hex')
    const duplicate = this.stored.has(id)
    this.stored.set(id, batch)
    return ack(batch, rejected, duplicate, this.clock.wallMs() + this.collectorAheadMs)
  }

  createTransport(_options: ResolvedOptions): Transport {
    return {
      post: async (body, signal) => {
        const batch = decodeBatch(body)
        this.requests.push(batch)
        return this.behave(batch, body, signal)
      },
      close: async () => {
        this.transportClosed = true
      },
    }
  }

  onExit(target: ExitTarget): () => void {
    this.exitTargets.add(target)
    return () => this.exitTargets.delete(target)
  }
}

export function ack(
  batch: DecodedBatch,
  rejected: Rejection[] = [],
  duplicate = false,
  receivedTimeMs = 0,
): TransportResponse {
  const body = encodeAck({ batchId: batch.batchId, accepted: 0, rejected, receivedTimeMs, duplicate })
  return { status: 200, retryAfter: undefined, body }
}

export function answer(status: number, retryAfter?: string, text = ''): TransportResponse {
  return { status, retryAfter, body: new TextEncoder().encode(text) }
}

export function unreachable(): never {
  throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
}

/** Never answers, until it is aborted. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')))
  })
}
