/**
 * One batch as a record of a segment file:
 *
 *   mark │ u32 length of the payload │ u32 CRC-32 of the payload │ u32 length of the head │ head: JSON │ batch: wire format
 *                                                                └──────────────── payload ────────────────────────────┘
 *
 * Numbers are little-endian. The head says which calls the batch stands for, so that the books go on in another process.
 * After damage the next mark is looked for; whatever looks like a record by chance fails its checksum.
 */
import { crc32 } from 'node:zlib'
import { type DropCount, dropReasons, type RowCalls, type SealedBatch, sealedBatch } from '@telltale/sdk-core'

const mark = Buffer.from([0xf7, 0x54, 0x4c, 0x01])
const lengthAt = 4
const checksumAt = 8
const frameBytes = 12
/** A length beyond this is damage, not data. */
const maxPayloadBytes = 16 * 1024 * 1024

interface Head {
  tables: [signal: number, rows: number, total: number, byRow: number[] | 0][]
  drops: [signal: number, reason: string, count: number][]
  skewMs: number
}

export function encodeRecord(batch: SealedBatch): Buffer {
  const head: Head = {
    tables: batch.tables.map(({ signal, rows, total, byRow }) => [signal, rows, total, byRow ? Array.from(byRow) : 0]),
    drops: batch.drops.map(({ signal, reason, count }) => [signal, reason, count]),
    skewMs: batch.skewMs,
  }
  const json = Buffer.from(JSON.stringify(head))
  const payloadBytes = 4 + json.length + batch.bytes.length
  const record = Buffer.allocUnsafe(frameBytes + payloadBytes)
  mark.copy(record)
  record.writeUInt32LE(payloadBytes, lengthAt)
  record.writeUInt32LE(json.length, frameBytes)
  json.copy(record, frameBytes + 4)
  record.set(batch.bytes, frameBytes + 4 + json.length)
  record.writeUInt32LE(crc32(record.subarray(frameBytes)), checksumAt)
  return record
}

export interface FoundRecord {
  /** Place in the file. */
  offset: number
  batch: SealedBatch
}

/** Whatever can be read. */
export function* decodeRecords(file: Buffer): Generator<FoundRecord> {
  let offset = file.indexOf(mark)
  while (offset >= 0 && offset + frameBytes <= file.length) {
    const end = recordEnd(file, offset)
    const batch = end === undefined ? undefined : decodePayload(file.subarray(offset + frameBytes, end))
    if (batch !== undefined) yield { offset, batch }
    offset = file.indexOf(mark, end ?? offset + mark.length)
  }
}

/** Undefined where the record is damaged. */
function recordEnd(file: Buffer, offset: number): number | undefined {
  const payloadBytes = file.readUInt32LE(offset + lengthAt)
  const end = offset + frameBytes + payloadBytes
  if (payloadBytes < 4 || payloadBytes > maxPayloadBytes || end > file.length) return undefined
  return crc32(file.subarray(offset + frameBytes, end)) === file.readUInt32LE(offset + checksumAt) ? end : undefined
}

function decodePayload(payload: Buffer): SealedBatch | undefined {
  try {
    const headEnd = 4 + payload.readUInt32LE(0)
    const head = JSON.parse(payload.toString('utf8', 4, headEnd)) as Head
    const bytes = Uint8Array.from(payload.subarray(headEnd))
    const tables = head.tables.map(
      ([signal, rows, total, byRow]): RowCalls => ({
        signal: signal as RowCalls['signal'],
        rows,
        total,
        byRow: byRow === 0 ? undefined : Uint32Array.from(byRow),
      }),
    )
    const drops = head.drops.flatMap(([signal, reason, count]): DropCount[] => {
      const known = dropReasons.find((one) => one === reason)
      return known === undefined ? [] : [{ signal: signal as DropCount['signal'], reason: known, count }]
    })
    return sealedBatch(bytes, batchIdOf(bytes), tables, drops, head.skewMs)
  } catch {
    // The checksum holds, so this is a record of another version of the SDK.
    return undefined
  }
}

/** The batch id follows the time of sending on the wire: tag and value of the one, tag and length of the other. */
function batchIdOf(bytes: Uint8Array): Uint8Array {
  if (bytes[9] !== 0x12 || bytes[10] !== 16) throw new RangeError('no batch')
  return bytes.slice(11, 27)
}
