/** Answers from memory equal those of SQL, whatever has been loaded before, and the memory has a bound. */
import { Kind, type KindCode } from '@telltale/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createEngine } from '../engine.js'
import type { AggregateRequest, Partials, Store } from '../store.js'
import { batch, histogramColumns, replay, type Sample, T0 } from '../testing/batches.js'
import { differences, ModelStore } from '../testing/model.js'
import { keepForever, newFolder, removeFolder } from '../testing/places.js'
import { aggregateRequest } from '../testing/requests.js'
import { pointBlock } from './blocks.js'
import { Cells } from './cells.js'
import { SeriesGroups } from './groups.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

let folder: string
let store: Store
let model: ModelStore
let sequence: number

async function open(warmBytes: number): Promise<void> {
  store = createEngine({ dataDir: folder, threads: 2, memoryLimitMb: 512, retention: keepForever, warmBytes })
  await store.open(replay)
}

beforeEach(() => {
  folder = newFolder()
  model = new ModelStore()
  sequence = 0
})

afterEach(async () => {
  await store.close()
  removeFolder(folder)
})

async function append(samples: readonly Sample[], kind: KindCode): Promise<void> {
  const one = batch({ samples, sequence: sequence++, kind })
  model.append(one)
  await store.append(one)
}

/** Sealed twice, so that today's files lie beside each other as they came, with rows that are still hot on top. */
async function fill(kind: KindCode): Promise<void> {
  for (let part = 0; part < 3; part++) {
    const samples: Sample[] = []
    for (let i = 0; i < 600; i++) {
      // Minutes that go back and forth, and several values at one time.
      const timeMs = T0 + ((i * 7 + part) % 300) * MINUTE_MS + (i % 5) * 1000
      samples.push([1 + (i % 8), timeMs, i % 3 === 0 ? -i : i * 1.5])
    }
    await append(samples, kind)
    if (part < 2) await store.seal()
  }
}

const grids: Partial<AggregateRequest>[] = [
  { stepMs: 0 },
  { stepMs: 1000, startMs: T0 + 3000, endMs: T0 + HOUR_MS },
  { stepMs: MINUTE_MS },
  { stepMs: 7 * MINUTE_MS, startMs: T0 + 90_500, endMs: T0 + 4 * HOUR_MS + 1 },
  { stepMs: HOUR_MS, startMs: T0 + 10 * MINUTE_MS },
]
const wants: AggregateRequest['want'][] = [
  { sum: true },
  { minMax: true },
  { last: true },
  { sketch: true, minMax: true },
  { sum: true, minMax: true, last: true, sketch: true },
]

async function expectEqual(kind: KindCode): Promise<void> {
  // Twice: as blocks are loaded, and once they are there. Wishes that grow load columns on top of those that are there.
  for (let round = 0; round < 2; round++) {
    for (const grid of grids) {
      for (const want of wants) await store.aggregate(aggregateRequest({ ...grid, kind, want }))
      const request = aggregateRequest({ ...grid, kind })
      expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
    }
  }
}

it.each([Kind.gauge, Kind.histogram])('agrees with the model before and after merges (kind %i)', async (kind) => {
  await open(64 * 1024 * 1024)
  await fill(kind)
  await expectEqual(kind)
  await store.maintain()
  await expectEqual(kind)
})

it('agrees with the model where hours have been put together', async () => {
  await open(64 * 1024 * 1024)
  const samples: Sample[] = []
  for (let i = 0; i < 2000; i++) samples.push([1 + (i % 8), T0 + i * 2 * MINUTE_MS, 1 + ((i * i) % 977)])
  await append(samples, Kind.histogram)
  await store.seal()
  for (const [startHour, hours] of [
    [0, 48],
    [5, 23],
    [6, 18],
    [7, 6],
    [3, 41.5],
  ]) {
    for (const stepMs of [0, HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS]) {
      for (const originMs of [T0, T0 + 2 * HOUR_MS]) {
        const startMs = T0 + startHour * HOUR_MS
        const place = { startMs, endMs: startMs + hours * HOUR_MS, stepMs, originMs: originMs - 30 * 24 * HOUR_MS }
        const request = aggregateRequest({ kind: Kind.histogram, ...place })
        expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
      }
    }
  }
})

it('agrees with the model where buckets hold one value each', async () => {
  await open(64 * 1024 * 1024)
  const samples = Array.from({ length: 400 }, (_, i): Sample => [1 + (i % 8), T0 + i * 11 * MINUTE_MS + i, i * 1.5 - 9])
  await append(samples, Kind.gauge)
  await store.seal()
  await expectEqual(Kind.gauge)
})

it('believes sum and bounds of single values as they were sent', async () => {
  await open(64 * 1024 * 1024)
  const rows = Array.from({ length: 200 }, (_, i) => {
    const timeMs = T0 + i * 11 * MINUTE_MS
    return { series: 1 + (i % 8), timeMs, sum: i + 0.1, min: i, max: i + 1, buckets: [[i, 1]] as const }
  })
  const one = batch({ columns: { histograms: histogramColumns(rows) }, kind: Kind.histogram })
  model.append(one)
  await store.append(one)
  await store.seal()
  await expectEqual(Kind.histogram)
})

it.each([0, 20_000])('agrees with the model where little or nothing may be kept (%i bytes)', async (warmBytes) => {
  await open(warmBytes)
  await fill(Kind.histogram)
  await expectEqual(Kind.histogram)
})

it('loads a block once for reads that come at the same time, and after one that gave up', async () => {
  await open(64 * 1024 * 1024)
  await fill(Kind.gauge)
  await store.seal()
  const request = aggregateRequest({ want: { sum: true } })
  const cancel = new AbortController()
  const reads = [0, 1, 2].map((read) => store.aggregate(request, read === 0 ? cancel.signal : undefined))
  cancel.abort()
  const [first, ...others] = await Promise.allSettled(reads)
  expect(['rejected', 'fulfilled']).toContain(first.status)
  const whole = { ...request, want: { sum: true, minMax: true, last: true, sketch: true } }
  for (const other of others) expect(other.status).toBe('fulfilled')
  expect(differences(await store.aggregate(whole), model.aggregate(whole))).toEqual([])
})

it('takes the value of the highest series where several were last', () => {
  const series = Uint32Array.of(3, 5, 4)
  const groups = new SeriesGroups({ series, group: new Uint32Array(3) })
  const grid = { startMs: 0, endMs: 10, originMs: 0, stepMs: 0, buckets: 1 }
  const cells = new Cells(1, 1, { last: true })
  const columns = { value: Float64Array.of(30, 50, 40) }
  const block = pointBlock({ series, time: Int32Array.of(7, 7, 7) }, columns, { baseMs: 0, unitMs: 1 })
  cells.addBlock(block, { startMs: 0, endMs: 10 }, grid, groups)
  const partials = {} as Partials
  cells.writeTo(partials, grid)
  expect([...partials.last, ...partials.lastMs]).toEqual([50, 7])
})
