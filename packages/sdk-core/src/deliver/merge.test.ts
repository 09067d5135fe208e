/** Merging changes no count: any batches of metrics, as one, say what they said together. */
import { type DecodedBatch, decodeBatch, Kind, Sketch } from '@telltale/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Aggregator } from '../aggregate/aggregator.js'
import { MetricBatcher } from '../batch/metric-batcher.js'
import type { SealedBatch } from '../batch/sealed-batch.js'
import { Sealer } from '../batch/sealer.js'
import { Meter } from '../instrument/meter.js'
import { Warnings } from '../logger.js'
import { Ledger } from '../stats.js'
import { FakePlatform } from '../testing/fake-platform.js'
import { mergeBatches } from './merge.js'

function setUp() {
  const platform = new FakePlatform()
  const batches: SealedBatch[] = []
  const ledger = new Ledger()
  const sealer = new Sealer({
    resource: [['service', 'x']],
    clock: platform.clock,
    ledger,
    randomBytes: platform.randomBytes,
    maxBatchBytes: 1024 * 1024,
    emit: (batch) => batches.push(batch),
  })
  const warnings = new Warnings(false, platform.clock)
  const aggregator = new Aggregator({ maxSeriesPerMetric: 100, maxAttributes: 30 }, ledger, platform.clock, warnings)
  const meter = new Meter(aggregator)
  const batcher = new MetricBatcher(sealer, 5)
  const flush = async () => {
    await platform.clock.advance(1000)
    batcher.flush(aggregator.changed)
  }
  return { platform, batches, ledger, sealer, meter, flush }
}

/** What batches say, whatever their number: sums, sketches and last levels by series. */
function said(batches: readonly DecodedBatch[]): Record<string, unknown> {
  const sums: Record<string, number> = {}
  const sketches: Record<string, Sketch> = {}
  const levels: Record<string, [timeMs: number, value: number]> = {}
  for (const { series, strings, points, histograms, samples } of batches) {
    const nameOf = (ref: number) => {
      const { name, kind, unit, attributes } = series[ref]
      return [strings[name], kind, strings[unit], ...attributes.map((one) => strings[one])].join('|')
    }
    points?.series.forEach((ref: number, i: number) => {
      sums[nameOf(ref)] = (sums[nameOf(ref)] ?? 0) + points.value[i]
    })
    let from = 0
    histograms?.series.forEach((ref: number, i: number) => {
      const { key, bucketCount, buckets, sum, min, max } = histograms
      sketches[nameOf(ref)] ??= new Sketch()
      sketches[nameOf(ref)].addColumns(key, bucketCount, from, from + buckets[i], sum[i], min[i], max[i])
      from += buckets[i]
    })
    samples?.series.forEach((ref: number, i: number) => {
      if (samples.timeMs[i] >= (levels[nameOf(ref)]?.[0] ?? 0)) {
        levels[nameOf(ref)] = [samples.timeMs[i], samples.value[i]]
      }
    })
  }
  const entries = Object.entries(sketches).map(([name, one]) => {
    const { key, bucketCount } = one.toColumns()
    return [name, { key: [...key], counts: [...bucketCount], sum: one.sum, min: one.min, max: one.max }]
  })
  return { sums, sketches: Object.fromEntries(entries), levels }
}

const call = fc.record({
  kind: fc.constantFrom('counter', 'upDownCounter', 'gauge', 'histogram'),
  tag: fc.integer({ min: 0, max: 8 }),
  // Whole numbers add up exactly in any order.
  value: fc.integer({ min: -1000, max: 1000 }),
})

it('says what its batches said, of as many calls', async () => {
  const steps = fc.array(fc.array(call, { maxLength: 30 }), { minLength: 2, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(steps, async (flushes) => {
      const { batches, sealer, meter, flush, platform } = setUp()
      for (const calls of flushes) {
        for (const { kind, tag, value } of calls) {
          const attributes = { tag }
          if (kind === 'counter') meter.counter('c', { unit: 'By' }).add(Math.abs(value), attributes)
          else if (kind === 'upDownCounter') meter.upDownCounter('u').add(value, attributes)
          else if (kind === 'gauge') meter.gauge('g').set(value, attributes)
          else meter.histogram('h').record(value, attributes)
          await platform.clock.advance(1)
        }
        await flush()
      }
      fc.pre(batches.length > 1)
      const before = batches.map(({ bytes }) => decodeBatch(bytes))
      const merged = mergeBatches(batches, sealer)
      expect(merged).toBeDefined()
      const after = decodeBatch(merged!.bytes)
      expect(said([after])).toEqual(said(before))
      expect(merged!.calls).toBe(batches.reduce((sum, batch) => sum + batch.calls, 0))
      const intervals = before
        .flatMap(({ points, histograms }) => [points, histograms])
        .filter((one) => one !== undefined)
      const table = after.points ?? after.histograms
      expect(table?.startMs).toBe(table && Math.min(...intervals.map(({ startMs }) => startMs)))
      expect(table?.endMs).toBe(table && Math.max(...intervals.map(({ endMs }) => endMs)))
      expect(after.series.some(({ kind }) => kind === Kind.histogram)).toBe(after.histograms !== undefined)
    }),
    { numRuns: 60 },
  )
})

it('tells of the losses that its batches would have told of', async () => {
  const { batches, ledger, sealer, meter, flush } = setUp()
  for (let i = 0; i < 3; i++) {
    ledger.refuse(1, 'queue_full', 2)
    ledger.refuse(2, 'not_finite', 1)
    meter.counter('c').add(1)
    await flush()
  }
  const merged = mergeBatches(batches, sealer)
  const expected = [
    { signal: 1, reason: 'queue_full', count: 6 },
    { signal: 2, reason: 'not_finite', count: 3 },
  ]
  expect(merged?.drops).toEqual(expected)
  const { drops, strings } = decodeBatch(merged!.bytes)
  expect(drops.map((drop) => ({ ...drop, reason: strings[drop.reason] }))).toEqual(expected)
})

it('is not done where one batch could not hold it', async () => {
  const { batches, sealer, meter, flush } = setUp()
  for (let i = 0; i < 2; i++) {
    meter.counter('c').add(1, { text: String(i).repeat(200) })
    await flush()
  }
  expect(mergeBatches(batches, Object.assign(sealer, { maxBatchBytes: 300 }))).toBeUndefined()
})
