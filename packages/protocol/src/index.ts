/** Telltale's protocol: the columnar wire format and the sketch. Runs anywhere; imports nothing of Node or the DOM. */
export type { SketchColumns } from './sketch.js'
export { nearestRank, quantileOfSorted, Sketch } from './sketch.js'
export { isSketchKey, keyBias, keyLower, keyOf, keyUpper, keyValue, leastNormalKey, quickKeyOf } from './sketch-key.js'
export { decodeAck, encodeAck } from './wire/ack.js'
export type { DecodeOptions } from './wire/decode.js'
export { decodeBatch } from './wire/decode.js'
export { encodeBatch, patchSentTime, shiftBaseTime } from './wire/encode.js'
export type { WireErrorCode } from './wire/error-table.js'
export { wireErrors } from './wire/error-table.js'
export { WireError } from './wire/errors.js'
export { defaultWireLimits } from './wire/limits.js'
export type { SchemaCacheOptions } from './wire/schema-cache.js'
export { SchemaCache } from './wire/schema-cache.js'
export type {
  Ack,
  AttributeColumn,
  Batch,
  CpuMethodCode,
  DecodedBatch,
  Drop,
  Events,
  F64Column,
  Histograms,
  Id,
  KindCode,
  Points,
  Rejection,
  Samples,
  Schema,
  SchemaSpan,
  Series,
  Sessions,
  SignalCode,
  Steps,
  StringRef,
  TaskStatusCode,
  Tasks,
  U32Column,
  WireLimits,
} from './wire/types.js'
export { CpuMethod, Kind, Signal, TaskStatus } from './wire/types.js'
export { WireWriter } from './wire/writer.js'
