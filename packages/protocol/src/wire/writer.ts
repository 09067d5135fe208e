/**
 * A growable buffer with the protobuf primitives that the columnar encoder needs; used again and again, it stops allocating.
 *
 * Lengths come before what they measure, so a message is written after a gap for its length and closed
 * when its end is known; the few bytes by which the guess was wrong are moved, never encoded twice.
 */
import { WireError } from './errors.js'
import type { F64Column, U32Column } from './types.js'

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const maxVarintBytes = 5

const hexDigits = /* @__PURE__ */ Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

export class WireWriter {
  /** Grows by replacement: read it again after every call that may write. */
  bytes: Uint8Array
  position = 0
  #view: DataView
  #encoder: InstanceType<typeof TextEncoder> | undefined

  constructor(initialBytes = 1024) {
    this.bytes = new Uint8Array(initialBytes)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Starts again from byte 0; views handed out before are overwritten. */
  reset(): void {
    this.position = 0
  }

  /** What was written, as a view that holds until the next use of the writer. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.position)
  }

  /** A varint field; zero is the default of proto3 and is left out. */
  uint32(field: number, value: number): void {
    if (value === 0) return
    this.#reserve(2 * maxVarintBytes)
    this.#varint(field << 3)
    this.#varint(value >>> 0)
  }

  /** One time as whole milliseconds from `baseMs`. */
  offset(field: number, timeMs: number, baseMs: number): void {
    const offset = Math.round(timeMs - baseMs)
    if (!(offset >= -0x80000000 && offset <= 0x7fffffff)) throw new WireError('bad_time', this.position)
    this.uint32(field, zigzag(offset))
  }

  /** Written even when zero, so that a field has a fixed place. */
  double(field: number, value: number): void {
    this.#reserve(maxVarintBytes + 8)
    this.#varint((field << 3) | 1)
    this.#view.setFloat64(this.position, value, true)
    this.position += 8
  }

  blob(field: number, value: Uint8Array): void {
    this.#reserve(2 * maxVarintBytes + value.length)
    this.#varint((field << 3) | 2)
    this.#varint(value.length)
    this.bytes.set(value, this.position)
    this.position += value.length
  }

  /** UTF-8; most of our strings are short ASCII, for which a loop beats TextEncoder. */
  string(field: number, value: string): void {
    const length = value.length
    this.#reserve(2 * maxVarintBytes + length * 3)
    this.#varint((field << 3) | 2)
    const mark = this.#open(length)
    const bytes = this.bytes
    let position = this.position
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 127) {
        this.#encoder ??= new TextEncoder()
        position = this.position + this.#encoder.encodeInto(value, bytes.subarray(this.position)).written
        break
      }
      bytes[position++] = code
    }
    this.position = position
    this.close(mark)
  }

  /** Strings: `prefix`, which is short, and each of `numbers` (below 65,536) as four hexadecimal digits. */
  numbered(field: number, prefix: Uint8Array, numbers: ArrayLike<number>, from: number, end: number): void {
    const tailLength = 4
    const textLength = prefix.length + tailLength
    this.#reserve((end - from + 1) * (2 * maxVarintBytes + textLength))
    // Each starts with the same bytes: tag, length, prefix.
    const start = this.position
    this.#varint((field << 3) | 2)
    this.#varint(textLength)
    this.bytes.set(prefix, this.position)
    const head = this.bytes.slice(start, this.position + prefix.length)
    const bytes = this.bytes
    let position = start
    for (let at = from; at < end; at++) {
      const number = numbers[at]
      for (let i = 0; i < head.length; i++) bytes[position + i] = head[i]
      position += head.length
      bytes[position] = hexDigits[number >> 12]
      bytes[position + 1] = hexDigits[(number >> 8) & 15]
      bytes[position + 2] = hexDigits[(number >> 4) & 15]
      bytes[position + 3] = hexDigits[number & 15]
      position += tailLength
    }
    this.position = position
  }

  /** Opens a length-delimited field; give what it returns to `close`. `expectedBytes` only saves a move. */
  open(field: number, expectedBytes: number): number {
    this.#reserve(2 * maxVarintBytes)
    this.#varint((field << 3) | 2)
    return this.#open(expectedBytes)
  }

  /** Writes the length of everything since `open`. */
  close(mark: number): void {
    const gap = mark % 8
    const lengthAt = (mark - gap) / 8
    const start = lengthAt + gap
    const length = this.position - start
    const needed = varintBytes(length)
    if (needed !== gap) {
      this.#reserve(maxVarintBytes)
      this.bytes.copyWithin(lengthAt + needed, start, this.position)
    }
    this.position = lengthAt
    this.#varint(length)
    this.position += length
  }

  /** A packed column of uint32; nothing when it has no rows. */
  uint32Column(field: number, column: U32Column, count: number): void {
    if (count === 0) return
    this.#reserve((count + 2) * maxVarintBytes)
    this.#varint((field << 3) | 2)
    const mark = this.#open(count)
    const bytes = this.bytes
    let position = this.position
    for (let i = 0; i < count; i++) {
      let value = column[i] >>> 0
      while (value > 127) {
        bytes[position++] = (value & 127) | 128
        value >>>= 7
      }
      bytes[position++] = value
    }
    this.position = position
    this.close(mark)
  }

  /** Ascending row numbers as differences, the first from 0. */
  ascendingColumn(field: number, column: U32Column, count: number): void {
    const differences = new Uint32Array(count)
    for (let i = 0; i < count; i++) differences[i] = i === 0 ? column[0] : column[i] - column[i - 1]
    this.uint32Column(field, differences, count)
  }

  /** Times as whole milliseconds: the first from `baseMs`, each further one from the time before it. */
  timeColumn(field: number, column: F64Column, count: number, baseMs: number): void {
    if (count === 0) return
    this.#reserve((count + 2) * maxVarintBytes)
    this.#varint((field << 3) | 2)
    const mark = this.#open(count)
    const bytes = this.bytes
    let position = this.position
    let previous = 0
    for (let i = 0; i < count; i++) {
      // Offsets are rounded, not differences, so that rounding errors never add up along a column.
      const offset = Math.round(column[i] - baseMs)
      const delta = offset - previous
      if (!(delta >= -0x80000000 && delta <= 0x7fffffff)) throw new WireError('bad_time', position)
      previous = offset
      let value = zigzag(delta)
      while (value > 127) {
        bytes[position++] = (value & 127) | 128
        value >>>= 7
      }
      bytes[position++] = value
    }
    this.position = position
    this.close(mark)
  }

  /** A packed column of doubles, copied whole where memory already has the wire's byte order. */
  doubleColumn(field: number, column: F64Column, count: number): void {
    if (count === 0) return
    this.#reserve(2 * maxVarintBytes + count * 8)
    this.#varint((field << 3) | 2)
    this.#varint(count * 8)
    if (littleEndian && column instanceof Float64Array) {
      this.bytes.set(new Uint8Array(column.buffer, column.byteOffset, count * 8), this.position)
    } else {
      for (let i = 0; i < count; i++) this.#view.setFloat64(this.position + i * 8, column[i], true)
    }
    this.position += count * 8
  }

  /** Histogram keys: rows of `lengths[r]` entries, each row's first key absolute, then differences. Returns the entries. */
  keyColumn(field: number, column: Int32Array | number[], lengths: U32Column, rows: number): number {
    let count = 0
    for (let row = 0; row < rows; row++) count += lengths[row]
    const differences = new Uint32Array(count)
    let i = 0
    for (let row = 0; row < rows; row++) {
      let previous = 0
      for (const end = i + lengths[row]; i < end; i++) {
        differences[i] = zigzag(column[i] - previous)
        previous = column[i]
      }
    }
    this.uint32Column(field, differences, count)
    return count
  }

  /** Leaves a gap for a length; the mark is the gap's place times 8, plus its size. */
  #open(expectedBytes: number): number {
    const gap = varintBytes(expectedBytes)
    const mark = this.position * 8 + gap
    this.position += gap
    return mark
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.bytes[this.position++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.bytes[this.position++] = rest
  }

  #reserve(bytes: number): void {
    const needed = this.position + bytes
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.position))
    this.bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** ASCII of a digit: 0 to 9, then a to f. */
/** Small numbers of either sign as small unsigned ones: 0, -1, 1, -2 → 0, 1, 2, 3. */
function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

function varintBytes(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}
