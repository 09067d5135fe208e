/**
 * Reads protobuf from bytes that nobody vouches for: every length is checked before it is used, and nothing is allocated
 * before its size is known to be within bounds. `decode.ts` says what the fields mean.
 *
 * A message is scanned once, which finds where each field lies; its columns are then read in the order that
 * suits the caller, whatever their order on the wire.
 */
import { Cursor, copyBytes } from './cursor.js'
import { WireError } from './errors.js'

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** The furthest time that a JavaScript Date can hold, either side of 1970. */
const maxTimeMs = 8.64e15

/** How a field may appear, by field number; `none` fields are unknown and skipped. */
export const FieldType = {
  none: 0,
  /** One varint; the last occurrence counts. */
  uint: 1,
  /** One fixed64; the last occurrence counts. */
  double: 2,
  /** Bytes; the last occurrence counts. */
  bytes: 3,
  /** A message that may appear once. */
  message: 4,
  /** Repeated messages or strings. */
  repeated: 5,
  /** Repeated varints, packed or not. */
  varints: 6,
  /** Repeated doubles, packed or not. */
  doubles: 7,
} as const
export type Layout = readonly number[]

/** Wire type by FieldType; an unpacked column has wire type 0 or 1 instead of 2. */
const wireTypes = [-1, 0, 1, 2, 2, 2, 2, 2]
const unpackedWireTypes = [-1, -1, -1, -1, -1, -1, 0, 1]

/** One message: where its fields lie, and their values on demand. */
export class WireMessage {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly #layout: Layout
  /** By field number, three entries: first byte, end, occurrences. For repeated messages the span includes the tags. */
  readonly #fields: number[]
  /** Columns that came in pieces, joined, by field number. */
  #joined: Map<number, Uint8Array> | undefined

  constructor(bytes: Uint8Array, start: number, end: number, layout: Layout) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#layout = layout
    this.#fields = new Array<number>(layout.length * 3).fill(0)
    this.#scan()
  }

  #scan(): void {
    const fields = this.#fields
    const layout = this.#layout
    const cursor = new Cursor(this.bytes, this.start, this.end)
    while (cursor.position < this.end) {
      const tagAt = cursor.position
      const tag = cursor.varint()
      const field = tag >>> 3
      const wireType = tag & 7
      if (field === 0) throw new WireError('bad_wire_type', tagAt)
      let from = cursor.position
      if (wireType === 2) {
        const end = cursor.lengthEnd()
        from = cursor.position
        cursor.position = end
      } else {
        cursor.skip(wireType)
      }
      if (field >= layout.length) continue
      const type = layout[field]
      if (type === FieldType.none) continue
      if (wireType !== wireTypes[type] && wireType !== unpackedWireTypes[type]) {
        throw new WireError('bad_wire_type', tagAt)
      }
      const at = field * 3
      const seen = fields[at + 2]++
      if (type === FieldType.repeated) {
        if (seen === 0) fields[at] = tagAt
        fields[at + 1] = cursor.position
      } else if (type < FieldType.message || seen === 0) {
        fields[at] = from
        fields[at + 1] = cursor.position
      } else if (type === FieldType.message) {
        throw new WireError('duplicate_section', tagAt)
      }
    }
  }

  has(field: number): boolean {
    return this.#fields[field * 3 + 2] > 0
  }

  occurrences(field: number): number {
    return this.#fields[field * 3 + 2]
  }

  from(field: number): number {
    return this.#fields[field * 3]
  }

  to(field: number): number {
    return this.#fields[field * 3 + 1]
  }

  uint(field: number): number {
    if (!this.has(field)) return 0
    return new Cursor(this.bytes, this.from(field), this.to(field)).varint()
  }

  double(field: number): number {
    if (!this.has(field)) return 0
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.from(field), 8).getFloat64(0, true)
  }

  copy(field: number): Uint8Array {
    return copyBytes(this.bytes, this.from(field), this.to(field))
  }

  /** One time: a zigzag offset from `baseMs`. */
  offset(field: number, baseMs: number): number {
    const zigzag = this.uint(field)
    return checkedTime(baseMs + ((zigzag >>> 1) ^ -(zigzag & 1)), this.from(field))
  }

  message(field: number, layout: Layout): WireMessage | undefined {
    return this.has(field) ? new WireMessage(this.bytes, this.from(field), this.to(field), layout) : undefined
  }

  /** Every message of a repeated field. The caller has bounded `occurrences`. */
  messages(field: number, layout: Layout): WireMessage[] {
    const found: WireMessage[] = []
    const cursor = new Cursor(this.bytes, this.from(field), this.to(field))
    while (cursor.position < cursor.end) {
      const tag = cursor.varint()
      if (tag >>> 3 !== field) {
        cursor.skip(tag & 7)
        continue
      }
      const end = cursor.lengthEnd()
      found.push(new WireMessage(this.bytes, cursor.position, end, layout))
      cursor.position = end
    }
    return found
  }

  /** Entries of a column of doubles. */
  countDoubles(field: number): number {
    let bytes = this.to(field) - this.from(field)
    if (this.occurrences(field) > 1) bytes = this.#packed(field).end - this.#packed(field).position
    if (bytes % 8 !== 0) throw new WireError('bad_length', this.from(field))
    return bytes / 8
  }

  /** Entries of a column of varints: as many as there are bytes without the continuation bit. */
  countVarints(field: number): number {
    const { bytes, position, end } = this.#packed(field)
    let count = 0
    for (let i = position; i < end; i++) count += (bytes[i] >>> 7) ^ 1
    return count
  }

  /** A column of exactly `count` numbers below `bound`. */
  uint32s(field: number, count: number, bound = 0x100000000): Uint32Array {
    const { bytes, position: start, end } = this.#packed(field)
    // Each entry takes a byte at least: a count that cannot be true allocates nothing.
    if (count > end - start) throw new WireError('unequal_columns', start)
    const column = new Uint32Array(count)
    let position = start
    for (let i = 0; i < count; i++) {
      if (position >= end) throw new WireError('unequal_columns', position)
      let value = bytes[position++]
      if (value > 127) {
        value &= 127
        for (let shift = 7; ; shift += 7) {
          if (position >= end) throw new WireError('truncated', position)
          const byte = bytes[position++]
          if (shift === 28 && byte > 15) throw new WireError('bad_varint', position - 1)
          value |= (byte & 127) << shift
          if (byte < 128) break
        }
        value >>>= 0
      }
      if (value >= bound) throw new WireError('index_out_of_range', position - 1)
      column[i] = value
    }
    if (position !== end) throw new WireError('unequal_columns', position)
    return column
  }

  /** A column that may be absent; when present it is whole. */
  optionalUint32s(field: number, count: number, bound?: number): Uint32Array | undefined {
    return this.#isEmpty(field) ? undefined : this.uint32s(field, count, bound)
  }

  /** A column of exactly `count` zigzag numbers, as they are: mostly differences. */
  sint32s(field: number, count: number): Float64Array {
    const { bytes, position: start, end } = this.#packed(field)
    if (count > end - start) throw new WireError('unequal_columns', start)
    const column = new Float64Array(count)
    let position = start
    for (let i = 0; i < count; i++) {
      if (position >= end) throw new WireError('unequal_columns', position)
      let value = bytes[position++]
      if (value > 127) {
        value &= 127
        for (let shift = 7; ; shift += 7) {
          if (position >= end) throw new WireError('truncated', position)
          const byte = bytes[position++]
          if (shift === 28 && byte > 15) throw new WireError('bad_varint', position - 1)
          value |= (byte & 127) << shift
          if (byte < 128) break
        }
      }
      column[i] = (value >>> 1) ^ -(value & 1)
    }
    if (position !== end) throw new WireError('unequal_columns', position)
    return column
  }

  /** A time column: differences from `baseMs` on, as absolute milliseconds. */
  times(field: number, count: number, baseMs: number): Float64Array {
    const column = this.sint32s(field, count)
    let time = baseMs
    for (let i = 0; i < count; i++) {
      time += column[i]
      if (!(time <= maxTimeMs && time >= -maxTimeMs)) throw new WireError('bad_time', this.from(field))
      column[i] = time
    }
    return column
  }

  /** Row numbers below `bound`, written as differences. `strict`: no row twice. */
  ascending(field: number, count: number, bound: number, strict: boolean): Uint32Array {
    const column = this.uint32s(field, count)
    let row = 0
    for (let i = 0; i < count; i++) {
      if (strict && i > 0 && column[i] === 0) throw new WireError('not_ascending', this.from(field))
      row += column[i]
      if (row >= bound) throw new WireError('index_out_of_range', this.from(field))
      column[i] = row
    }
    return column
  }

  /** A column of exactly `count` doubles, copied: the result does not keep the input alive. */
  doubles(field: number, count: number): Float64Array {
    const { bytes, position, end } = this.#packed(field)
    if ((end - position) % 8 !== 0) throw new WireError('bad_length', position)
    if (end - position !== count * 8) throw new WireError('unequal_columns', position)
    const column = new Float64Array(count)
    if (littleEndian) {
      new Uint8Array(column.buffer).set(bytes.subarray(position, end))
    } else {
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      for (let i = 0; i < count; i++) column[i] = view.getFloat64(position + i * 8, true)
    }
    return column
  }

  optionalDoubles(field: number, count: number): Float64Array | undefined {
    return this.#isEmpty(field) ? undefined : this.doubles(field, count)
  }

  #isEmpty(field: number): boolean {
    return this.occurrences(field) < 2 && this.from(field) === this.to(field)
  }

  /** The bytes of a column. Pieces of one that was sent unpacked are joined: joined, they are its packed form. */
  #packed(field: number): Cursor {
    if (this.occurrences(field) < 2) return new Cursor(this.bytes, this.from(field), this.to(field))
    this.#joined ??= new Map()
    let joined = this.#joined.get(field)
    if (joined === undefined) {
      joined = this.#join(field)
      this.#joined.set(field, joined)
    }
    return new Cursor(joined, 0, joined.length)
  }

  #join(field: number): Uint8Array {
    const joined = new Uint8Array(this.end - this.start)
    const cursor = new Cursor(this.bytes, this.start, this.end)
    let length = 0
    while (cursor.position < cursor.end) {
      const tag = cursor.varint()
      // The payload of a packed piece comes after its length, that of a single entry right after the tag.
      const end = (tag & 7) === 2 ? cursor.lengthEnd() : undefined
      const from = cursor.position
      if (end === undefined) cursor.skip(tag & 7)
      else cursor.position = end
      if (tag >>> 3 !== field) continue
      // Single entries are a few bytes, for which a view costs more than the copy.
      for (let i = from; i < cursor.position; i++) joined[length++] = this.bytes[i]
    }
    return joined.slice(0, length)
  }
}

/** A finite time that a Date can hold. */
export function checkedTime(timeMs: number, offset: number): number {
  if (!(timeMs <= maxTimeMs && timeMs >= -maxTimeMs)) throw new WireError('bad_time', offset)
  return timeMs
}
