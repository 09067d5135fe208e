/** Content → encoded batch with an identity: where all batches of one client get their id, sequence and times. */
import { type Batch, type Drop, encodeBatch, type Series, type StringRef, WireWriter } from '@telltale/protocol'
import type { Clock } from '../clock.js'
import type { DropCount, Ledger } from '../stats.js'
import { Timeline } from '../timeline.js'
import type { Dictionary } from './dictionary.js'
import { type Interval, type RowCalls, type SealedBatch, sealedBatch } from './sealed-batch.js'

export interface BatchContent extends Pick<Batch, 'samples' | 'points' | 'histograms' | 'events' | 'tasks'> {
  strings: Dictionary
  resource: StringRef[]
  series: Series[]
  /** Calls behind the tables above. */
  tables: RowCalls[]
}

export interface SealerOptions {
  resource: readonly (readonly [key: string, value: string])[]
  clock: Clock
  ledger: Ledger
  randomBytes: (count: number) => Uint8Array
  /** A batch is sealed once its strings and rows are estimated at this. */
  maxBatchBytes: number
  /** Where finished batches go. */
  emit: (batch: SealedBatch) => void
}

type Content = Omit<Batch, 'batchId' | 'streamId' | 'sequence' | 'sentTimeMs' | 'baseTimeMs'>

/** Batches that the collector tells apart by their sequence. */
interface Stream {
  readonly id: Uint8Array
  sequence: number
}

/** A buffer larger than this is given back after use: one huge batch should not cost its size for ever. */
const keptBufferBytes = 1024 * 1024

export class Sealer {
  readonly resource: SealerOptions['resource']
  readonly timeline: Timeline
  readonly maxBatchBytes: number
  /** Below the wire's 65,536, with room for the last row. */
  readonly maxStrings = 60_000
  readonly #clock: Clock
  readonly #ledger: Ledger
  readonly #randomBytes: (count: number) => Uint8Array
  readonly #emit: (batch: SealedBatch) => void
  readonly #stream: Stream
  /**
   * Parts of batches that had to be cut. They go out before what waits, and in the stream of the others their later
   * sequence would drag the collector's deduplication window past all of that.
   */
  readonly #parts: Stream
  #writer = new WireWriter()

  constructor(options: SealerOptions) {
    this.resource = options.resource
    this.maxBatchBytes = options.maxBatchBytes
    this.timeline = new Timeline(options.clock)
    this.#clock = options.clock
    this.#ledger = options.ledger
    this.#randomBytes = options.randomBytes
    this.#emit = options.emit
    this.#stream = { id: options.randomBytes(16), sequence: 0 }
    this.#parts = { id: options.randomBytes(16), sequence: 0 }
  }

  nowMs(): number {
    return this.#clock.monotonicMs()
  }

  /** Encodes `content`, with whatever losses the collector has not been told of, and passes the batch on. */
  seal(content: BatchContent): void {
    const drops = this.#ledger.takeUnsent()
    const { strings, resource, series, tables, ...columns } = content
    const wireDrops: Drop[] = drops.map(({ signal, reason, count }) => ({ signal, reason: strings.ref(reason), count }))
    let batch: SealedBatch
    try {
      const { numbered } = strings
      batch = this.encode(
        { ...columns, strings: strings.strings, numbered, resource, series, drops: wireDrops },
        tables,
        drops,
      )
    } catch {
      // The tables keep what they take within the wire's bounds; should that fail, the calls are still accounted for.
      this.#ledger.restore(drops)
      for (const table of tables) this.#ledger.refuse(table.signal, 'internal', table.total)
      return
    }
    this.#ledger.seal(batch.calls)
    this.#emit(batch)
  }

  /** Gives content a new identity. */
  encode(content: Content, tables: readonly RowCalls[], drops: readonly DropCount[]): SealedBatch {
    return this.#encode(this.#stream, content, tables, drops)
  }

  /** For a part of a batch that was cut. */
  encodePart(content: Content, tables: readonly RowCalls[], drops: readonly DropCount[]): SealedBatch {
    return this.#encode(this.#parts, content, tables, drops)
  }

  #encode(stream: Stream, content: Content, tables: readonly RowCalls[], drops: readonly DropCount[]): SealedBatch {
    const id = this.#randomBytes(16)
    // The wire's sequence has 32 bits; after 136 years of one batch a second it starts again.
    stream.sequence = (stream.sequence + 1) >>> 0
    const { sequence } = stream
    const nowMs = Math.round(this.timeline.toUnixMs(this.#clock.monotonicMs()))
    const identity = { batchId: id, streamId: stream.id, sequence, sentTimeMs: nowMs, baseTimeMs: nowMs }
    const bytes = encodeBatch({ ...content, ...identity }, this.#writer).slice()
    if (bytes.length > keptBufferBytes) this.#writer = new WireWriter()
    const batch = sealedBatch(bytes, id, tables, drops, this.timeline.skewMs)
    batch.interval = intervalOf(content)
    return batch
  }
}

function intervalOf({ points, histograms, samples, events, tasks }: Content): Interval | undefined {
  if (events !== undefined || tasks !== undefined) return undefined
  const table = points ?? histograms
  if (table !== undefined) return { startMs: table.startMs, endMs: table.endMs }
  const lastMs = samples?.timeMs[samples.count - 1]
  return lastMs === undefined ? undefined : { startMs: lastMs, endMs: lastMs }
}
