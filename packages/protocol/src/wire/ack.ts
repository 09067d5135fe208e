/** The collector's answer to a batch, both ways. */
import { decodeSignal } from './decode.js'
import { WireError } from './errors.js'
import { defaultWireLimits } from './limits.js'
import { FieldType, type Layout, WireMessage } from './reader.js'
import { readString } from './text.js'
import type { Ack } from './types.js'
import { WireWriter } from './writer.js'

const { none, uint, double, bytes: blob, repeated, varints } = FieldType
const ackLayout: Layout = [none, blob, uint, repeated, double, uint]
const rejectionLayout: Layout = [none, uint, blob, uint, varints]

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
  return w.view().slice()
}

/** Throws `WireError` where `bytes` are not an acknowledgement: something else answers at that address. */
export function decodeAck(bytes: Uint8Array): Ack {
  const ack = new WireMessage(bytes, 0, bytes.length, ackLayout)
  if (ack.to(1) - ack.from(1) !== 16) throw new WireError('bad_id', ack.from(1))
  if (ack.occurrences(3) > defaultWireLimits.maxDrops) throw new WireError('too_many_drops', ack.from(3))
  return {
    batchId: ack.copy(1),
    accepted: ack.uint(2),
    rejected: ack.messages(3, rejectionLayout).map((rejection) => {
      const count = rejection.countVarints(4)
      if (count > defaultWireLimits.maxRows) throw new WireError('too_many_rows', rejection.start)
      return {
        signal: decodeSignal(rejection),
        reason: readString(bytes, rejection.from(2), rejection.to(2)),
        count: rejection.uint(3),
        row: rejection.uint32s(4, count),
      }
    }),
    receivedTimeMs: ack.double(4),
    duplicate: ack.uint(5) !== 0,
  }
}
