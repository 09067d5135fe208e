/**
 * Rewrites Parquet footers, which are Thrift structs in the compact protocol, without understanding more of them than
 * where they say at which byte of the file something begins.
 *
 *   field = header (distance of its number, type), value     struct = fields, 0     list = size and type, values
 *
 * See https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md and
 * https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
 */

const STOP = 0
const TRUE = 1
const FALSE = 2
const BYTE = 3
const I16 = 4
const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const STRUCT = 12

/** What to do with the fields of a struct: change a number, look into structs or lists; all others are copied. */
interface Fields {
  [field: number]: ((value: number) => number) | Fields
}

/** Of one file: what stands in the footer beside the row groups, and these with their places moved. */
export interface Footer {
  /** Bytes of the schema: equal where files have the same columns. */
  schema: Uint8Array
  rows: number
  groups: number
  /** The row groups, one after the other. */
  groupBytes: Uint8Array
  /** Fields after the row groups: who wrote the file, and how columns are ordered. */
  rest: Uint8Array
}

/** `shift`: bytes by which the file's contents move; `firstGroup`: row groups before those of the file. */
export function readFooter(bytes: Uint8Array, shift: number, firstGroup: number): Footer {
  const move = (place: number) => (place > 0 ? place + shift : place)
  const pages: Fields = { 9: move, 10: move, 11: move, 14: move }
  const chunk: Fields = { 2: move, 3: pages, 4: move, 6: move }
  const reader = new Reader(bytes)
  const footer = { schema: bytes.subarray(0, 0), rows: 0, groups: 0, groupBytes: bytes.subarray(0, 0) }
  let field = 0
  for (;;) {
    const before = reader.at
    const header = reader.byte()
    const { type, id } = fieldOf(reader, header, field)
    if (field < 4 && id > 4) throw new Error('the footer has no row groups')
    if (header === STOP || id > 4) return { ...footer, rest: restOf(bytes, before, header === STOP, id, reader.at) }
    field = id
    const start = reader.at
    const out = new Writer()
    if (id === 3) footer.rows = unzigzag(reader.varint())
    else if (id === 4) {
      const { size, element } = listOf(reader)
      if (element !== STRUCT) throw new Error('row groups are no structs')
      for (let i = 0; i < size; i++) copyStruct(reader, out, { 1: chunk, 5: move, 7: () => firstGroup + i })
      footer.groups = size
      footer.groupBytes = out.finish()
    } else copyValue(reader, new Writer(), type, undefined)
    if (id === 2) footer.schema = bytes.subarray(start, reader.at)
  }
}

/** Footer of a file that holds the row groups of several. */
export function joinFooters(footers: readonly Footer[]): Uint8Array {
  const out = new Writer()
  const sum = (pick: (footer: Footer) => number) => footers.reduce((total, footer) => total + pick(footer), 0)
  // Fields 1 to 4: version, schema, rows, row groups.
  out.push((1 << 4) | (I16 + 1), 2)
  out.push((1 << 4) | LIST)
  out.append(footers[0]!.schema)
  out.push((1 << 4) | I64)
  out.varint(zigzag(sum((footer) => footer.rows)))
  out.push((1 << 4) | LIST, 0xf0 | STRUCT)
  out.varint(sum((footer) => footer.groups))
  for (const { groupBytes } of footers) out.append(groupBytes)
  out.append(footers[0]!.rest)
  return out.finish()
}

/** The fields after the fourth, ready to stand after it again. */
function restOf(bytes: Uint8Array, before: number, isEnd: boolean, id: number, afterHeader: number): Uint8Array {
  if (isEnd) return Uint8Array.of(STOP)
  const rest = bytes.slice(before)
  if (bytes[before]! >> 4 === 0) return rest
  const type = bytes[before]! & 15
  return Uint8Array.of(((id - 4) << 4) | type, ...bytes.subarray(afterHeader))
}

function copyStruct(reader: Reader, out: Writer, fields: Fields): void {
  let field = 0
  for (;;) {
    const start = reader.at
    const header = reader.byte()
    if (header === STOP) {
      out.push(STOP)
      return
    }
    const { type, id } = fieldOf(reader, header, field)
    field = id
    out.append(reader.bytes.subarray(start, reader.at))
    copyValue(reader, out, type, fields[id])
  }
}

function copyValue(reader: Reader, out: Writer, type: number, change: Fields[number] | undefined): void {
  const start = reader.at
  if (type === STRUCT) {
    copyStruct(reader, out, typeof change === 'object' ? change : {})
    return
  }
  if (type === LIST || type === SET) {
    const { size, element } = listOf(reader)
    out.append(reader.bytes.subarray(start, reader.at))
    // A truth value is in the header of a field, and a byte in a list.
    const itemType = element === TRUE || element === FALSE ? BYTE : element
    for (let i = 0; i < size; i++) copyValue(reader, out, itemType, change)
    return
  }
  if (typeof change === 'function' && type >= I16 && type <= I64) {
    out.varint(zigzag(change(unzigzag(reader.varint()))))
    return
  }
  if (type === BYTE) reader.skip(1)
  else if (type === DOUBLE) reader.skip(8)
  else if (type === BINARY) reader.skip(reader.varint())
  else if (type >= I16 && type <= I64) reader.varint()
  else if (type !== TRUE && type !== FALSE) throw new Error(`the footer has a value of type ${type}`)
  out.append(reader.bytes.subarray(start, reader.at))
}

function fieldOf(reader: Reader, header: number, before: number): { type: number; id: number } {
  const distance = header >> 4
  if (header === STOP) return { type: STOP, id: before }
  return { type: header & 15, id: distance === 0 ? unzigzag(reader.varint()) : before + distance }
}

function listOf(reader: Reader): { size: number; element: number } {
  const header = reader.byte()
  const size = header >> 4
  return { size: size === 15 ? reader.varint() : size, element: header & 15 }
}

/** Numbers here are counts and places in a file: far from where doubles stop being exact. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}

class Reader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new Error('the footer is cut off')
    return byte
  }

  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  skip(count: number): void {
    this.at += count
    if (this.at > this.bytes.length) throw new Error('the footer is cut off')
  }
}

class Writer {
  #bytes = new Uint8Array(1024)
  #length = 0

  push(...bytes: number[]): void {
    this.append(bytes)
  }

  append(bytes: ArrayLike<number>): void {
    const length = this.#length + bytes.length
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = length
  }

  varint(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.push(rest)
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
