/** Bytes → batch: what `encode.ts` writes, and what other protobuf encoders make of the same schema, within limits. */
import { WireError } from './errors.js'
import { resolveWireLimits } from './limits.js'
import { checkedTime, FieldType, type Layout, WireMessage } from './reader.js'
import { decodeSchema, schemaSpanOf } from './schema.js'
import type { SchemaCache } from './schema-cache.js'
import {
  decodeEvents,
  decodeHistograms,
  decodePoints,
  decodeSamples,
  decodeSessions,
  decodeTasks,
  type TableContext,
} from './tables.js'
import { type DecodedBatch, type Drop, type Id, Signal, type SignalCode, type WireLimits } from './types.js'

export interface DecodeOptions {
  limits?: Partial<WireLimits>
  /** Recognises schema sections that were decoded before. */
  schemas?: SchemaCache
}

const { uint, double, bytes: blob, message, repeated } = FieldType

const batchLayout: Layout = [
  FieldType.none,
  double, // 1 sent_time_ms
  blob, // 2 batch_id
  blob, // 3 stream_id
  uint, // 4 sequence
  double, // 5 base_time_ms
  repeated, // 6 strings
  message, // 7 resource
  repeated, // 8 series
  message, // 9 samples
  message, // 10 points
  message, // 11 histograms
  message, // 12 events
  message, // 13 tasks
  message, // 14 sessions
  repeated, // 15 drops
]
const dropLayout: Layout = [FieldType.none, uint, uint, uint]

/**
 * Decodes one batch from untrusted bytes: a value, or a `WireError`. Work and memory are bounded by the input's size and
 * the limits. Values that are not finite are let through, so that one bad row does not cost the batch.
 * A table without rows is `undefined`. Nothing in the result refers to `bytes`.
 */
export function decodeBatch(bytes: Uint8Array, options: DecodeOptions = {}): DecodedBatch {
  const limits = resolveWireLimits(options.limits)
  const batch = new WireMessage(bytes, 0, bytes.length, batchLayout)
  const batchId = decodeId(batch, 2)
  const streamId = decodeId(batch, 3)
  const sentTimeMs = checkedTime(batch.double(1), batch.from(1))
  const baseTimeMs = checkedTime(batch.double(5), batch.from(5))
  const schemaSpan = schemaSpanOf(batch)

  let schema = options.schemas?.get(bytes, schemaSpan)
  if (schema === undefined) {
    schema = decodeSchema(batch, limits)
    options.schemas?.set(bytes, schemaSpan, schema)
  }

  const context: TableContext = {
    limits,
    schema,
    baseTimeMs,
    rowsLeft: limits.maxRows,
    attributeColumnsLeft: limits.maxAttributeColumns,
  }
  return {
    sentTimeMs,
    batchId,
    streamId,
    sequence: batch.uint(4),
    baseTimeMs,
    strings: schema.strings,
    resource: schema.resource,
    series: schema.series,
    samples: decodeSamples(batch, 9, context),
    points: decodePoints(batch, 10, context),
    histograms: decodeHistograms(batch, 11, context),
    events: decodeEvents(batch, 12, context),
    tasks: decodeTasks(batch, 13, context),
    sessions: decodeSessions(batch, 14, context),
    drops: decodeDrops(batch, limits, schema.strings.length),
    schema,
    schemaSpan,
  }
}

function decodeId(batch: WireMessage, field: number): Id {
  if (batch.to(field) - batch.from(field) !== 16) throw new WireError('bad_id', batch.from(field))
  return batch.copy(field)
}

function decodeDrops(batch: WireMessage, limits: Readonly<WireLimits>, stringCount: number): Drop[] {
  if (!batch.has(15)) return []
  if (batch.occurrences(15) > limits.maxDrops) throw new WireError('too_many_drops', batch.from(15))
  return batch.messages(15, dropLayout).map((drop) => {
    const reason = drop.uint(2)
    if (reason >= stringCount) throw new WireError('index_out_of_range', drop.from(2))
    return { signal: decodeSignal(drop), reason, count: drop.uint(3) }
  })
}

function decodeSignal(entry: WireMessage): SignalCode {
  const signal = entry.uint(1)
  if (signal === 0 || signal > Signal.session) throw new WireError('bad_enum', entry.start)
  return signal as SignalCode
}
