/** Any bytes give a value or a coded error: never another exception, never more memory or work than the input's size allows. */
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { keyOf } from '../sketch-key.js'
import { decodeAck, encodeAck } from './ack.js'
import { decodeBatch } from './decode.js'
import { encodeBatch } from './encode.js'
import { WireError } from './errors.js'
import { SchemaCache } from './schema-cache.js'
import { batchType } from './testing/messages.js'
import { bytesOf, codeOf, events, field, histograms, id, join, samples, tasks } from './testing/samples.js'
import type { AttributeColumn, Batch, DecodedBatch } from './types.js'

const cases = Number(process.env.FUZZ_CASES ?? 20_000)
/** A long run is asked for by FUZZ_CASES; nothing here is about speed. */
const timeoutMs = 60_000 + cases
const seed = Number(process.env.FUZZ_SEED ?? 1)

let state = seed >>> 0
const random = (below: number): number => {
  state = (state + 0x6d2b79f5) | 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
}

const attributes = [
  { key: 2, string: [3, 3] },
  { key: 3, row: [1], number: [0.5] },
  { key: 1, bool: [0, 1], dimension: 1 },
]
const corpus: Uint8Array[] = [
  bytesOf({ samples }),
  bytesOf({ histograms, resource: { attributes: [2, 3] }, drops: [{ signal: 1, reason: 2, count: 9 }] }),
  bytesOf({ points: { start: -5, end: 5, series: [0, 0, 0], value: [1, 2, 3] }, samples }),
  bytesOf({ events: { ...events, user: [1, 2], attributes } }),
  bytesOf({ tasks: { ...tasks, attributes, steps: { row: [0, 1], name: [1, 2], offsetMs: [1, 2] } } }),
  bytesOf({
    sessions: { id: [1], time: [3], durationMs: [4], user: [2], pageViews: [300], attributes: [{ key: 1, bool: [1] }] },
  }),
  bytesOf({ samples: { series: Array(300).fill(0), time: Array(300).fill(200), value: Array(300).fill(0.1) } }),
].map((bytes) => new Uint8Array(bytes))

/** One change of the kinds that bad networks, bad encoders and bad people make. */
const mutations: ((bytes: Uint8Array) => Uint8Array)[] = [
  (bytes) => change(bytes, (at) => at ^ (1 << random(8))),
  (bytes) => change(bytes, () => random(256)),
  (bytes) => change(bytes, () => [0, 1, 0x7f, 0x80, 0xff][random(5)]),
  (bytes) => bytes.slice(0, random(bytes.length + 1)),
  (bytes) => remove(bytes),
  (bytes) =>
    insert(
      bytes,
      Uint8Array.from({ length: 1 + random(8) }, () => random(256)),
    ),
  // A length or an entry that grows to the largest there can be.
  (bytes) => insert(remove(bytes, 1), Uint8Array.of(0xff, 0xff, 0xff, 0xff, [0x0f, 0x7f, 0xff][random(3)])),
  // A piece of another batch, or of the same: fields twice, tables in tables.
  (bytes) => insert(bytes, piece(corpus[random(corpus.length)])),
  (bytes) => insert(bytes, piece(bytes)),
]

function change(bytes: Uint8Array, to: (byte: number) => number): Uint8Array {
  const copy = bytes.slice()
  if (copy.length === 0) return copy
  const at = random(copy.length)
  copy[at] = to(copy[at])
  return copy
}

function piece(bytes: Uint8Array): Uint8Array {
  const start = random(bytes.length + 1)
  return bytes.slice(start, start + random(40))
}

function insert(bytes: Uint8Array, what: Uint8Array): Uint8Array {
  const at = random(bytes.length + 1)
  return join(bytes.subarray(0, at), what, bytes.subarray(at))
}

function remove(bytes: Uint8Array, count = 1 + random(8)): Uint8Array {
  const at = random(bytes.length + 1)
  return join(bytes.subarray(0, at), bytes.subarray(at + count))
}

/** Everything that the types and the limits promise of a decoded batch. */
function expectSound(batch: DecodedBatch): void {
  const { strings, series } = batch
  const holds = (condition: boolean, what: string) => {
    if (!condition) throw new Error(`a decoded batch breaks its promise: ${what}`)
  }
  const below = (column: ArrayLike<number> | undefined, bound: number, what: string) => {
    for (let i = 0; i < (column?.length ?? 0); i++) holds((column as ArrayLike<number>)[i] < bound, what)
  }
  holds(batch.batchId.length === 16 && batch.streamId.length === 16, 'ids')
  holds(strings.every((one) => typeof one === 'string') && strings[0] === '', 'strings')
  for (const one of series) below([one.name, one.unit, one.description, ...one.attributes], strings.length, 'series')
  let rows = 0
  for (const name of ['samples', 'points', 'histograms', 'events', 'tasks', 'sessions'] as const) {
    const table = batch[name]
    if (table === undefined) continue
    rows += table.count
    for (const [column, values] of Object.entries(table)) {
      if (ArrayBuffer.isView(values) && column !== 'key' && column !== 'bucketCount') {
        holds((values as Uint32Array).length === table.count, `${name}.${column}`)
      }
    }
    if ('series' in table) below(table.series, series.length, `${name}.series`)
    for (const column of ('attributes' in table ? table.attributes : []) as AttributeColumn[]) {
      holds(column.key < strings.length, 'attribute key')
      below(column.row, table.count, 'attribute row')
      holds(column.value.length === (column.row?.length ?? table.count), 'attribute values')
      if (column.type === 'string') below(column.value, strings.length, 'attribute value')
    }
  }
  holds(rows <= 10_000, 'rows')
}

/** Decodes, and where that works, encodes and decodes again: the two readings must agree. */
function check(bytes: Uint8Array, schemas: SchemaCache): boolean {
  let batch: DecodedBatch
  try {
    batch = decodeBatch(bytes, { schemas })
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
  expectSound(batch)
  let again: Uint8Array
  try {
    again = encodeBatch(batch)
  } catch (error) {
    // Tables may start further from the base than one column can say.
    if (error instanceof WireError && error.code === 'bad_time') return true
    throw error
  }
  if (!isDeepStrictEqual(content(decodeBatch(again)), content(batch))) throw new Error('the second reading differs')
  return true
}

function content({ schema, schemaSpan, ...batch }: DecodedBatch): Batch {
  return batch
}

describe('the reader', () => {
  test(
    `gives a value or a WireError for ${cases} mutations (seed ${seed})`,
    () => {
      const schemas = new SchemaCache({ maxEntries: 16 })
      let values = 0
      for (let i = 0; i < cases; i++) {
        let bytes = corpus[random(corpus.length)]
        for (let changes = 1 + random(4); changes > 0; changes--) bytes = mutations[random(mutations.length)](bytes)
        try {
          if (check(bytes, schemas)) values++
        } catch (error) {
          throw new Error(`case ${i}: ${Buffer.from(bytes).toString('hex')}`, { cause: error })
        }
      }
      // A fuzzer that only ever meets the first check tests nothing else.
      expect(values).toBeGreaterThan(cases / 20)
      expect(values).toBeLessThan(cases)
    },
    timeoutMs,
  )

  test('gives a value or a WireError for noise', () => {
    const schemas = new SchemaCache()
    for (let i = 0; i < cases / 4; i++)
      check(
        Uint8Array.from({ length: random(64) }, () => random(256)),
        schemas,
      )
  })

  test('of acknowledgements gives a value or a WireError', () => {
    const rejected = [{ signal: 1 as const, reason: 'too_late', count: 2, row: [1, 200] }]
    const ack = encodeAck({ batchId: id(1), accepted: 300, rejected, receivedTimeMs: 1e12, duplicate: true })
    for (let i = 0; i < cases / 4; i++) {
      const bytes = mutations[random(mutations.length)](mutations[random(mutations.length)](ack))
      expect(codeOf(() => decodeAck(bytes))).toEqual(expect.any(String))
    }
  })
})

describe('four megabytes of', () => {
  const size = 4 * 1024 * 1024
  /** `unit` over and over, after a good head. */
  const full = (unit: number[], length = size) => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i + unit.length <= length; i += unit.length) bytes.set(unit, i)
    return bytes.subarray(0, length - (length % unit.length))
  }
  /** Lengths past 127 bytes need more than `field` writes. */
  const long = (number: number, payload: Uint8Array) => {
    const length = payload.length
    const tag = number < 16 ? [(number << 3) | 2] : [((number << 3) & 127) | 130, number >> 4]
    return new Uint8Array(
      Buffer.concat([
        Uint8Array.from([
          ...tag,
          (length & 127) | 128,
          ((length >> 7) & 127) | 128,
          ((length >> 14) & 127) | 128,
          length >> 21,
        ]),
        payload,
      ]),
    )
  }
  const after = (...pieces: Uint8Array[]) => new Uint8Array(Buffer.concat([bytesOf({ series: [] }), ...pieces]))
  const hostile: Record<string, [string, Uint8Array]> = {
    'empty strings': ['too_many_strings', after(full([0x32, 0]))],
    'empty series': ['too_many_series', after(full([0x42, 0]))],
    'empty drops': ['too_many_drops', after(full([0x7a, 0]))],
    'empty tables': ['duplicate_section', after(full([0x4a, 0]))],
    'empty attribute columns': ['too_many_attribute_columns', after(long(12, full([0x3a, 0])))],
    'series attributes': ['too_many_attributes', after(long(8, long(5, full([1]))))],
    'resource attributes': ['too_many_attributes', after(long(7, long(1, full([1]))))],
    'sample rows': ['too_many_rows', after(long(9, long(3, new Uint8Array(size))))],
    'event rows': ['too_many_rows', after(long(12, long(1, full([1]))))],
    'event rows, one by one': ['too_many_rows', after(long(12, full([0x08, 1])))],
    steps: ['too_many_steps', after(long(13, Buffer.concat([minimalTask(), long(17, long(3, new Uint8Array(size)))])))],
    'keys of one bucket': ['unequal_columns', after(long(11, Buffer.concat([minimalHistogram(), long(8, full([2]))])))],
    'attribute rows': [
      'index_out_of_range',
      after(long(12, Buffer.concat([minimalEvent(), long(7, long(2, full([1])))]))),
    ],
    'attribute values': [
      'unequal_columns',
      after(long(12, Buffer.concat([minimalEvent(), long(7, long(3, full([1])))]))),
    ],
    'unfinished varints': ['unequal_columns', after(long(12, long(1, full([0x80]))))],
    'one string': ['string_too_long', after(long(6, full([65])))],
    'unknown fields': ['none', after(full([0xf8, 0x01, 0]))],
  }

  function minimalTask() {
    return join(field(1, [1]), field(2, [0]), field(3, new Uint8Array(8)), field(4, [1]), field(5, [1]))
  }
  function minimalHistogram() {
    const message = batchType.encode({ histograms: { ...histograms, series: [], key: [], bucketCount: [] } }).finish()
    return message.subarray(message.length - (8 * 3 + 2 * 3 + 3))
  }
  function minimalEvent() {
    return join(field(1, [1]), field(2, [0]))
  }

  for (const [what, [code, bytes]] of Object.entries(hostile)) {
    test(`${what} take little memory: ${code}`, () => {
      const before = process.memoryUsage()
      expect(codeOf(() => decodeBatch(bytes))).toBe(code)
      const now = process.memoryUsage()
      // A joined copy of a column that came in pieces, and no more.
      expect(now.heapUsed + now.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(3 * size)
    })
  }

  test('10,000 rows with keys to the limits are read', () => {
    const count = 10_000
    const table = {
      count,
      startMs: 0,
      endMs: 1,
      series: new Uint32Array(count),
      sum: new Float64Array(count),
      min: new Float64Array(count),
      max: new Float64Array(count),
      buckets: new Uint32Array(count).fill(20),
      key: Int32Array.from({ length: count * 20 }, (_, i) => keyOf(1) + (i % 20)),
      bucketCount: new Uint32Array(count * 20).fill(1),
    }
    const series = [{ name: 0, kind: 4 as const, unit: 0, description: 0, attributes: [] }]
    const bytes = encodeBatch({
      ...{ batchId: id(1), streamId: id(2), sequence: 0, baseTimeMs: 0, sentTimeMs: 0 },
      ...{ strings: [''], resource: [], series, drops: [], histograms: table },
    })
    expect(isDeepStrictEqual(decodeBatch(bytes).histograms, table)).toBe(true)
  })
})
