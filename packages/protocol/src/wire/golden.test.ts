/**
 * Batches whose bytes are kept: what an SDK of today writes must be read by a collector of tomorrow, and the other way round.
 *
 * `golden/*.json` says what is in a batch, `golden/*.bin` how it goes over the wire. A change of the writer that changes bytes
 * is made on purpose, with `UPDATE_GOLDEN=1 npx vitest run --project unit packages/protocol/src/wire/golden.test.ts`, and
 * only where collectors in the field can read the result.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeAck, encodeAck } from './ack.js'
import { decodeBatch } from './decode.js'
import { encodeBatch } from './encode.js'
import { batchType } from './testing/messages.js'
import { toDecoded, toMessage } from './testing/shapes.js'
import type { Ack, Batch } from './types.js'

const path = (name: string) => new URL(`golden/${name}`, import.meta.url)

/** Ids are hex, and NaN, which JSON lacks, is text. */
const revive = (key: string, value: unknown) => {
  if (key === 'batchId' || key === 'streamId') return new Uint8Array(Buffer.from(value as string, 'hex'))
  return value === 'NaN' ? Number.NaN : value
}
const golden = (name: string): unknown => JSON.parse(readFileSync(path(`${name}.json`), 'utf8'), revive)

const kept = (name: string, written: Uint8Array): Uint8Array => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(path(`${name}.bin`), written)
  return new Uint8Array(readFileSync(path(`${name}.bin`)))
}

for (const name of ['metrics', 'product', 'tasks']) {
  test(`${name}.bin is what the writer writes and the reader reads`, () => {
    const batch = golden(name) as Batch
    const bytes = kept(name, encodeBatch(batch))
    expect(encodeBatch(batch)).toEqual(bytes)
    const { schema, schemaSpan, ...decoded } = decodeBatch(bytes)
    expect(decoded).toEqual(toDecoded(batch))
    const plain = (message: Uint8Array) => batchType.toObject(batchType.decode(message), { bytes: Array, arrays: true })
    expect(plain(bytes)).toEqual(plain(batchType.encode(toMessage(batch)).finish()))
  })
}

test('ack.bin is what the writer writes and the reader reads', () => {
  const ack = golden('ack') as Ack
  const bytes = kept('ack', encodeAck(ack))
  expect(encodeAck(ack)).toEqual(bytes)
  const rejected = ack.rejected.map((one) => ({ ...one, row: Uint32Array.from(one.row) }))
  expect(decodeAck(bytes)).toEqual({ ...ack, rejected })
})
