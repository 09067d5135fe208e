/** The schema section of a batch, bytes → dictionary, resource and series table, within limits. */
import { Cursor } from './cursor.js'
import { WireError } from './errors.js'
import { FieldType, type Layout, type WireMessage } from './reader.js'
import { readString } from './text.js'
import { Kind, type Schema, type SchemaSpan, type Series, type StringRef, type WireLimits } from './types.js'

const resourceLayout: Layout = [FieldType.none, FieldType.varints]

/** Reads fields 6 to 8 of `batch` (a message scanned with the batch's layout); other fields in between are passed over. */
export function decodeSchema(batch: WireMessage, limits: Readonly<WireLimits>): Schema {
  const stringCount = batch.occurrences(6) + 1
  if (stringCount - 1 > limits.maxStrings) throw new WireError('too_many_strings', batch.from(6))
  if (batch.occurrences(8) > limits.maxSeries) throw new WireError('too_many_series', batch.from(8))
  const { strings, stringBytes } = decodeStrings(batch, stringCount, limits)
  const resource = decodeResource(batch, stringBytes, limits)
  const series = decodeSeriesTable(batch, stringBytes, resource.length, limits)
  return { strings, stringBytes, resource, series }
}

/** From the first to the last byte of fields 6 to 8; both 0 where there are none. */
export function schemaSpanOf(batch: WireMessage): SchemaSpan {
  let start = Number.POSITIVE_INFINITY
  let end = 0
  for (let field = 6; field <= 8; field++) {
    if (!batch.has(field)) continue
    start = Math.min(start, batch.from(field))
    end = Math.max(end, batch.to(field))
  }
  return end === 0 ? { start: 0, end: 0 } : { start, end }
}

function decodeStrings(batch: WireMessage, count: number, limits: Readonly<WireLimits>) {
  const strings = new Array<string>(count)
  const stringBytes = new Uint32Array(count)
  strings[0] = ''
  let next = 1
  const cursor = new Cursor(batch.bytes, batch.from(6), batch.to(6))
  while (cursor.position < cursor.end) {
    const tag = cursor.varint()
    if (tag >>> 3 !== 6) {
      cursor.skip(tag & 7)
      continue
    }
    const end = cursor.lengthEnd()
    const length = end - cursor.position
    if (length > limits.maxStringBytes) throw new WireError('string_too_long', cursor.position)
    stringBytes[next] = length
    strings[next++] = readString(cursor.bytes, cursor.position, end)
    cursor.position = end
  }
  return { strings, stringBytes }
}

function decodeResource(batch: WireMessage, stringBytes: Uint32Array, limits: Readonly<WireLimits>): StringRef[] {
  const message = batch.message(7, resourceLayout)
  if (message === undefined) return []
  const count = message.countVarints(1)
  if (count > limits.maxAttributes * 2) throw new WireError('too_many_attributes', message.start)
  const attributes = Array.from(message.uint32s(1, count, stringBytes.length))
  checkAttributes(attributes, stringBytes, limits, message.start)
  return attributes
}

function decodeSeriesTable(
  batch: WireMessage,
  stringBytes: Uint32Array,
  resourceRefs: number,
  limits: Readonly<WireLimits>,
): Series[] {
  const table: Series[] = []
  const maxRefs = limits.maxAttributes * 2 - resourceRefs
  const cursor = new Cursor(batch.bytes, batch.from(8), batch.to(8))
  while (cursor.position < cursor.end) {
    const tag = cursor.varint()
    if (tag >>> 3 !== 8) {
      cursor.skip(tag & 7)
      continue
    }
    const end = cursor.lengthEnd()
    const start = cursor.position
    const series = decodeSeries(new Cursor(batch.bytes, start, end), stringBytes.length, maxRefs)
    if (stringBytes[series.name] > limits.maxNameBytes) throw new WireError('name_too_long', start)
    checkAttributes(series.attributes, stringBytes, limits, start)
    table.push(series)
    cursor.position = end
  }
  return table
}

/** A table may have thousands of these, so they are read in one pass, without the scan that larger messages get. */
function decodeSeries(cursor: Cursor, stringCount: number, maxRefs: number): Series {
  const start = cursor.position
  const series: Series = { name: 0, kind: Kind.gauge, unit: 0, description: 0, attributes: [] }
  let kind = 0
  while (cursor.position < cursor.end) {
    const tag = cursor.varint()
    if (tag === 0x08) series.name = stringRef(cursor, stringCount)
    else if (tag === 0x10) kind = cursor.varint()
    else if (tag === 0x18) series.unit = stringRef(cursor, stringCount)
    else if (tag === 0x20) series.description = stringRef(cursor, stringCount)
    else if (tag === 0x28) addRef(series.attributes, cursor, stringCount, maxRefs)
    else if (tag === 0x2a) {
      const end = cursor.lengthEnd()
      while (cursor.position < end) addRef(series.attributes, cursor, stringCount, maxRefs)
      if (cursor.position !== end) throw new WireError('truncated', end)
    } else cursor.skipUnknown(tag, 5)
  }
  if (kind === 0 || kind > Kind.histogram) throw new WireError('bad_enum', start)
  series.kind = kind as Series['kind']
  return series
}

function addRef(refs: StringRef[], cursor: Cursor, stringCount: number, maxRefs: number): void {
  if (refs.length >= maxRefs) throw new WireError('too_many_attributes', cursor.position)
  refs.push(stringRef(cursor, stringCount))
}

function stringRef(cursor: Cursor, stringCount: number): StringRef {
  const ref = cursor.varint()
  if (ref >= stringCount) throw new WireError('index_out_of_range', cursor.position - 1)
  return ref
}

function checkAttributes(refs: StringRef[], stringBytes: Uint32Array, limits: Readonly<WireLimits>, offset: number) {
  if (refs.length % 2 !== 0) throw new WireError('odd_attributes', offset)
  for (let i = 0; i < refs.length; i += 2) {
    if (stringBytes[refs[i]] > limits.maxNameBytes) throw new WireError('name_too_long', offset)
  }
}
