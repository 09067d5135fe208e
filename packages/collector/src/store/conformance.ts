/**
 * What every store must do, whatever it is made of: run with the factory of an engine, in a test file of that engine.
 * A place is where data lives (a folder, a database); a store made again for the same place finds what was stored there.
 */
import { Kind, keyOf, keyUpper } from '@telltale/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NumberedBatch } from '../model.js'
import type { AggregateRequest, JournalEntry, Store } from './store.js'
import { batch, eventRow, histogramColumns, replay, type Sample, T0, taskRow } from './testing/batches.js'
import { describeMany } from './testing/conformance-many.js'
import { differences, ModelStore } from './testing/model.js'
import { aggregateRequest, anyAggregate, mixedKind, SERIES, tasksRequest, trendRequest } from './testing/requests.js'

export interface StorePlaces {
  create(place: string): Store
  /** A name of a place that holds nothing. */
  newPlace(): string
  removePlace(place: string): void
  /** Runs of the random comparison with the model. */
  runs: number
}

export function describeStore(name: string, places: StorePlaces): void {
  let place: string
  let store: Store

  async function restart(): Promise<JournalEntry[]> {
    const replayed: JournalEntry[] = []
    await store.close()
    store = places.create(place)
    await store.open((entries, known) => {
      replayed.push(...entries)
      return replay(entries, known)
    })
    return replayed
  }

  const count = async () => (await store.aggregate(aggregateRequest({ stepMs: 0 }))).count.reduce((a, b) => a + b, 0)

  beforeEach(async () => {
    place = places.newPlace()
    store = places.create(place)
    await store.open(replay)
  })

  afterEach(async () => {
    await store.close()
    places.removePlace(place)
  })

  describe(`${name}: batches`, () => {
    it('numbers batches in order and goes on after a restart', async () => {
      const first = await store.append(batch({ sequence: 0, samples: [[1, T0, 1]] }))
      const second = await store.append(batch({ sequence: 1, samples: [[1, T0, 1]] }))
      expect([first, second]).toEqual([
        { seq: 1, duplicate: false },
        { seq: 2, duplicate: false },
      ])
      await store.seal()
      await restart()
      expect((await store.append(batch({ sequence: 2, samples: [[1, T0, 1]] }))).seq).toBe(3)
    })

    it('stores a retried batch once: at once, in the same group, after a seal, after a restart', async () => {
      const one = batch({ sequence: 7, samples: [[1, T0, 1]] })
      const outcomes = await Promise.all([store.append(one), store.append(one)])
      expect(outcomes.map((o) => o.duplicate)).toEqual([false, true])
      expect((await store.append(one)).duplicate).toBe(true)
      await store.seal()
      expect((await store.append(one)).duplicate).toBe(true)
      await restart()
      expect((await store.append(one)).duplicate).toBe(true)
      expect(await count()).toBe(1)
    })

    it('tells streams and projects apart', async () => {
      const parts = { sequence: 1, samples: [[1, T0, 1]] as Sample[] }
      await store.append(batch({ ...parts, stream: 1 }))
      expect((await store.append(batch({ ...parts, stream: 2 }))).duplicate).toBe(false)
      expect((await store.append(batch({ ...parts, project: 2 }))).duplicate).toBe(false)
      expect(await count()).toBe(2)
    })

    it('takes batches of a stream out of order, with gaps that fill later', async () => {
      for (const sequence of [5, 3, 4, 8000, 0, 7999]) {
        expect((await store.append(batch({ sequence, samples: [[1, T0 + sequence, 1]] }))).duplicate).toBe(false)
      }
      await restart()
      for (const sequence of [5, 3, 4, 8000, 0, 7999]) {
        expect((await store.append(batch({ sequence, samples: [[1, T0, 1]] }))).duplicate).toBe(true)
      }
      expect(await count()).toBe(6)
    })

    it('replays what is not sealed, in order, with its payload', async () => {
      const sealed = batch({ sequence: 0, samples: [[1, T0, 1]] })
      const kept = [1, 2, 3].map((sequence) => batch({ sequence, project: 2, samples: [[1, T0, sequence]] }))
      await store.append(sealed)
      await store.seal()
      for (const one of kept) await store.append(one)
      const entries = await restart()
      expect(entries.map((e) => [e.seq, e.project, e.receivedMs])).toEqual([2, 3, 4].map((seq) => [seq, 2, T0]))
      expect(entries.map((e) => [...e.payload])).toEqual(kept.map((b) => [...b.payload]))
    })

    it('knows every series again, once, with its latest time where it was sealed', async () => {
      const one = batch({ sequence: 0, samples: [[3, T0 + 5, 1]], kind: Kind.counter })
      await store.append(one)
      await store.append(batch({ sequence: 1, samples: [[3, T0, 1]], kind: Kind.counter }))
      await store.seal()
      await store.close()
      store = places.create(place)
      const opened = await store.open(replay)
      expect(opened.series).toEqual(one.newSeries)
      expect(opened.seq).toBe(2)
      expect([undefined, T0 + 5]).toContain(opened.lastSeenMs.get(3))
    })

    it('counts what it holds', async () => {
      await store.append(batch({ sequence: 0, samples: [[1, T0, 1]] }))
      expect(await store.stats()).toMatchObject({ seq: 1, hotRows: 1, journalBatches: 1, segments: 0, sealsTotal: 0 })
      await store.seal()
      expect(await store.stats()).toMatchObject({
        seq: 1,
        hotRows: 0,
        journalBatches: 0,
        segmentRows: 1,
        sealsTotal: 1,
      })
      expect(await store.verify()).toMatchObject({ failures: [] })
    })
  })

  describe(`${name}: aggregates`, () => {
    it('answers with nothing for an empty range, no series and an unknown series', async () => {
      await store.append(batch({ samples: [[1, T0, 1]] }))
      for (const request of [
        aggregateRequest({ startMs: T0, endMs: T0 }),
        aggregateRequest({ startMs: T0 + 1, endMs: T0 }),
        aggregateRequest({ series: new Uint32Array(0) }),
        aggregateRequest({ series: Uint32Array.of(99) }),
        aggregateRequest({ project: 3 }),
      ]) {
        const answer = await store.aggregate(request)
        expect([answer.rows, answer.sketch.rows]).toEqual([0, 0])
        expect(answer.asOf).toBe(1)
      }
    })

    it.each([false, true])('includes the start and excludes the end (sealed: %s)', async (sealed) => {
      await store.append(batch({ samples: [9, 10, 19, 20].map((ms) => [1, T0 + ms, ms]) }))
      if (sealed) await store.seal()
      const answer = await store.aggregate(aggregateRequest({ startMs: T0 + 10, endMs: T0 + 20, stepMs: 0 }))
      expect([answer.rows, answer.count[0], answer.min[0], answer.max[0]]).toEqual([1, 2, 10, 19])
      expect(answer.bucketMs[0]).toBe(T0 + 10)
    })

    it('gives only what is wanted', async () => {
      await store.append(batch({ samples: [[1, T0, 2]] }))
      const answer = await store.aggregate(aggregateRequest({ want: {} }))
      const { count: counts, sum, min, max, last, lastMs, sketch } = answer
      expect([counts, sum, min, max, last, lastMs, sketch.key].map((c) => c.length)).toEqual([1, 0, 0, 0, 0, 0, 0])
    })

    it('counts buckets from any origin, before and after the data', async () => {
      await store.append(batch({ samples: [0, 1, 59_999, 60_000, 86_400_000].map((ms) => [1, T0 + ms, 1]) }))
      for (const originMs of [0, T0 + 30_000, T0 + 86_400_000 * 30]) {
        const request = aggregateRequest({ originMs, stepMs: 60_000 })
        const model = new ModelStore()
        model.append(batch({ samples: [0, 1, 59_999, 60_000, 86_400_000].map((ms) => [1, T0 + ms, 1]) }))
        expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
      }
    })

    it('never stores what is no number', async () => {
      const values = [Number.NaN, 1, Number.POSITIVE_INFINITY, 2, Number.NEGATIVE_INFINITY]
      await store.append(batch({ samples: values.map((value, i) => [1, T0 + i, value]) }))
      const answer = await store.aggregate(aggregateRequest({ stepMs: 0 }))
      expect([answer.count[0], answer.sum[0]]).toEqual([2, 3])
    })

    it.each([false, true])('puts raw values into the sketch as the protocol does (sealed: %s)', async (sealed) => {
      const edges = [-3, 0, 1, 64, 700].flatMap((i) => [
        keyUpper(keyOf(1.5 ** i)),
        keyUpper(keyOf(1.5 ** i)) * (1 + 2e-16),
      ])
      const values = [0, -0, 1, 2, 0.5, 1024, 5e-324, 1e-310, Number.MAX_VALUE, 3.7, ...edges]
      const samples = values.flatMap((v): Sample[] => [
        [1, T0, v],
        [1, T0, -v],
      ])
      const model = new ModelStore()
      const one = batch({ samples })
      model.append(one)
      await store.append(one)
      if (sealed) await store.seal()
      const request = aggregateRequest({ stepMs: 0, want: { sketch: true } })
      const { sketch } = await store.aggregate(request)
      const expected = [...model.aggregate(request).values()][0].sketch
      expect(new Map([...sketch.key].map((key, i) => [key, sketch.count[i]]))).toEqual(expected)
    })

    it.each([false, true])('adds aggregated and raw observations of histograms (sealed: %s)', async (sealed) => {
      const rows = [
        {
          series: 1,
          timeMs: T0,
          sum: 30,
          min: 1,
          max: 9,
          buckets: [
            [-5, 2],
            [0, 1],
            [131_100, 4_000_000_000],
          ] as const,
        },
        { series: 2, timeMs: T0 + 1, sum: 2, min: 2, max: 2, buckets: [[131_136, 1]] as const },
        { series: 1, timeMs: T0 + 61_000, sum: 7, min: 3, max: 4, buckets: [[131_100, 4_000_000_000]] as const },
      ]
      const one = batch({
        samples: [[1, T0 + 2, 5]],
        columns: { histograms: histogramColumns(rows) },
        kind: Kind.histogram,
      })
      const model = new ModelStore()
      model.append(one)
      await store.append(one)
      if (sealed) await store.seal()
      for (const stepMs of [0, 60_000]) {
        const request = aggregateRequest({ kind: Kind.histogram, stepMs })
        expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
      }
    })

    it('sees exactly the batches up to asOf while others are being stored and sealed', async () => {
      const sizes = Array.from({ length: 60 }, (_, i) => 1 + (i % 7))
      const seals: Promise<void>[] = []
      const writing = (async () => {
        for (const [sequence, size] of sizes.entries()) {
          await store.append(batch({ sequence, samples: Array.from({ length: size }, () => [1, T0, 1] as const) }))
          if (sequence % 15 === 7) seals.push(store.seal())
        }
      })()
      let done = false
      void writing.then(() => {
        done = true
      })
      const rowsUpTo = (seq: number) => sizes.slice(0, seq).reduce((a, b) => a + b, 0)
      while (!done) {
        // Whoever asks over a message port leaves a turn to the writer between two questions; so does this.
        await new Promise((turn) => setTimeout(turn, 1))
        const answers = await Promise.all([1, 2, 3].map(() => store.aggregate(aggregateRequest({ stepMs: 0 }))))
        for (const { asOf, count: counts, sketch } of answers) {
          const sketched = sketch.count.reduce((a, b) => a + b, 0)
          expect([asOf, counts[0] ?? 0, sketched]).toEqual([asOf, rowsUpTo(asOf), rowsUpTo(asOf)])
        }
      }
      await writing
      await Promise.all(seals)
      expect(await count()).toBe(rowsUpTo(sizes.length))
    })

    it('gives the same answers after maintenance, to reads under way as well', { timeout: 30_000 }, async () => {
      const model = new ModelStore()
      for (let sequence = 0; sequence < 6; sequence++) {
        const samples = Array.from({ length: 40 }, (_, i): Sample => [1 + (i % 8), T0 + i * 7_000_000 + sequence, i])
        await appendAll(store, model, [batch({ sequence, samples, kind: mixedKind })])
        await store.seal()
      }
      const series = SERIES.filter((id) => mixedKind(id) === Kind.histogram)
      const requests = [0, 1000, 60_000, 300_000, 3_600_000, 86_400_000].map((stepMs) =>
        aggregateRequest({ kind: Kind.histogram, series, stepMs }),
      )
      const compare = async () => {
        for (const request of requests) {
          expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
        }
      }
      const before = await store.stats()
      await Promise.all([store.maintain(), compare(), store.maintain(), compare()])
      await compare()
      await restart()
      await compare()
      expect((await store.stats()).segmentRows).toBe(before.segmentRows)
      expect(await store.verify()).toMatchObject({ failures: [] })
    })

    const randomly = { timeout: 300_000 }
    it('agrees with the model for any batches in any order, with seals and restarts anywhere', randomly, async () => {
      const sample = fc.tuple(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: -130_000_000, max: 130_000_000 }).map((ms) => T0 + ms),
        fc.oneof(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.integer({ min: -5, max: 5 })),
      )
      const histogram = fc.record({
        series: fc.integer({ min: 6, max: 8 }),
        timeMs: fc.integer({ min: 0, max: 90_000_000 }).map((ms) => T0 + ms),
        sum: fc.integer({ min: -1000, max: 1000 }),
        min: fc.integer({ min: -10, max: 0 }),
        max: fc.integer({ min: 1, max: 10 }),
        buckets: fc.uniqueArray(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 9 })), {
          selector: ([key]) => key,
          minLength: 1,
          maxLength: 5,
        }),
      })
      const append = fc
        .record({
          project: fc.integer({ min: 1, max: 2 }),
          stream: fc.integer({ min: 1, max: 2 }),
          sequence: fc.integer({ min: 0, max: 12 }),
          samples: fc.array(sample, { maxLength: 30 }),
          histograms: fc.array(histogram, { maxLength: 4 }),
        })
        .map(({ histograms, ...parts }) => {
          const columns = { histograms: histogramColumns(histograms) }
          return batch({ ...parts, columns, kind: mixedKind })
        })
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.array(append, { minLength: 1, maxLength: 6 }) },
        { weight: 2, arbitrary: fc.constant('seal' as const) },
        { weight: 1, arbitrary: fc.constant('restart' as const) },
        { weight: 1, arbitrary: fc.constant('maintain' as const) },
        { weight: 3, arbitrary: anyAggregate() },
      )
      const compare = async (model: ModelStore, request: AggregateRequest) => {
        expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
      }
      const everywhere = [0, 60_000, 3_600_000, 86_400_000].flatMap((stepMs) =>
        [Kind.gauge, Kind.histogram].flatMap((kind) =>
          [1, 2].map((project) => {
            const series = SERIES.filter((id) => mixedKind(id) === kind)
            return aggregateRequest({ kind, stepMs, project, series })
          }),
        ),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
          await store.close()
          places.removePlace(place)
          place = places.newPlace()
          store = places.create(place)
          await store.open(replay)
          const model = new ModelStore()
          for (const one of steps) {
            if (one === 'seal') await store.seal()
            else if (one === 'restart') await restart()
            else if (one === 'maintain') await store.maintain()
            else if (Array.isArray(one)) await appendAll(store, model, one)
            else await compare(model, one)
          }
          for (const request of everywhere) await compare(model, request)
        }),
        { numRuns: places.runs },
      )
    })
  })

  describe(`${name}: tasks`, () => {
    const rows = [
      taskRow({
        id: 'a',
        type: 'email',
        startMs: T0 + 1,
        durationMs: 5,
        context: { 'org.id': 'acme', n: 1, ok: true },
      }),
      taskRow({
        id: 'b',
        type: 'email',
        startMs: T0 + 2,
        durationMs: 50,
        status: 2,
        errorType: 'TypeError',
        errorMessage: 'Boom!',
      }),
      taskRow({
        id: 'c',
        type: 'report',
        startMs: T0 + 3,
        attempt: 3,
        cpuTimeMs: 7.5,
        context: { 'a/b~c': 'x', '': 'e' },
      }),
      taskRow({
        id: 'd',
        type: 'report',
        startMs: T0 + 4,
        steps: [{ name: 'rendered', offsetMs: 1.5 }],
        memoryUsageMb: 12,
        parentId: 'a',
      }),
    ]
    const ids = async (request: Parameters<typeof tasksRequest>[0]) =>
      (await store.tasks(tasksRequest(request))).rows.map((row) => row.id).join('')

    describe.each(['hot', 'sealed', 'mixed'])('%s', (where) => {
      beforeEach(async () => {
        await store.append(batch({ sequence: 1, columns: { tasks: rows.slice(0, 2) } }))
        if (where === 'mixed') await store.seal()
        await store.append(batch({ sequence: 2, columns: { tasks: rows.slice(2) } }))
        if (where === 'sealed') await store.seal()
      })

      it('returns runs as they came, newest first, and their number', async () => {
        expect(await store.tasks(tasksRequest({ limit: 3 }))).toEqual({
          rows: [...rows].reverse().slice(0, 3),
          total: 4,
        })
        expect(await ids({ limit: 2, offset: 3 })).toBe('a')
        expect(await ids({ project: 2 })).toBe('')
        expect(await ids({ startMs: T0 + 2, endMs: T0 + 4 })).toBe('cb')
      })

      it('filters by columns and attributes', async () => {
        expect(await ids({ types: ['email'] })).toBe('ba')
        expect(await ids({ statuses: [2, 3] })).toBe('b')
        expect(await ids({ search: 'boom' })).toBe('b')
        expect(await ids({ minDurationMs: 12.5, maxDurationMs: 20 })).toBe('dc')
        expect(await ids({ filters: { 'task.type': { prefix: 're' }, attempt: { in: ['3'] } } })).toBe('c')
        expect(await ids({ filters: { status: { notIn: ['ok'] }, 'error.type': { exists: true } } })).toBe('b')
        expect(await ids({ filters: { 'org.id': { in: ['acme', "x'; DROP TABLE tasks_1_1; --"] } } })).toBe('a')
        expect(await ids({ filters: { 'org.id': { in: [''] } } })).toBe('dcb')
        expect(await ids({ filters: { n: { in: ['1'] }, ok: { in: ['true'] } } })).toBe('a')
        expect(await ids({ filters: { 'parent.id': { in: ['a'] } } })).toBe('d')
        expect(await ids({ filters: { 'a/b~c': { in: ['x'] } } })).toBe('c')
        expect(await ids({ filters: { 'org.id': { in: [] } } })).toBe('')
      })

      it('sorts, with missing values last', async () => {
        expect(await ids({ sort: 'duration_ms', descending: false })).toBe('adcb')
        expect(await ids({ sort: 'cpu_time_ms' })).toBe('cdba')
        expect(await ids({ sort: 'memory_usage_mb', descending: false })).toBe('dcba')
        expect(await ids({ sort: 'task_type', descending: false })).toBe('badc')
      })

      it('finds one run by its id, the newest where there are two', async () => {
        expect(await store.task(1, 'd')).toEqual(rows[3])
        expect(await store.task(2, 'd')).toBeNull()
        expect(await store.task(1, 'nobody')).toBeNull()
        await store.append(batch({ sequence: 3, columns: { tasks: [taskRow({ id: 'd', startMs: T0 - 5 })] } }))
        expect(await store.task(1, 'd')).toEqual(rows[3])
      })
    })
  })

  describe(`${name}: events`, () => {
    const events = [
      eventRow({ timeMs: T0, name: 'view', userId: 'u1', sessionId: 's1', attributes: { plan: 'pro' } }),
      eventRow({ timeMs: T0 + 999, name: 'view', userId: 'u1', sessionId: 's2', attributes: { plan: 'free' } }),
      eventRow({ timeMs: T0 + 1000, name: 'view', userId: 'u2', orgId: 'acme', attributes: { plan: 'pro' } }),
      eventRow({ timeMs: T0 + 2999, name: 'click', userId: 'u2', attributes: { depth: 3 } }),
      eventRow({ timeMs: T0 + 3000, name: 'late' }),
    ]
    beforeEach(async () => {
      await store.append(batch({ sequence: 1, columns: { events: events.slice(0, 2) } }))
      await store.seal()
      await store.append(batch({ sequence: 2, columns: { events: events.slice(2) } }))
    })

    it('counts events in uneven buckets', async () => {
      expect(await store.eventsTrend(trendRequest())).toEqual({
        groups: [[]],
        rows: [
          { group: 0, bucketMs: T0, value: 2 },
          { group: 0, bucketMs: T0 + 1000, value: 2 },
        ],
      })
    })

    it('counts distinct users by group, largest first, with null for what is missing', async () => {
      const trend = await store.eventsTrend(trendRequest({ measure: 'users', groupBy: ['plan', 'event'] }))
      expect(trend.groups).toEqual([
        ['pro', 'view'],
        ['free', 'view'],
        [null, 'click'],
      ])
      expect(trend.rows.map((row) => row.value)).toEqual([1, 1, 1, 1])
      const top = await store.eventsTrend(trendRequest({ groupBy: ['event'], limit: 1 }))
      expect(top.groups).toEqual([['view']])
    })

    it('filters by event, user, organisation and attribute', async () => {
      const total = async (request: Parameters<typeof trendRequest>[0]) =>
        (await store.eventsTrend(trendRequest(request))).rows.reduce((sum, row) => sum + row.value, 0)
      expect(await total({ event: 'view' })).toBe(3)
      expect(await total({ filters: { 'org.id': { in: ['acme'] } } })).toBe(1)
      expect(await total({ filters: { 'user.id': { prefix: 'u' }, plan: { notIn: ['pro'] } } })).toBe(2)
      expect(await total({ filters: { depth: { in: ['3'] } } })).toBe(1)
      expect(await total({ measure: 'sessions' })).toBe(2)
      expect(await total({ project: 2 })).toBe(0)
    })
  })

  describeMany(name, places)

  describe(`${name}: limits and life`, () => {
    it('refuses work before it is open and after it is closed', async () => {
      const fresh = places.create(place)
      await expect(async () => fresh.append(batch({}))).rejects.toMatchObject({ code: 'not_ready' })
      await expect(async () => fresh.stats()).rejects.toMatchObject({ code: 'not_ready' })
      await store.close()
      await expect(async () => store.append(batch({}))).rejects.toMatchObject({ code: 'shutting_down' })
      await expect(async () => store.aggregate(aggregateRequest())).rejects.toMatchObject({ code: 'shutting_down' })
      store = places.create(place)
      await store.open(replay)
    })

    it('ends a query that takes too long, or that nobody waits for, and goes on', async () => {
      await store.append(batch({ samples: Array.from({ length: 5000 }, (_, i) => [1, T0 + i, i]) }))
      await expect(store.aggregate(aggregateRequest({ timeoutMs: 0 }))).rejects.toMatchObject({ code: 'query_timeout' })
      const stopped = store.aggregate(aggregateRequest({ stepMs: 1 }), AbortSignal.abort())
      await expect(stopped).rejects.toMatchObject({ code: 'query_timeout' })
      expect(await count()).toBe(5000)
    })

    it('stores what was being appended when it is closed', async () => {
      const outcomes = [0, 1, 2].map((sequence) => store.append(batch({ sequence, samples: [[1, T0, 1]] })))
      await store.close()
      expect((await Promise.all(outcomes)).map((o) => o.seq)).toEqual([1, 2, 3])
      store = places.create(place)
      await store.open(replay)
      expect(await count()).toBe(3)
    })
  })
}

async function appendAll(store: Store, model: ModelStore, batches: readonly NumberedBatch[]): Promise<void> {
  const outcomes = await Promise.all(batches.map((one) => store.append(one)))
  const expected = batches.map((one) => !model.append(one))
  expect(outcomes.map((outcome) => outcome.duplicate)).toEqual(expected)
}
