import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { keyOf } from '../sketch-key.js'
import { decodeAck, encodeAck } from './ack.js'
import { type DecodeOptions, decodeBatch } from './decode.js'
import { type WireErrorCode, wireErrors } from './error-table.js'
import { defaultWireLimits } from './limits.js'
import { ackType } from './testing/messages.js'
import { bytesOf, codeOf, events, field, histograms, id, join, samples, series, tasks } from './testing/samples.js'

const refused: [WireErrorCode, string, Uint8Array, DecodeOptions?][] = [
  ['truncated', 'an empty length', join(bytesOf(), [0x32])],
  ['truncated', 'a length past the end', join(bytesOf(), [0x32, 5, 1])],
  ['truncated', 'half a double', join(bytesOf(), [0x09, 1, 2])],
  [
    'truncated',
    'a varint that goes on past its column',
    join(bytesOf(), field(9, join(field(1, [0x80]), field(2, [0]), field(3, new Uint8Array(8))))),
  ],
  ['truncated', 'a length inside a message that reaches out of it', join(bytesOf({ series: [] }), field(8, [0x2a, 9]))],
  ['bad_varint', 'a tag of six bytes', join(bytesOf(), [0xff, 0xff, 0xff, 0xff, 0xff, 0x01])],
  [
    'bad_varint',
    'an index of more than 32 bits',
    join(
      bytesOf(),
      field(9, join(field(1, [0xff, 0xff, 0xff, 0xff, 0x1f]), field(2, [0]), field(3, new Uint8Array(8)))),
    ),
  ],
  [
    'bad_varint',
    'an unknown varint of eleven bytes',
    join(bytesOf(), [0xf8, 0x01], new Uint8Array(10).fill(0xff), [1]),
  ],
  ['bad_wire_type', 'a group', join(bytesOf(), [0x33])],
  ['bad_wire_type', 'field number 0', join(bytesOf(), [0x02, 0])],
  ['bad_wire_type', 'strings as numbers', join(bytesOf(), [0x30, 1])],
  ['bad_wire_type', 'a series name as bytes', join(bytesOf({ series: [] }), field(8, [0x0a, 1, 1]))],
  ['bad_length', 'nine bytes of doubles', join(bytesOf(), field(9, field(3, new Uint8Array(9))))],
  [
    'bad_length',
    'nine bytes of doubles in a later column',
    join(
      bytesOf({ series }),
      field(11, join(field(4, new Uint8Array(8)), field(7, [0]), field(3, [0]), field(5, new Uint8Array(9)))),
    ),
  ],
  ['duplicate_section', 'two tables of samples', join(bytesOf({ samples }), field(9, []))],
  ['duplicate_section', 'two resources', join(bytesOf(), field(7, []), field(7, []))],
  ['unequal_columns', 'more times than values', bytesOf({ samples: { ...samples, time: [0, 1, 2] } })],
  ['unequal_columns', 'fewer series than values', bytesOf({ samples: { ...samples, series: [0] } })],
  ['unequal_columns', 'no task ids', bytesOf({ tasks: { ...tasks, id: [] } })],
  ['unequal_columns', 'a part of an optional column', bytesOf({ events: { ...events, user: [1] } })],
  ['unequal_columns', 'fewer keys than buckets', bytesOf({ histograms: { ...histograms, key: [keyOf(1)] } })],
  ['unequal_columns', 'fewer bucket counts than keys', bytesOf({ histograms: { ...histograms, bucketCount: [1] } })],
  ['index_out_of_range', 'a series that is not in the table', bytesOf({ samples: { ...samples, series: [0, 1] } })],
  ['index_out_of_range', 'a name that is not in the dictionary', bytesOf({ series: [{ name: 5, kind: 3 }] })],
  ['index_out_of_range', 'a resource attribute', bytesOf({ resource: { attributes: [1, 9] } })],
  ['index_out_of_range', 'an event name', bytesOf({ events: { ...events, name: [1, 5] } })],
  [
    'index_out_of_range',
    'an attribute key',
    bytesOf({ events: { ...events, attributes: [{ key: 9, string: [1, 1] }] } }),
  ],
  [
    'index_out_of_range',
    'an attribute row',
    bytesOf({ events: { ...events, attributes: [{ key: 2, row: [2], string: [1] }] } }),
  ],
  [
    'index_out_of_range',
    'more attribute rows than rows',
    bytesOf({ events: { ...events, attributes: [{ key: 2, row: [0, 1, 1], string: [1, 1, 1] }] } }),
  ],
  [
    'index_out_of_range',
    'a step of no task',
    bytesOf({ tasks: { ...tasks, steps: { row: [2], name: [1], offsetMs: [0] } } }),
  ],
  ['index_out_of_range', 'the reason of a drop', bytesOf({ drops: [{ signal: 1, reason: 7, count: 1 }] })],
  [
    'not_ascending',
    'an attribute row twice',
    bytesOf({ events: { ...events, attributes: [{ key: 2, row: [0, 0], string: [1, 1] }] } }),
  ],
  ['not_ascending', 'a histogram key twice', bytesOf({ histograms: { ...histograms, key: [keyOf(1), 0] } })],
  [
    'key_out_of_range',
    'a key between zero and the smallest double',
    bytesOf({ histograms: { ...histograms, key: [1, keyOf(1)] } }),
  ],
  [
    'key_out_of_range',
    'a key above the largest double',
    bytesOf({ histograms: { ...histograms, key: [keyOf(1), keyOf(Number.MAX_VALUE)] } }),
  ],
  ['odd_attributes', 'of a series', bytesOf({ series: [{ name: 1, kind: 3, attributes: [2] }] })],
  ['odd_attributes', 'of the resource', bytesOf({ resource: { attributes: [2] } })],
  ['bad_attribute_column', 'without values', bytesOf({ events: { ...events, attributes: [{ key: 2 }] } })],
  [
    'bad_attribute_column',
    'with two types',
    bytesOf({ events: { ...events, attributes: [{ key: 2, string: [1, 1], number: [1, 1] }] } }),
  ],
  ['bad_attribute_column', 'in a table without rows', bytesOf({ events: { attributes: [{ key: 2 }] } })],
  ['bad_id', 'no batch id', bytesOf({ batchId: new Uint8Array(0) })],
  ['bad_id', 'a short stream id', bytesOf({ streamId: new Uint8Array(15) })],
  ['bad_id', 'no bytes at all', new Uint8Array(0)],
  ['bad_enum', 'a series without a kind', bytesOf({ series: [{ name: 1 }] })],
  ['bad_enum', 'a kind of the future', bytesOf({ series: [{ name: 1, kind: 5 }] })],
  ['bad_enum', 'a drop without a signal', bytesOf({ drops: [{ reason: 1, count: 1 }] })],
  ['bad_bool', '2', bytesOf({ events: { ...events, attributes: [{ key: 2, bool: [0, 2] }] } })],
  ['bad_time', 'a base that is not a number', bytesOf({ baseTimeMs: Number.NaN })],
  ['bad_time', 'a base past the end of time', bytesOf({ baseTimeMs: 1e16 })],
  ['bad_time', 'sent at infinity', bytesOf({ sentTimeMs: Number.POSITIVE_INFINITY })],
  [
    'bad_time',
    'a column that leaves the range of a Date',
    bytesOf({ baseTimeMs: 8.64e15 - 1, samples: { ...samples, time: [1, 1] } }),
  ],
  [
    'bad_time',
    'an interval that leaves it',
    bytesOf({ baseTimeMs: 8.64e15, points: { start: 0, end: 1, series: [0], value: [1] } }),
  ],
  ['invalid_utf8', 'a lone continuation byte', join(bytesOf(), field(6, [0x80]))],
  ['invalid_utf8', 'a surrogate', join(bytesOf(), field(6, [0xed, 0xa0, 0x80]))],
  [
    'invalid_utf8',
    'a long string cut inside a character',
    join(bytesOf(), field(6, join(new Uint8Array(60).fill(65), [0xe2, 0x82]))),
  ],
  ['too_many_rows', 'in one table', bytesOf({ samples }), { limits: { maxRows: 1 } }],
  ['too_many_rows', 'over all tables', bytesOf({ samples, events, tasks }), { limits: { maxRows: 5 } }],
  ['too_many_series', '', bytesOf({ series: [...series, ...series] }), { limits: { maxSeries: 1 } }],
  [
    'too_many_attributes',
    'of a series and the resource',
    bytesOf({ resource: { attributes: [2, 3] } }),
    { limits: { maxAttributes: 1 } },
  ],
  [
    'too_many_attributes',
    'of the resource',
    bytesOf({ series: [], resource: { attributes: [2, 3] } }),
    { limits: { maxAttributes: 0 } },
  ],
  [
    'too_many_attributes',
    'of one event',
    bytesOf({
      events: {
        ...events,
        attributes: [
          { key: 2, row: [1], bool: [1] },
          { key: 3, bool: [1, 1] },
        ],
      },
    }),
    { limits: { maxAttributes: 1 } },
  ],
  [
    'too_many_attribute_columns',
    'on different rows',
    bytesOf({
      events: {
        ...events,
        attributes: [
          { key: 2, row: [1], bool: [1] },
          { key: 3, row: [0], bool: [1] },
        ],
      },
    }),
    { limits: { maxAttributeColumns: 1 } },
  ],
  ['too_many_strings', '', bytesOf(), { limits: { maxStrings: 3 } }],
  ['too_many_buckets', '', bytesOf({ histograms }), { limits: { maxBuckets: 1 } }],
  ['too_many_buckets', 'that are only announced', bytesOf({ histograms: { ...histograms, buckets: [0xffffffff] } })],
  [
    'too_many_steps',
    '',
    bytesOf({ tasks: { ...tasks, steps: { row: [0, 0], name: [1, 1], offsetMs: [0, 1] } } }),
    { limits: { maxSteps: 1 } },
  ],
  ['too_many_drops', '', bytesOf({ drops: [{ signal: 1 }, { signal: 2 }] }), { limits: { maxDrops: 1 } }],
  ['name_too_long', 'of a metric', bytesOf({ series: [{ name: 4, kind: 3 }] })],
  ['name_too_long', 'of an attribute of a series', bytesOf({ series: [{ name: 1, kind: 3, attributes: [4, 1] }] })],
  ['name_too_long', 'of a resource attribute', bytesOf({ resource: { attributes: [4, 1] } })],
  ['name_too_long', 'of an event', bytesOf({ events: { ...events, name: [1, 4] } })],
  [
    'name_too_long',
    'of an attribute of an event',
    bytesOf({ events: { ...events, attributes: [{ key: 4, bool: [1, 1] }] } }),
  ],
  ['string_too_long', '', bytesOf(), { limits: { maxStringBytes: 299 } }],
]

describe('a batch is refused with', () => {
  for (const [code, what, bytes, options] of refused) {
    test(`${code}: ${what}`, () => {
      expect(codeOf(() => decodeBatch(bytes, options))).toBe(code)
    })
  }

  test('every code that there is, and the reference explains each', () => {
    const codes = Object.keys(wireErrors).sort()
    expect([...new Set(refused.map(([code]) => code))].sort()).toEqual(codes)
    const reference = readFileSync(new URL('../../../../docs/reference/wire-format.md', import.meta.url), 'utf8')
    const listed = [...reference.matchAll(/^\| `([a-z0-9_]+)` \| (.+) \|$/gm)].map(([, code, meaning]) => [
      code,
      meaning,
    ])
    expect(Object.fromEntries(listed.filter(([code]) => code in wireErrors))).toEqual(wireErrors)
  })
})

test('the reference states every limit', () => {
  const reference = readFileSync(new URL('../../../../docs/reference/wire-format.md', import.meta.url), 'utf8')
  for (const [limit, value] of Object.entries(defaultWireLimits)) {
    expect(reference).toContain(`| \`${limit}\` | ${value.toLocaleString('en')} |`)
  }
})

describe('an acknowledgement is refused with', () => {
  const good = { batchId: id(1), accepted: 1, receivedTimeMs: 5 }
  const cases: [WireErrorCode, Uint8Array][] = [
    ['bad_id', new Uint8Array(0)],
    ['bad_wire_type', new TextEncoder().encode('<html>')],
    ['bad_enum', ackType.encode({ ...good, rejected: [{ reason: 'x' }] }).finish()],
    ['too_many_drops', ackType.encode({ ...good, rejected: Array(257).fill({ signal: 1 }) }).finish()],
    ['too_many_rows', ackType.encode({ ...good, rejected: [{ signal: 1, row: Array(10_001).fill(1) }] }).finish()],
    ['truncated', encodeAck({ ...good, rejected: [], duplicate: false }).subarray(0, 25)],
  ]
  for (const [code, bytes] of cases) {
    test(code, () => {
      expect(codeOf(() => decodeAck(bytes))).toBe(code)
    })
  }
})
