import { expect, it } from 'vitest'
import { Pipeline } from './pipeline.js'
import { SeriesRegistry } from './series-registry.js'
import { nowMs, sampleBatch, testSettings } from './testing/batches.js'

const settings = { ...testSettings, maxSeriesPerProject: 2 }
const isOwn = (stream: Uint8Array) => stream[0] === 7
const batch = (...names: string[]) =>
  sampleBatch(
    names.map((name) => ({ name })),
    names.map((_, i) => [i, 1]),
  )

it('nobody else may send metrics of the collector, whichever comes first', () => {
  const registry = new SeriesRegistry(settings)
  const own = new Pipeline(registry, settings, undefined, isOwn)
  const others = new Pipeline(registry, settings)
  const payload = batch('telltale.series')
  expect(others.prepare(1, payload, nowMs).rejected[0]?.reason).toBe('reserved_name')
  expect(own.prepare(1, payload, nowMs).accepted).toBe(1)
  expect(others.prepare(1, payload, nowMs).rejected[0]?.reason).toBe('reserved_name')
})

it('they take no room from others, and find room where there is none', () => {
  const registry = new SeriesRegistry(settings)
  const own = new Pipeline(registry, settings, undefined, isOwn)
  expect(own.prepare(1, batch('telltale.a', 'telltale.b', 'telltale.c'), nowMs).accepted).toBe(3)
  expect(own.prepare(1, batch('x', 'y', 'z'), nowMs)).toMatchObject({
    accepted: 2,
    rejected: [{ reason: 'too_many_series' }],
  })
  expect(own.prepare(1, batch('telltale.d'), nowMs).accepted).toBe(1)
})
