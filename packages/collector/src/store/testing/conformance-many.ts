/** The part of the conformance suite about many: writers, series, holders of one place, rules of retention. */
import { Kind } from '@telltale/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StorePlaces } from '../conformance.js'
import type { Store } from '../store.js'
import { batch, replay, type Sample, T0 } from './batches.js'
import { differences, ModelStore } from './model.js'
import { aggregateRequest } from './requests.js'

export function describeMany(name: string, places: StorePlaces): void {
  describe(`${name}: many at once`, { timeout: 60_000 }, () => {
    let place: string
    let store: Store

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

    it('stores each batch once, whoever sends it how often, in whatever order', async () => {
      const model = new ModelStore()
      const lanes = Array.from({ length: 6 }, (_, lane) => lane)
      const batches = Array.from({ length: 40 }, (_, sequence) =>
        batch({
          sequence,
          stream: 1 + (sequence % 3),
          samples: [[1 + (sequence % 8), T0 + sequence * 60_000, sequence]],
        }),
      )
      for (const one of batches) model.append(one)
      const taken = new Array<number>(batches.length).fill(0)
      await Promise.all(
        lanes.map(async (lane) => {
          for (let i = 0; i < batches.length; i++) {
            // Each lane in an order of its own: 7 and 40 have no common divisor.
            const at = (i * 7 + lane * 11) % batches.length
            if (!(await store.append(batches[at]!)).duplicate) taken[at]!++
            if (lane === 0 && i % 13 === 5) await store.seal()
          }
        }),
      )
      expect(taken).toEqual(batches.map(() => 1))
      for (const stepMs of [0, 60_000, 3_600_000]) {
        const request = aggregateRequest({ stepMs })
        expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
      }
      expect((await store.stats()).seq).toBe(batches.length)
    })

    it('adds up ten thousand series in a hundred groups', async () => {
      const series = Uint32Array.from({ length: 10_000 }, (_, i) => i + 1)
      const rows = (sequence: number) =>
        batch({ sequence, samples: [...series].map((id): Sample => [id, T0 + sequence, id + sequence]) })
      await store.append(rows(0))
      await store.seal()
      await store.append(rows(1))
      const request = { series, group: series.map((id) => id % 100), stepMs: 0, want: { sum: true } }
      const answer = await store.aggregate(aggregateRequest(request))
      expect(answer.rows).toBe(100)
      expect([...answer.count].every((count) => count === 200)).toBe(true)
      expect(answer.sum.reduce((sum, one) => sum + one, 0)).toBe(2 * ((10_000 * 10_001) / 2) + 10_000)
      // A few of them, from among all.
      const few = Uint32Array.of(17, 9_999)
      const some = await store.aggregate(aggregateRequest({ series: few, group: Uint32Array.of(0, 1), stepMs: 0 }))
      expect([...some.count]).toEqual([2, 2])
    })

    it('holds its place alone: a second one is refused, and whoever comes after a close finds everything', async () => {
      await store.append(batch({ samples: [[1, T0, 1]] }))
      const second = places.create(place)
      await expect(second.open(replay)).rejects.toMatchObject({ code: 'storage_unavailable' })
      await expect(async () => second.append(batch({ sequence: 1, samples: [[1, T0, 1]] }))).rejects.toThrow()
      expect(await count()).toBe(1)
      const stale = store
      await store.close()
      store = places.create(place)
      await store.open(replay)
      // Whoever was closed writes no more, whatever it still holds in its hands.
      await expect(async () => stale.append(batch({ sequence: 2, samples: [[1, T0, 1]] }))).rejects.toThrow()
      expect(await count()).toBe(1)
    })

    it('keeps by prefix what the rules say, and the rest', async () => {
      const old = T0 - 400 * 86_400_000
      const one = batch({
        samples: [1, 2].flatMap((id): Sample[] => [
          [id, old, 1],
          [id, T0, 1],
        ]),
      })
      one.newSeries = one.newSeries.map((def) => ({ ...def, metric: def.id === 1 ? 'debug.x' : 'business.x' }))
      await store.append(one)
      await store.seal()
      // In the middle between the two times, counted from now.
      await store.retain([{ prefix: 'debug.', keep: { rawMs: Date.now() - T0 + 200 * 86_400_000 } }])
      await store.maintain()
      const of = async (id: number, startMs: number) => {
        const request = {
          series: Uint32Array.of(id),
          group: Uint32Array.of(0),
          startMs,
          endMs: startMs + 1000,
          stepMs: 1000,
        }
        return (await store.aggregate(aggregateRequest({ ...request, originMs: startMs }))).count[0] ?? 0
      }
      expect([await of(1, old), await of(1, T0), await of(2, old), await of(2, T0)]).toEqual([0, 1, 1, 1])
    })

    it('takes deltas of counters as they come: a sender that began anew is one more delta', async () => {
      const model = new ModelStore()
      const deltas = [5, 3, 0, 7, 2]
      const samples = deltas.map((delta, i): Sample => [1, T0 + i * 60_000, delta])
      const one = batch({ samples, kind: Kind.counter })
      model.append(one)
      await store.append(one)
      await store.seal()
      for (const stepMs of [0, 60_000, 3_600_000]) {
        const request = aggregateRequest({ kind: Kind.counter, stepMs })
        const answer = await store.aggregate(request)
        expect(differences(answer, model.aggregate(request))).toEqual([])
        expect(answer.sum.reduce((sum, one) => sum + one, 0)).toBe(17)
      }
    })
  })
}
