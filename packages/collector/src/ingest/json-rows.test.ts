/** Rows as JSON → the batch that the wire would have carried: what is cut, what is refused, and whose clock counts. */
import { type DecodedBatch, decodeBatch, keyOf, type Rejection } from '@telltale/protocol'
import { RowsIngest } from '@telltale/protocol/api'
import { describe, expect, it } from 'vitest'
import { takeJsonRows } from './json-rows.js'

const nowMs = Date.UTC(2026, 2, 1, 12)
const settings = { maxAgeMs: 86_400_000, maxAheadMs: 300_000 } as Parameters<typeof takeJsonRows>[0]['settings']

async function take(rows: object, rejected: Rejection[] = []) {
  let batch: DecodedBatch | undefined
  const intake = {
    take: async (_project: number, payload: Uint8Array) => {
      batch = decodeBatch(payload)
      return { batchId: batch.batchId, accepted: 1, rejected, duplicate: false, receivedMs: nowMs, folded: 0 }
    },
  }
  const head = { batch_id: 'ab'.repeat(16), stream_id: '01'.repeat(16), sequence: 7, sent_ms: nowMs, resource: {} }
  const request = RowsIngest.parse({ ...head, start_ms: nowMs - 1000, end_ms: nowMs, ...rows })
  const ack = await takeJsonRows({ intake, settings, now: () => nowMs }, 1, request)
  return { ack, batch: batch as DecodedBatch }
}

const event = (properties: object = {}, rest: object = {}) => ({ name: 'e', time_ms: nowMs, properties, ...rest })
const metric = (kind: string, rest: object) => ({
  ...{ name: `m.${kind}`, kind, calls: 3, sum: 6, min: 1, max: 3, last: 3, time_ms: nowMs - 500 },
  ...rest,
})

/** Attributes of one row of a table. */
function attributesOf(batch: DecodedBatch, row = 0): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const { key, row: rows, type, value } of batch.events?.attributes ?? []) {
    const at = rows === undefined ? row : rows.indexOf(row)
    if (at >= 0) found[batch.strings[key]] = type === 'string' ? batch.strings[value[at]] : value[at]
  }
  return found
}

describe('rows', () => {
  it('keep their identity, ids, types and resource', async () => {
    const { ack, batch } = await take({
      resource: { service: 'shop', version: '1', flag: true, none: null },
      events: [event({ 'user.id': 'u', 'session.id': 's', text: 'x', number: 1.5, yes: true })],
      drops: { 'event:queue_full': 4 },
    })
    expect(ack).toEqual({ batch_id: 'ab'.repeat(16), rejected: 0, reason: undefined, duplicate: false })
    expect([batch.sequence, Buffer.from(batch.batchId).toString('hex')]).toEqual([7, ack.batch_id])
    expect(batch.resource.map((ref) => batch.strings[ref])).toEqual(['service', 'shop', 'version', '1', 'flag', 'true'])
    expect(attributesOf(batch)).toEqual({ text: 'x', number: 1.5, yes: 1 })
    expect(
      [batch.events?.user, batch.events?.org, batch.events?.session].map((refs) => batch.strings[refs?.[0] ?? 0]),
    ).toEqual(['u', '', 's'])
    expect(batch.drops).toMatchObject([{ signal: 4, count: 4 }])
    expect(batch.strings[batch.drops[0].reason]).toBe('queue_full')
  })

  it('carry metrics of every kind as the SDK gathered them', async () => {
    const buckets = [3, 1, 2].map((value) => [keyOf(value), value])
    const { batch } = await take({
      metrics: [
        metric('counter', { attributes: { b: 2, a: true } }),
        metric('gauge', {}),
        metric('histogram', { buckets, unit: 'ms' }),
      ],
    })
    expect(batch.points).toMatchObject({ count: 1, startMs: nowMs - 1000, endMs: nowMs })
    expect(Array.from(batch.points?.value ?? [])).toEqual([6])
    expect(batch.series[0].attributes.map((ref) => batch.strings[ref])).toEqual(['a', 'true', 'b', '2'])
    expect(Array.from(batch.samples?.value ?? [])).toEqual([3])
    expect(Array.from(batch.samples?.timeMs ?? [])).toEqual([nowMs - 500])
    expect(Array.from(batch.histograms?.key ?? [])).toEqual([1, 2, 3].map(keyOf))
    expect(Array.from(batch.histograms?.bucketCount ?? [])).toEqual([1, 2, 3])
  })

  it('carry runs with their steps, tags and the message of their error', async () => {
    const { batch } = await take({
      tasks: [
        {
          ...{
            type: 't',
            id: 'r1',
            start_ms: nowMs - 100,
            duration_ms: 50,
            status: 'error',
            attempt: 2,
            parent_id: 'p',
          },
          ...{ error_type: 'TypeError', properties: { 'error.message': 'no', kind: 'x' }, tags: ['kind'] },
          steps: [['half', 25]],
        },
        { type: 't', id: 'r2', start_ms: nowMs, duration_ms: 0, status: 'ok', attempt: 'many', queue_wait_ms: 4 },
      ],
    })
    const { tasks, strings } = batch
    expect([tasks?.errorType, tasks?.errorMessage, tasks?.parentId].map((refs) => strings[refs?.[0] ?? 0])).toEqual([
      'TypeError',
      'no',
      'p',
    ])
    expect(Array.from(tasks?.attempt ?? [])).toEqual([2, 1])
    expect(tasks?.queueWaitMs?.[1]).toBe(4)
    expect(tasks?.attributes).toMatchObject([{ dimension: true }])
    expect(Array.from(tasks?.steps?.offsetMs ?? [])).toEqual([25])
  })

  it('lose what the wire cannot carry, and no more', async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]))
    const { ack, batch } = await take({
      resource: { service: 'shop' },
      events: [
        event({ object: {}, list: [1], none: null, '': 'x', 'a\nb': 'x', long: 'ä'.repeat(5000) }),
        event(many),
        event({}, { name: '' }),
        event({}, { name: 'x'.repeat(300) }),
        event({}, { time_ms: nowMs - 2 * 86_400_000 }),
      ],
    })
    expect(batch.events?.count).toBe(2)
    expect(attributesOf(batch, 0)).toEqual({ long: 'ä'.repeat(2048) })
    expect(Object.keys(attributesOf(batch, 1)).length).toBe(31)
    expect(ack).toMatchObject({ rejected: 3, reason: 'invalid_name' })
  })

  it('count refusals in calls, those of the pipeline too', async () => {
    const refusal: Rejection = { signal: 2, reason: 'negative_counter', count: 2, row: Uint32Array.of(1) }
    const { ack } = await take(
      {
        metrics: [
          metric('counter', { calls: 5 }),
          metric('counter', { name: 'b', calls: 7 }),
          metric('histogram', {
            calls: 11,
            buckets: [
              [1, 1],
              [1, 1],
            ],
          }),
        ],
      },
      [refusal],
    )
    expect(ack.rejected).toBe(11 + 7 + 5)
  })

  it('are all refused where none can be taken', async () => {
    await expect(take({ events: [event({}, { name: '' })] })).rejects.toMatchObject({ code: 'all_rows_rejected' })
  })

  it('take the collector’s time where the page’s clock is off, and their own otherwise', async () => {
    const wrongMs = 3_600_000
    const off = await take({
      ...{ sent_ms: nowMs + wrongMs, start_ms: nowMs + wrongMs - 1000, end_ms: nowMs + wrongMs },
      events: [event({}, { time_ms: nowMs + wrongMs - 200 }), event({}, { time_ms: nowMs + wrongMs - 100 })],
      metrics: [metric('counter', {})],
    })
    expect(Array.from(off.batch.events?.timeMs ?? [])).toEqual([nowMs - 200, nowMs - 100])
    expect(off.batch.points).toMatchObject({ startMs: nowMs - 1000, endMs: nowMs })
    const slow = await take({ sent_ms: nowMs - 20_000, events: [event({}, { time_ms: nowMs - 25_000 })] })
    expect(Array.from(slow.batch.events?.timeMs ?? [])).toEqual([nowMs - 25_000])
  })
})
