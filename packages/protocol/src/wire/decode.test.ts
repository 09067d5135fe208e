import { describe, expect, test } from 'vitest'
import { decodeBatch } from './decode.js'
import { SchemaCache } from './schema-cache.js'
import { bytesOf, events, field, histograms, id, join, samples, tasks } from './testing/samples.js'

describe('a batch is read with', () => {
  const fine = (bytes: Uint8Array) => decodeBatch(bytes)

  test('unknown fields of every wire type, at every level', () => {
    const unknown = join(
      [0xf8, 0x01],
      new Uint8Array(9).fill(0xff),
      [1],
      [0xf9, 0x01],
      id(3).slice(8),
      field(30, [1, 2]),
      [0xfd, 0x01, 1, 2, 3, 4],
    )
    const bytes = join(bytesOf({ series: [] }), unknown, field(8, join([0x08, 1, 0x10, 3], unknown)), field(7, unknown))
    expect(fine(bytes).series).toEqual([{ name: 1, kind: 3, unit: 0, description: 0, attributes: [] }])
  })

  test('values that are not finite: they cost their rows, not the batch', () => {
    const value = [Number.NaN, Number.POSITIVE_INFINITY]
    expect(fine(bytesOf({ samples: { ...samples, value } })).samples?.value).toEqual(Float64Array.from(value))
  })

  test('tables without rows, as if they were not there', () => {
    const batch = fine(
      bytesOf({ samples: {}, points: {}, histograms: {}, events: {}, tasks: { steps: {} }, sessions: {} }),
    )
    for (const table of ['samples', 'points', 'histograms', 'events', 'tasks', 'sessions'] as const) {
      expect(batch[table]).toBeUndefined()
    }
  })

  test('the last of a scalar that comes twice', () => {
    expect(fine(join(bytesOf(), [0x20, 9])).sequence).toBe(9)
  })

  test('exactly as many rows, series, strings and buckets as the limits allow', () => {
    const limits = { maxRows: 3, maxSeries: 1, maxStrings: 4, maxBuckets: 2, maxAttributes: 1, maxStringBytes: 300 }
    expect(decodeBatch(bytesOf({ samples, histograms }), { limits }).histograms?.count).toBe(1)
  })

  test('nothing that refers to the bytes it came from', () => {
    const bytes = Buffer.from(bytesOf({ samples, histograms, tasks, events }))
    const schemas = new SchemaCache()
    // What comes a second time is kept.
    decodeBatch(bytes, { schemas })
    const before = decodeBatch(bytes, { schemas })
    const copy = structuredClone(before)
    const original = Buffer.from(bytes)
    bytes.fill(0xff)
    expect(before).toEqual(copy)
    expect(decodeBatch(original, { schemas }).schema).toBe(before.schema)
  })
})
