/** Somebody puts something new into a tag with every sample: the caps hold, and whoever was there before is unhurt. */
import { Kind } from '@telltale/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { FoldedKeys } from './folded-keys.js'
import { Pipeline } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'
import { nowMs, sampleBatch, testBatch, testSettings } from './testing/batches.js'

const CAP = 500
const BATCHES = 200
const TAGS = 1000
const settings = { ...testSettings, maxSeriesPerMetric: CAP, maxSeriesPerProject: 2 * CAP }
const old = { name: 'hits', kind: Kind.counter, attributes: { page: '/old' } }

describe('an attack', () => {
  let registry: SeriesRegistry
  let pipeline: Pipeline
  let folded = 0

  beforeAll(() => {
    registry = new SeriesRegistry(settings)
    pipeline = new Pipeline(registry, settings)
    pipeline.prepare(1, sampleBatch([old], [[0, 1]]), nowMs)
    for (let i = 0; i < BATCHES; i++) {
      const series = Array.from({ length: TAGS }, (_, at) => ({
        ...old,
        attributes: { page: `/p${at % 7}`, 'user.id': `u${i * TAGS + at}` },
      }))
      const batch = pipeline.prepare(
        1,
        sampleBatch(
          series,
          series.map((_, at): [number, number] => [at, 1]),
        ),
        nowMs,
      )
      expect(batch.accepted).toBe(TAGS)
      folded += batch.folded
    }
  })

  it('gets as many series as there may be, and one for the rest', () => {
    expect(registry.size).toBe(CAP + 1)
    expect(folded).toBe(BATCHES * TAGS - (CAP - 1))
    expect(registry.foldedSeries).toBe(folded)
  })

  it('leaves the old series and other metrics as they were', () => {
    const batch = pipeline.prepare(
      1,
      sampleBatch(
        [old, { name: 'other' }],
        [
          [0, 5],
          [1, 6],
        ],
      ),
      nowMs,
    )
    expect(batch).toMatchObject({ accepted: 2, folded: 0 })
    expect(registry.get(batch.columns.samples!.series[0]!)?.attributes).toEqual([['page', '/old']])
  })

  it('names the attribute that explodes', () => {
    const overflow = registry.metric(1, 'hits')!.overflow!
    expect([...overflow.keys()].sort()).toEqual(['page', 'user.id'])
    expect(overflow.distinct('page', ['/old'])).toBe(8)
    const users = overflow.distinct('user.id', [])
    expect(Math.abs(users / (BATCHES * TAGS) - 1)).toBeLessThan(0.2)
  })

  it('is held off after a restart, too', () => {
    const restarted = new SeriesRegistry(settings)
    restarted.load([...registry.metric(1, 'hits')!.series])
    const again = new Pipeline(restarted, settings)
    const series = [old, { ...old, attributes: { 'user.id': 'another' } }]
    const { columns, folded: rows } = again.prepare(
      1,
      sampleBatch(series, [
        [0, 1],
        [1, 1],
      ]),
      nowMs,
    )
    const ids = [...columns.samples!.series]
    expect(ids.map((id) => restarted.get(id)?.attributes)).toEqual([
      [['page', '/old']],
      [['telltale.overflow', 'true']],
    ])
    expect([rows, restarted.size]).toEqual([1, CAP + 1])
  })
})

it('holds for the tags of task runs', () => {
  const registry = new SeriesRegistry(settings)
  const pipeline = new Pipeline(registry, settings)
  let folded = 0
  for (let i = 0; i < 20; i++) {
    const payload = testBatch([], (batch, ref) => {
      const types = Array.from({ length: 100 }, (_, at) => ref(`type-${i * 100 + at}`))
      const fill = (value: number) => types.map(() => value)
      const rest = {
        id: fill(0),
        attributes: [],
        durationMs: fill(5),
        status: fill(1),
        cpuTimeMs: fill(1),
        memoryUsageMb: fill(1),
      }
      batch.tasks = { count: types.length, type: types, timeMs: fill(nowMs - 10), ...rest }
    })
    const batch = pipeline.prepare(1, payload, nowMs)
    expect(batch.accepted).toBe(100)
    folded += batch.folded
  }
  expect(registry.size).toBeLessThanOrEqual(2 * CAP + 6)
  expect(folded).toBeGreaterThan(5000)
})

describe('FoldedKeys', () => {
  it('counts within its error, whatever the texts look like', () => {
    for (const [size, text] of [
      [10, (i: number) => String(i)],
      [1000, (i: number) => `user-${i}`],
      [50_000, (i: number) => `${i % 10}/${i}/x`],
    ] as const) {
      const keys = new FoldedKeys()
      for (let i = 0; i < size; i++) keys.add([['k', text(i)]])
      expect(Math.abs(keys.distinct('k', []) / size - 1)).toBeLessThan(0.2)
      // Values that are known already add nothing.
      expect(keys.distinct('k', [text(0), text(1)])).toBe(keys.distinct('k', []))
    }
  })

  it('looks at so many keys and no more', () => {
    const keys = new FoldedKeys()
    for (let i = 0; i < 1000; i++) keys.add([[`key-${i}`, 'x']])
    expect([...keys.keys()]).toHaveLength(32)
    expect(keys.distinct('key-999', ['a', 'b'])).toBe(2)
  })
})
