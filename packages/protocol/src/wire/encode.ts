/** Batch → bytes: the tables of `proto/telemetry.proto`, in field order, through a WireWriter. */
import type {
  AttributeColumn,
  Batch,
  Events,
  F64Column,
  Histograms,
  Points,
  Samples,
  Sessions,
  Steps,
  Tasks,
  U32Column,
} from './types.js'
import { WireWriter } from './writer.js'

/** Where `sent_time_ms` lies: after the one-byte tag that opens every batch. */
const sentTimeTag = 0x09
const sentTimeAt = 1
const sequenceTag = 0x20
const baseTimeTag = 0x29
const idBytes = 16

/**
 * Encodes one batch. With `into`, the result is a view of the writer's buffer that holds until its next use (`.slice()`
 * keeps it); without, it is a buffer of its own.
 *
 * Throws `WireError('bad_time')` where neighbouring times of a column are more than 24.8 days apart: such rows belong in
 * separate batches.
 */
export function encodeBatch(batch: Batch, into?: WireWriter): Uint8Array {
  const w = into ?? new WireWriter()
  w.reset()
  w.double(1, batch.sentTimeMs)
  w.blob(2, batch.batchId)
  w.blob(3, batch.streamId)
  w.uint32(4, batch.sequence)
  w.double(5, batch.baseTimeMs)
  encodeSchema(w, batch)
  const base = batch.baseTimeMs
  if (batch.samples?.count) encodeSamples(w, batch.samples, base)
  if (batch.points?.count) encodePoints(w, batch.points, base)
  if (batch.histograms?.count) encodeHistograms(w, batch.histograms, base)
  if (batch.events?.count) encodeEvents(w, batch.events, base)
  if (batch.tasks?.count) encodeTasks(w, batch.tasks, base)
  if (batch.sessions?.count) encodeSessions(w, batch.sessions, base)
  for (const drop of batch.drops) {
    const mark = w.open(15, 8)
    w.uint32(1, drop.signal)
    w.uint32(2, drop.reason)
    w.uint32(3, drop.count)
    w.close(mark)
  }
  return into === undefined ? w.view().slice() : w.view()
}

/** Writes the time of sending into an encoded batch, so that a retry needs no second encoding. */
export function patchSentTime(bytes: Uint8Array, sentTimeMs: number): void {
  if (bytes[0] !== sentTimeTag || bytes.length < sentTimeAt + 8) {
    throw new RangeError('patchSentTime needs bytes that encodeBatch made')
  }
  new DataView(bytes.buffer, bytes.byteOffset).setFloat64(sentTimeAt, sentTimeMs, true)
}

/**
 * Moves all times of an encoded batch by `deltaMs`: they are offsets from one base. For a sender that learns after
 * encoding that its clock was wrong.
 */
export function shiftBaseTime(bytes: Uint8Array, deltaMs: number): void {
  // sent_time_ms, batch_id and stream_id have one size; the sequence, a varint or absent, comes before the base.
  let at = sentTimeAt + 8 + 2 * (2 + idBytes)
  if (bytes[at] === sequenceTag) {
    at++
    while (bytes[at] > 127) at++
    at++
  }
  if (bytes[0] !== sentTimeTag || bytes[at] !== baseTimeTag || bytes.length < at + 9) {
    throw new RangeError('shiftBaseTime needs bytes that encodeBatch made')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  view.setFloat64(at + 1, view.getFloat64(at + 1, true) + deltaMs, true)
}

function encodeSchema(w: WireWriter, batch: Batch): void {
  const { strings, resource, series, numbered } = batch
  const prefix = numbered && new TextEncoder().encode(numbered.prefix)
  let next = 0
  // Entry 0 is the empty string, which is never sent.
  for (let i = 1; i < strings.length; i++) {
    if (strings[i] !== '' || prefix === undefined || numbered === undefined) {
      w.string(6, strings[i])
      continue
    }
    const first = i
    while (strings[i + 1] === '') i++
    const end = next + i - first + 1
    w.numbered(6, prefix, numbered.numbers, next, end)
    next = end
  }
  if (resource.length > 0) {
    const mark = w.open(7, resource.length + 2)
    w.uint32Column(1, resource, resource.length)
    w.close(mark)
  }
  for (let i = 0; i < series.length; i++) {
    const one = series[i]
    const mark = w.open(8, 16)
    w.uint32(1, one.name)
    w.uint32(2, one.kind)
    w.uint32(3, one.unit)
    w.uint32(4, one.description)
    w.uint32Column(5, one.attributes, one.attributes.length)
    w.close(mark)
  }
}

function encodeSamples(w: WireWriter, t: Samples, base: number): void {
  const mark = w.open(9, t.count * 11)
  w.uint32Column(1, t.series, t.count)
  w.timeColumn(2, t.timeMs, t.count, base)
  w.doubleColumn(3, t.value, t.count)
  w.close(mark)
}

function encodePoints(w: WireWriter, t: Points, base: number): void {
  const mark = w.open(10, t.count * 10)
  w.offset(1, t.startMs, base)
  w.offset(2, t.endMs, base)
  w.uint32Column(3, t.series, t.count)
  w.doubleColumn(4, t.value, t.count)
  w.close(mark)
}

function encodeHistograms(w: WireWriter, t: Histograms, base: number): void {
  const mark = w.open(11, t.count * 50)
  w.offset(1, t.startMs, base)
  w.offset(2, t.endMs, base)
  w.uint32Column(3, t.series, t.count)
  w.doubleColumn(4, t.sum, t.count)
  w.doubleColumn(5, t.min, t.count)
  w.doubleColumn(6, t.max, t.count)
  w.uint32Column(7, t.buckets, t.count)
  w.uint32Column(9, t.bucketCount, w.keyColumn(8, t.key, t.buckets, t.count))
  w.close(mark)
}

function encodeEvents(w: WireWriter, t: Events, base: number): void {
  const mark = w.open(12, t.count * 10)
  w.uint32Column(1, t.name, t.count)
  w.timeColumn(2, t.timeMs, t.count, base)
  if (t.id) w.uint32Column(3, t.id, t.count)
  if (t.user) w.uint32Column(4, t.user, t.count)
  if (t.org) w.uint32Column(5, t.org, t.count)
  if (t.session) w.uint32Column(6, t.session, t.count)
  encodeAttributes(w, 7, t.attributes, t.count)
  w.close(mark)
}

function encodeTasks(w: WireWriter, t: Tasks, base: number): void {
  const mark = w.open(13, t.count * 30)
  w.uint32Column(1, t.type, t.count)
  w.timeColumn(2, t.timeMs, t.count, base)
  w.doubleColumn(3, t.durationMs, t.count)
  w.uint32Column(4, t.status, t.count)
  w.uint32Column(5, t.id, t.count)
  if (t.attempt) w.uint32Column(6, t.attempt, t.count)
  if (t.parentId) w.uint32Column(7, t.parentId, t.count)
  if (t.traceId) w.uint32Column(8, t.traceId, t.count)
  if (t.errorType) w.uint32Column(9, t.errorType, t.count)
  if (t.errorMessage) w.uint32Column(10, t.errorMessage, t.count)
  if (t.queueWaitMs) w.doubleColumn(11, t.queueWaitMs, t.count)
  if (t.cpuTimeMs) w.doubleColumn(12, t.cpuTimeMs, t.count)
  if (t.cpuUsagePercent) w.doubleColumn(13, t.cpuUsagePercent, t.count)
  if (t.cpuMethod) w.uint32Column(14, t.cpuMethod, t.count)
  if (t.memoryUsageMb) w.doubleColumn(15, t.memoryUsageMb, t.count)
  encodeAttributes(w, 16, t.attributes, t.count)
  if (t.steps?.count) encodeSteps(w, t.steps)
  w.close(mark)
}

function encodeSteps(w: WireWriter, t: Steps): void {
  const mark = w.open(17, t.count * 11)
  w.ascendingColumn(1, t.row, t.count)
  w.uint32Column(2, t.name, t.count)
  w.doubleColumn(3, t.offsetMs, t.count)
  w.close(mark)
}

function encodeSessions(w: WireWriter, t: Sessions, base: number): void {
  const mark = w.open(14, t.count * 20)
  w.uint32Column(1, t.id, t.count)
  w.timeColumn(2, t.timeMs, t.count, base)
  w.doubleColumn(3, t.durationMs, t.count)
  if (t.user) w.uint32Column(4, t.user, t.count)
  if (t.org) w.uint32Column(5, t.org, t.count)
  if (t.events) w.uint32Column(6, t.events, t.count)
  if (t.pageViews) w.uint32Column(7, t.pageViews, t.count)
  if (t.entry) w.uint32Column(8, t.entry, t.count)
  if (t.exit) w.uint32Column(9, t.exit, t.count)
  if (t.referrer) w.uint32Column(10, t.referrer, t.count)
  encodeAttributes(w, 11, t.attributes, t.count)
  w.close(mark)
}

function encodeAttributes(w: WireWriter, field: number, columns: AttributeColumn[], rows: number): void {
  for (const column of columns) {
    const count = column.row === undefined ? rows : column.row.length
    // On the wire an empty row list means every row; a column of no rows is left out instead.
    if (count === 0) continue
    const mark = w.open(field, count * 2)
    w.uint32(1, column.key)
    if (column.row !== undefined) w.ascendingColumn(2, column.row, count)
    if (column.type === 'string') w.uint32Column(3, column.value as U32Column, count)
    else if (column.type === 'number') w.doubleColumn(4, column.value as F64Column, count)
    else w.uint32Column(5, column.value as U32Column, count)
    w.uint32(6, column.dimension ? 1 : 0)
    w.close(mark)
  }
}
