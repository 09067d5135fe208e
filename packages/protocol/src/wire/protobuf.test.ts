import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { decodeAck, encodeAck } from './ack.js'
import { decodeBatch } from './decode.js'
import { encodeBatch } from './encode.js'
import { arbitraryBatch } from './testing/arbitrary.js'
import { ackType, batchType, unpackedBatchType } from './testing/messages.js'
import { toDecoded, toMessage } from './testing/shapes.js'
import type { Ack, Batch } from './types.js'
import { WireWriter } from './writer.js'

const byProtobufjs = (batch: Batch, encoder = batchType) => encoder.encode(toMessage(batch)).finish()
const plain = (bytes: Uint8Array, messageType = batchType) =>
  messageType.toObject(messageType.decode(bytes), { defaults: true, arrays: true, bytes: Array })
const content = (bytes: Uint8Array) => {
  const { schema, schemaSpan, ...batch } = decodeBatch(bytes)
  expect(schemaSpan.end).toBeGreaterThan(0)
  expect(schema.strings).toBe(batch.strings)
  return batch
}

describe('the codec and protobufjs, for any batch', () => {
  test('protobufjs reads what we write', () => {
    fc.assert(
      fc.property(arbitraryBatch, (batch) => {
        expect(plain(encodeBatch(batch))).toEqual(plain(byProtobufjs(batch)))
      }),
      { numRuns: 400 },
    )
  })

  test('we read what protobufjs writes', () => {
    fc.assert(
      fc.property(arbitraryBatch, (batch) => {
        expect(content(byProtobufjs(batch))).toEqual(toDecoded(batch))
      }),
      { numRuns: 400 },
    )
  })

  test('we read columns that are not packed', () => {
    fc.assert(
      fc.property(arbitraryBatch, (batch) => {
        expect(content(byProtobufjs(batch, unpackedBatchType))).toEqual(toDecoded(batch))
      }),
      { numRuns: 200 },
    )
  })

  test('we read what we write, with one writer again and again', () => {
    const writer = new WireWriter(16)
    fc.assert(
      fc.property(arbitraryBatch, (batch) => {
        const bytes = encodeBatch(batch, writer)
        expect(content(bytes)).toEqual(toDecoded(batch))
        expect(encodeBatch(batch)).toEqual(bytes)
      }),
      { numRuns: 200 },
    )
  })

  test('fields in any order read the same', () => {
    fc.assert(
      fc.property(arbitraryBatch, fc.integer(), (batch, seed) => {
        expect(content(shuffleFields(encodeBatch(batch), seed))).toEqual(toDecoded(batch))
      }),
      { numRuns: 200 },
    )
  })
})

describe('acknowledgements', () => {
  const ack: fc.Arbitrary<Ack> = fc.record({
    batchId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    accepted: fc.integer({ min: 0, max: 10_000 }),
    rejected: fc.array(
      fc.record({
        signal: fc.constantFrom(1, 2, 3, 4, 5, 6),
        reason: fc.string({ unit: 'binary', maxLength: 20 }),
        count: fc.integer({ min: 0, max: 0xffffffff }),
        row: fc.array(fc.nat(300), { maxLength: 20 }).map((rows) => Uint32Array.from(rows)),
      }),
      { maxLength: 4 },
    ),
    receivedTimeMs: fc.double({ noNaN: true }),
    duplicate: fc.boolean(),
    folded: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
  })

  test('go both ways, and through protobufjs', () => {
    fc.assert(
      fc.property(ack, (answer) => {
        expect(decodeAck(encodeAck(answer))).toEqual(answer)
        expect(decodeAck(ackType.encode(answer).finish())).toEqual(answer)
        expect(plain(encodeAck(answer), ackType)).toEqual(plain(ackType.encode(answer).finish(), ackType))
      }),
    )
  })
})

/** The top-level fields in another order; entries of a repeated field keep theirs. */
function shuffleFields(bytes: Uint8Array, seed: number): Uint8Array {
  const reader = protobuf.Reader.create(bytes)
  const groups = new Map<number, Uint8Array[]>()
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    reader.skipType(tag & 7)
    const pieces = groups.get(tag >>> 3) ?? []
    pieces.push(bytes.subarray(start, reader.pos))
    groups.set(tag >>> 3, pieces)
  }
  // Draws from the groups in turns, so that repeated fields are interleaved with others.
  const out: Uint8Array[] = []
  let state = seed >>> 0
  while (groups.size > 0) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const fields = [...groups.keys()]
    const field = fields[(state >>> 8) % fields.length]
    const pieces = groups.get(field) ?? []
    const piece = pieces.shift()
    if (piece !== undefined) out.push(piece)
    if (pieces.length === 0) groups.delete(field)
  }
  return new Uint8Array(Buffer.concat(out))
}
