/** The smallest step of reading: one varint, one length, one field to pass over, each checked against the end of its message. */
import { WireError } from './errors.js'

/** A place in the bytes, and the steps that move it. */
export class Cursor {
  readonly bytes: Uint8Array
  position: number
  readonly end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.position = start
    this.end = end
  }

  /** An unsigned 32-bit varint. Most are one byte: that case is small enough to be inlined. */
  varint(): number {
    if (this.position < this.end && this.bytes[this.position] < 128) return this.bytes[this.position++]
    return this.#longVarint()
  }

  #longVarint(): number {
    const { bytes, end } = this
    let value = 0
    for (let shift = 0; ; shift += 7) {
      if (this.position >= end) throw new WireError('truncated', this.position)
      const byte = bytes[this.position++]
      if (shift === 28 && byte > 15) throw new WireError('bad_varint', this.position - 1)
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }

  /** Reads a length and returns where what it measures ends. */
  lengthEnd(): number {
    const length = this.varint()
    if (length > this.end - this.position) throw new WireError('truncated', this.position)
    return this.position + length
  }

  /** Moves past the payload of a field; groups, and wire types that do not exist, are refused. */
  skip(wireType: number): void {
    if (wireType === 0) this.#skipVarint()
    else if (wireType === 1) this.#skipBytes(8)
    else if (wireType === 2) this.position = this.lengthEnd()
    else if (wireType === 5) this.#skipBytes(4)
    else throw new WireError('bad_wire_type', this.position)
  }

  /** Passes over a field that is not ours; one of ours, up to `lastField`, must have come with another wire type. */
  skipUnknown(tag: number, lastField: number): void {
    if (tag >>> 3 <= lastField) throw new WireError('bad_wire_type', this.position)
    this.skip(tag & 7)
  }

  double(): number {
    const at = this.position
    this.#skipBytes(8)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0, true)
  }

  #skipBytes(count: number): void {
    if (count > this.end - this.position) throw new WireError('truncated', this.position)
    this.position += count
  }

  /** Unknown varints may have 64 bits: up to ten bytes. */
  #skipVarint(): void {
    for (let i = 0; i < 10; i++) {
      if (this.position >= this.end) throw new WireError('truncated', this.position)
      if (this.bytes[this.position++] < 128) return
    }
    throw new WireError('bad_varint', this.position)
  }
}

/** A copy that keeps nothing else alive. (`slice` of a Node Buffer would be a view of the same memory.) */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end))
}
