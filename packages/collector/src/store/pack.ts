/**
 * Moves columns between threads in one piece: all typed arrays of a message are copied into one buffer, which is then
 * transferred. Cloning them one by one would copy whole pooled buffers behind small views, and transferring them would
 * take them away from the live streams.
 */
import type { Columns, HistogramColumns, NumberedBatch, SampleColumns } from '../model.js'
import type { JournalEntry } from './store.js'

type Numbers = Uint8Array | Uint32Array | Int32Array | Float64Array

const constructors = { u8: Uint8Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array } as const
type Code = keyof typeof constructors

/** Where an array lies in the buffer: its type, byte offset and length. */
type Slot = readonly [code: Code, offset: number, length: number]

type Packed<T> = { [K in keyof T]: T[K] extends Numbers ? Slot : T[K] }

export type PackedColumns = Omit<Columns, 'samples' | 'histograms'> & {
  samples?: Packed<SampleColumns>
  histograms?: Packed<HistogramColumns>
}

export type PackedBatch = Omit<Packed<NumberedBatch>, 'columns'> & { columns: PackedColumns }
export type PackedEntry = Packed<JournalEntry>

export class Packer {
  readonly #parts: Numbers[] = []
  #bytes = 0

  add(array: Numbers, length = array.length): Slot {
    const part = length === array.length ? array : array.subarray(0, length)
    const offset = this.#bytes
    this.#parts.push(part)
    // Each array begins at a multiple of eight, as views on doubles must.
    this.#bytes += (part.byteLength + 7) & ~7
    return [codeOf(array), offset, length]
  }

  finish(): ArrayBuffer {
    const buffer = new ArrayBuffer(this.#bytes)
    const bytes = new Uint8Array(buffer)
    let offset = 0
    for (const part of this.#parts) {
      bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset)
      offset += (part.byteLength + 7) & ~7
    }
    return buffer
  }
}

export function packBatch(packer: Packer, batch: NumberedBatch): PackedBatch {
  const { streamId, payload, columns, ...rest } = batch
  return {
    ...rest,
    streamId: packer.add(streamId),
    payload: packer.add(payload),
    columns: packColumns(packer, columns),
  }
}

export function unpackBatch(buffer: ArrayBuffer, packed: PackedBatch): NumberedBatch {
  const { streamId, payload, columns, ...rest } = packed
  return {
    ...rest,
    streamId: view(buffer, streamId) as Uint8Array,
    payload: view(buffer, payload) as Uint8Array,
    columns: unpackColumns(buffer, columns),
  }
}

export function packEntry(packer: Packer, { payload, ...rest }: JournalEntry): PackedEntry {
  return { ...rest, payload: packer.add(payload) }
}

export function unpackEntry(buffer: ArrayBuffer, { payload, ...rest }: PackedEntry): JournalEntry {
  return { ...rest, payload: view(buffer, payload) as Uint8Array }
}

export function packColumns(packer: Packer, { samples: s, histograms: h, ...rows }: Columns): PackedColumns {
  const packed: PackedColumns = { ...rows }
  if (s !== undefined) {
    packed.samples = {
      count: s.count,
      series: packer.add(s.series, s.count),
      timeMs: packer.add(s.timeMs, s.count),
      value: packer.add(s.value, s.count),
    }
  }
  if (h !== undefined) {
    packed.histograms = {
      count: h.count,
      series: packer.add(h.series, h.count),
      timeMs: packer.add(h.timeMs, h.count),
      sum: packer.add(h.sum, h.count),
      min: packer.add(h.min, h.count),
      max: packer.add(h.max, h.count),
      buckets: packer.add(h.buckets, h.count),
      key: packer.add(h.key),
      bucketCount: packer.add(h.bucketCount),
    }
  }
  return packed
}

export function unpackColumns(buffer: ArrayBuffer, { samples: s, histograms: h, ...rows }: PackedColumns): Columns {
  const columns: Columns = { ...rows }
  if (s !== undefined) columns.samples = unpackArrays<SampleColumns>(buffer, s)
  if (h !== undefined) columns.histograms = unpackArrays<HistogramColumns>(buffer, h)
  return columns
}

function unpackArrays<T extends SampleColumns | HistogramColumns>(buffer: ArrayBuffer, packed: Packed<T>): T {
  const entries = Object.entries(packed as Record<string, Slot | number>)
  return Object.fromEntries(
    entries.map(([name, slot]) => [name, typeof slot === 'number' ? slot : view(buffer, slot)]),
  ) as unknown as T
}

function view(buffer: ArrayBuffer, [code, offset, length]: Slot): Numbers {
  return new constructors[code](buffer, offset, length)
}

function codeOf(array: Numbers): Code {
  if (array instanceof Float64Array) return 'f64'
  if (array instanceof Uint32Array) return 'u32'
  return array instanceof Int32Array ? 'i32' : 'u8'
}
