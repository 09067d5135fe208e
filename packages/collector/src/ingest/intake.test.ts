import { Kind } from '@telltale/protocol'
import type { EventInput } from '@telltale/protocol/api'
import { describe, expect, it } from 'vitest'
import { TelltaleError } from '../errors.js'
import type { Columns, NumberedBatch } from '../model.js'
import type { JournalEntry, OpenedStore } from '../store/store.js'
import { Intake } from './intake.js'
import { takeJsonEvents } from './json-events.js'
import { nowMs, sampleBatch, testBatch, testSettings } from './testing/batches.js'

/** A store that remembers what it was given, deduplicates, and fails when told to. */
class FakeStore {
  batches: NumberedBatch[] = []
  failure: Error | undefined
  #seen = new Set<string>()

  async append(batch: NumberedBatch) {
    await Promise.resolve()
    if (this.failure) throw this.failure
    const name = `${batch.project}/${Buffer.from(batch.streamId).toString('hex')}/${batch.sequence}`
    if (this.#seen.has(name)) return { seq: this.batches.length, duplicate: true }
    this.#seen.add(name)
    this.batches.push(batch)
    return { seq: this.batches.length, duplicate: false }
  }

  entries(): JournalEntry[] {
    return this.batches.map(({ project, receivedMs, payload }, i) => ({ seq: i + 1, project, receivedMs, payload }))
  }

  known(): OpenedStore {
    return {
      series: this.batches.flatMap(({ newSeries }) => newSeries),
      seq: this.batches.length,
      lastSeenMs: new Map(),
    }
  }
}

function setUp() {
  const store = new FakeStore()
  const published: { seq: number; columns: Columns }[] = []
  const counted: Record<string, number> = {}
  const count = (name: string, by = 1) => {
    counted[name] = (counted[name] ?? 0) + by
  }
  const failures: unknown[] = []
  const intake = new Intake({
    store,
    settings: testSettings,
    now: () => nowMs,
    publish: (_project, seq, columns) => published.push({ seq, columns }),
    onReplayFailure: (_entry, error) => failures.push(error),
    counters: {
      batch: (outcome) => count(outcome),
      rows: (signal, rows) => count(signal, rows),
      rejected: (reason, rows) => count(reason, rows),
      senderDropped: (reason, calls) => count(`dropped ${reason}`, calls),
      bytes: () => {},
      acknowledged: () => {},
      folded: (rows) => count('folded', rows),
    },
  })
  return { store, intake, published, counted, failures }
}

const events = (intake: Intake) => ({ intake, settings: testSettings, now: () => nowMs })
const gauge = { name: 'temp' }

describe('failures', () => {
  it('stores nothing of a batch whose rows are all refused', async () => {
    const { store, intake, counted } = setUp()
    const payload = sampleBatch([gauge], [[0, Number.NaN]])
    await expect(intake.take(1, payload)).rejects.toMatchObject({
      code: 'all_rows_rejected',
      details: { rejected: [{ signal: 'sample', reason: 'not_finite', count: 1, rows: [0] }] },
    })
    expect(store.batches).toEqual([])
    expect(counted).toEqual({ not_finite: 1, refused: 1 })
  })

  it('lets a definition travel again after its batch could not be stored', async () => {
    const { store, intake, published } = setUp()
    store.failure = new TelltaleError('storage_full', 'full')
    await expect(intake.take(1, sampleBatch([gauge], [[0, 1]]))).rejects.toThrowError('full')
    expect(published).toEqual([])
    store.failure = undefined
    await intake.take(1, sampleBatch([gauge], [[0, 2]], { sequence: 1 }))
    expect(store.batches[0].newSeries).toHaveLength(1)
    await intake.take(1, sampleBatch([gauge], [[0, 3]], { sequence: 2 }))
    expect(store.batches[1].newSeries).toEqual([])
  })

  it('reports a journal entry that cannot be read, and goes on', () => {
    const { intake, failures, store } = setUp()
    const entry = { seq: 1, project: 1, receivedMs: nowMs, payload: new Uint8Array([255]) }
    expect(intake.replayer(testSettings)([entry], store.known())).toEqual([null])
    expect(failures).toHaveLength(1)
  })
})

describe('batches', () => {
  it('publishes what is durable, once', async () => {
    const { intake, published, counted } = setUp()
    const payload = sampleBatch([gauge], [[0, 1]])
    expect(await intake.take(1, payload)).toMatchObject({ accepted: 1, duplicate: false, receivedMs: nowMs })
    expect(await intake.take(1, payload)).toMatchObject({ accepted: 1, duplicate: true })
    expect(published.map(({ seq }) => seq)).toEqual([1])
    expect(counted).toEqual({ stored: 1, duplicate: 1, sample: 1 })
  })

  it('acknowledges a batch that only reports drops, without storing it', async () => {
    const { store, intake, counted } = setUp()
    const payload = testBatch([], (batch, ref) => {
      batch.drops = [{ signal: 1, reason: ref('queue_full'), count: 12 }]
    })
    expect(await intake.take(1, payload)).toMatchObject({ accepted: 0 })
    expect(store.batches).toEqual([])
    expect(counted['dropped queue_full']).toBe(12)
  })

  it('gives after a restart the rows that it gave before, and numbers on', async () => {
    const first = setUp()
    const jobs = { name: 'jobs', kind: Kind.counter }
    const two = (a: number, b: number, at: 0 | 1): [number, number][] => [
      [0, a],
      [at, b],
    ]
    await first.intake.take(1, sampleBatch([gauge, jobs], two(1, 2, 1)))
    await first.intake.take(1, sampleBatch([gauge], two(Number.NaN, 9, 0), { sequence: 1 }))
    const { store } = first
    const second = setUp()
    const replayed = second.intake.replayer(testSettings)(store.entries(), store.known())
    expect(replayed).toEqual(store.batches.map(({ columns }) => columns))
    await second.intake.take(1, sampleBatch([{ name: 'new' }], [[0, 1]], { sequence: 2 }))
    expect(second.store.batches[0].newSeries.map(({ id }) => id)).toEqual([3])
  })

  it('replays under the settings that accepted the batch', async () => {
    const { store, intake } = setUp()
    await intake.take(1, sampleBatch([gauge], [[0, 1, nowMs - 3_600_000]]))
    const strict = setUp()
    const replayed = strict.intake.replayer(testSettings)(store.entries(), store.known())
    expect(replayed[0]?.samples?.count).toBe(1)
    const wrong = setUp().intake.replayer({ ...testSettings, maxAgeMs: 1000 })(store.entries(), store.known())
    expect(wrong[0]).toEqual({})
  })
})

describe('events as JSON', () => {
  it('refuses the whole request for a time that cannot be read', async () => {
    const { intake, store } = setUp()
    const request = { events: [{ name: 'a' }, { name: 'b', timestamp: 'yesterday' }] }
    await expect(takeJsonEvents(events(intake), 1, request)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('events[1].timestamp: "yesterday"'),
    })
    expect(store.batches).toEqual([])
  })

  it('refuses single events by their place in the request', async () => {
    const { intake, store } = setUp()
    const request = {
      events: [
        { name: 'old', timestamp: '1999-01-01T00:00:00Z' },
        { name: 'good', timestamp: nowMs },
        { name: ' bad ' },
        { name: 'negative', timestamp: -5 },
        { name: 'ahead', timestamp: nowMs + 365 * 86_400_000 },
      ],
    }
    expect(await takeJsonEvents(events(intake), 1, request)).toEqual({
      accepted: 1,
      duplicate: false,
      rejected: [
        { reason: 'too_late', count: 1, rows: [0] },
        { reason: 'invalid_time', count: 1, rows: [3] },
        { reason: 'too_far_ahead', count: 1, rows: [4] },
        { reason: 'invalid_name', count: 1, rows: [2] },
      ],
    })
    expect(store.batches[0].columns.events?.map(({ name }) => name)).toEqual(['good'])
    await expect(takeJsonEvents(events(intake), 1, { events: [request.events[0]] })).rejects.toMatchObject({
      code: 'all_rows_rejected',
    })
  })

  it('stores a batch id once, and every batch without one', async () => {
    const { intake } = setUp()
    const send = (batch_id?: string) => takeJsonEvents(events(intake), 1, { events: [{ name: 'a' }], batch_id })
    expect((await send('x')).duplicate).toBe(false)
    expect((await send('x')).duplicate).toBe(true)
    expect((await send('y')).duplicate).toBe(false)
    expect((await send()).duplicate).toBe(false)
    expect((await send()).duplicate).toBe(false)
  })

  it('reads times, columns and attributes of any type', async () => {
    const { intake, store } = setUp()
    const list: EventInput[] = [
      {
        name: 'a',
        timestamp: 'now-5m',
        user_id: 'u1',
        attributes: { amount: 1.5, plan: 'pro', trial: true, gone: null },
      },
      {
        name: 'b',
        timestamp: '2026-03-01T11:59:00',
        attributes: { amount: 'many', 'user.id': 'u2', 'org.id': 'acme' },
      },
      { name: 'c', id: 'own', timestamp: '2026-03-01T13:00:00+01:00' },
    ]
    await takeJsonEvents(events(intake), 1, { events: list })
    const [a, b, c] = store.batches[0].columns.events ?? []
    expect(a).toMatchObject({ timeMs: nowMs - 300_000, userId: 'u1', orgId: null })
    expect(a.attributes).toEqual({ amount: 1.5, plan: 'pro', trial: true })
    expect(b).toMatchObject({ timeMs: nowMs - 60_000, userId: 'u2', orgId: 'acme', attributes: { amount: 'many' } })
    expect(c).toMatchObject({ timeMs: nowMs, id: 'own' })
  })
})
