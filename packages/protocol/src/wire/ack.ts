/** The collector's answer to a batch, both ways. Read in one pass: SDKs carry this, and none of the batch reader. */
import { Cursor, copyBytes } from './cursor.js'
import { WireError } from './errors.js'
import { defaultWireLimits } from './limits.js'
import { readString } from './text.js'
import { type Ack, type Rejection, Signal } from './types.js'
import { WireWriter } from './writer.js'

export function encodeAck(ack: Ack): Uint8Array {
  const w = new WireWriter(64)
  w.blob(1, ack.batchId)
  w.uint32(2, ack.accepted)
  for (const rejection of ack.rejected) {
    const mark = w.open(3, 32)
    w.uint32(1, rejection.signal)
    w.string(2, rejection.reason)
    w.uint32(3, rejection.count)
    w.uint32Column(4, rejection.row, rejection.row.length)
    w.close(mark)
  }
  w.double(4, ack.receivedTimeMs)
  w.uint32(5, ack.duplicate ? 1 : 0)
  w.uint32(6, ack.folded ?? 0)
  return w.view().slice()
}

/** Throws `WireError` where `bytes` are not an acknowledgement: something else answers at that address. */
export function decodeAck(bytes: Uint8Array): Ack {
  const ack: Ack = { batchId: new Uint8Array(0), accepted: 0, rejected: [], receivedTimeMs: 0, duplicate: false }
  const cursor = new Cursor(bytes, 0, bytes.length)
  while (cursor.position < bytes.length) {
    const tag = cursor.varint()
    if (tag === 0x0a) ack.batchId = copyBytes(bytes, ...span(cursor))
    else if (tag === 0x10) ack.accepted = cursor.varint()
    else if (tag === 0x1a) ack.rejected.push(decodeRejection(bytes, cursor, ack.rejected.length))
    else if (tag === 0x21) ack.receivedTimeMs = cursor.double()
    else if (tag === 0x28) ack.duplicate = cursor.varint() !== 0
    else if (tag === 0x30) ack.folded = cursor.varint()
    else cursor.skipUnknown(tag, 6)
  }
  if (ack.batchId.length !== 16) throw new WireError('bad_id', 0)
  return ack
}

function decodeRejection(bytes: Uint8Array, outer: Cursor, before: number): Rejection {
  const { maxDrops, maxRows } = defaultWireLimits
  if (before >= maxDrops) throw new WireError('too_many_drops', outer.position)
  const cursor = new Cursor(bytes, ...span(outer))
  const rows: number[] = []
  let signal = 0
  let reason = ''
  let count = 0
  while (cursor.position < cursor.end) {
    const tag = cursor.varint()
    if (tag === 0x08) signal = cursor.varint()
    else if (tag === 0x12) reason = readString(bytes, ...span(cursor))
    else if (tag === 0x18) count = cursor.varint()
    else if (tag === 0x20) rows.push(cursor.varint())
    else if (tag === 0x22) {
      const packed = new Cursor(bytes, ...span(cursor))
      while (packed.position < packed.end) rows.push(packed.varint())
    } else cursor.skipUnknown(tag, 4)
    if (rows.length > maxRows) throw new WireError('too_many_rows', cursor.position)
  }
  if (signal === 0 || signal > Signal.session) throw new WireError('bad_enum', outer.position)
  return { signal: signal as Rejection['signal'], reason, count, row: Uint32Array.from(rows) }
}

/** Start and end of a length-delimited payload; the cursor moves past it. */
function span(cursor: Cursor): [start: number, end: number] {
  const end = cursor.lengthEnd()
  const start = cursor.position
  cursor.position = end
  return [start, end]
}
