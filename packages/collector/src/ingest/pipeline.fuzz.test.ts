/** Any bytes give a prepared batch or `malformed_batch`, and what is accepted is fit to be stored. */
import { Kind, keyOf } from '@telltale/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TelltaleError } from '../errors.js'
import { Pipeline, type PreparedBatch } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'
import { nowMs, testBatch, testSettings } from './testing/batches.js'

const cases = Number(process.env.FUZZ_CASES ?? 3000)

/** A batch with something in every table. */
function fullBatch(): Uint8Array {
  const series = [
    { name: 'temp', attributes: { room: 'a' } },
    { name: 'jobs', kind: Kind.counter },
    { name: 'latency', kind: Kind.histogram, unit: 'ms' },
  ]
  return testBatch(
    series,
    (batch, ref) => {
      const startMs = nowMs - 1000
      const interval = { startMs, endMs: nowMs }
      batch.samples = { count: 3, series: [0, 1, 0], timeMs: [startMs, nowMs, nowMs], value: [1.5, 2, -3] }
      batch.points = { count: 1, ...interval, series: [1], value: [7] }
      batch.histograms = {
        count: 1,
        ...interval,
        series: [2],
        sum: [6],
        min: [1],
        max: [5],
        buckets: [2],
        key: [keyOf(1), keyOf(5)],
        bucketCount: [1, 1],
      }
      const attributes = [{ key: ref('plan'), type: 'string' as const, value: [ref('pro')], dimension: true }]
      batch.events = { count: 1, name: [ref('paid')], timeMs: [nowMs], user: [ref('u1')], attributes }
      batch.tasks = {
        count: 1,
        type: [ref('email')],
        timeMs: [startMs],
        durationMs: [20],
        status: [2],
        id: [ref('r1')],
        errorType: [ref('Error')],
        cpuTimeMs: [3],
        memoryUsageMb: [64],
        attributes,
        steps: { count: 1, row: [0], name: [ref('sent')], offsetMs: [4] },
      }
      batch.sessions = { count: 1, id: [ref('s1')], timeMs: [startMs], durationMs: [10], attributes }
    },
    { resource: { service: 'billing', version: '1' } },
  )
}

type Change = [kind: 'flip' | 'cut' | 'splice' | 'repeat', at: number, value: number]

function mutate(bytes: Uint8Array, changes: Change[]): Uint8Array {
  let result = Uint8Array.from(bytes)
  for (const [kind, at, value] of changes) {
    const place = at % Math.max(1, result.length)
    if (kind === 'flip') result[place] ^= value
    else if (kind === 'cut') result = result.slice(0, place)
    else if (kind === 'splice') result = Uint8Array.from([...result.slice(0, place), value, ...result.slice(place)])
    else result = Uint8Array.from([...result, ...result.slice(place)])
  }
  return result
}

function expectSound(batch: PreparedBatch, registry: SeriesRegistry): void {
  const refused = batch.rejected.reduce((sum, { count }) => sum + count, 0)
  expect(batch.accepted + refused).toBe(batch.rows)
  const { samples, histograms, tasks = [], events = [] } = batch.columns
  const earliestMs = nowMs - testSettings.maxAgeMs - 1000
  const latestMs = nowMs + testSettings.maxAheadMs
  for (const table of [samples, histograms]) {
    for (const time of table?.timeMs ?? []) expect(time >= earliestMs && time <= latestMs).toBe(true)
    for (const id of table?.series ?? []) expect(registry.get(id)?.project).toBe(1)
  }
  for (const value of samples?.value ?? []) expect(Number.isFinite(value)).toBe(true)
  for (const value of histograms?.sum ?? []) expect(Number.isFinite(value)).toBe(true)
  const entries = (histograms?.buckets ?? new Uint32Array()).reduce((sum, count) => sum + count, 0)
  expect(histograms?.key.length ?? 0).toBe(entries)
  for (const { durationMs, type } of tasks) expect(durationMs >= 0 && type !== '').toBe(true)
  for (const { name, timeMs } of events) expect(name !== '' && timeMs >= 0).toBe(true)
  const known = new Set(batch.newSeries.map(({ id }) => id))
  for (const id of samples?.series ?? []) expect(known.has(id) || !registry.isPending(id)).toBe(true)
}

// A million, which the soak runs, take a few minutes.
it(`holds for ${cases} damaged batches`, { timeout: 3_600_000 }, () => {
  const registry = new SeriesRegistry(testSettings)
  const pipeline = new Pipeline(registry, testSettings)
  const original = fullBatch()
  expect(pipeline.prepare(1, original, nowMs)).toMatchObject({ accepted: 8, rejected: [] })
  const change: fc.Arbitrary<Change> = fc.tuple(
    fc.constantFrom('flip', 'flip', 'flip', 'cut', 'splice', 'repeat'),
    fc.nat(original.length * 2),
    fc.integer({ min: 1, max: 255 }),
  )
  let prepared = 0
  const check = (changes: Change[]) => {
    let batch: PreparedBatch
    try {
      batch = pipeline.prepare(1, mutate(original, changes), nowMs)
    } catch (error) {
      expect(error).toBeInstanceOf(TelltaleError)
      expect((error as TelltaleError).code).toBe('malformed_batch')
      return
    }
    prepared++
    expectSound(batch, registry)
  }
  fc.assert(fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), check), { numRuns: cases, seed: 20260301 })
  // Both outcomes were met often: the fuzzing is neither too coarse nor too fine.
  expect(prepared).toBeGreaterThan(cases / 20)
})
