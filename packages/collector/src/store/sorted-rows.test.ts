import { Kind } from '@telltale/protocol'
import { expect, it } from 'vitest'
import type { SeriesDef } from '../model.js'
import { HistogramBlock, type NumberBlock, SampleBlock, SketchBlock } from './blocks.js'
import { Scratch } from './scratch.js'
import { SeriesKinds } from './series-kinds.js'
import { SeriesMetrics } from './series-metrics.js'
import { type HotNumbers, RowSorter } from './sorted-rows.js'

const SERIES = 30
const START_MS = Date.UTC(2026, 0, 5, 22)

it('gives the same rows whatever was in the memory before', async () => {
  const scratch = new Scratch()
  const first = await sorted(hotRows(1, 20_000), scratch)
  const second = await sorted(hotRows(2, 30_000), scratch)
  const third = await sorted(hotRows(3, 9000), scratch)
  expect(second).toEqual(await sorted(hotRows(2, 30_000), new Scratch()))
  expect(third).toEqual(await sorted(hotRows(3, 9000), new Scratch()))
  expect(Object.keys(first)).toEqual(['samples', 'hist', 'r1m', 'r5m', 'r1h', 'r1d', 'sketch', 'k1m', 'k1h', 'k1d'])
  expect(first).toEqual(await sorted(hotRows(1, 20_000), new Scratch()))
})

it('counts in every rollup each sample and each observation once', async () => {
  const rows = 20_000
  const tables = await sorted(hotRows(4, rows), new Scratch())
  // Metric, series and time come first.
  for (const level of ['r1m', 'r5m', 'r1h', 'r1d']) expect(total(tables[level]![3]!)).toBe(rows + 4 * (rows / 10))
  const sampled = tables.samples![1]!.filter((series) => isHistogram(series)).length
  for (const level of ['k1h', 'k1d']) expect(total(tables[level]![4]!)).toBe(sampled + 4 * (rows / 10))
  expect(total(tables.k1m![4]!)).toBe(4 * (rows / 10))
})

/** All columns by table: copied, as their memory is used again. */
async function sorted(hot: HotNumbers, scratch: Scratch): Promise<Record<string, number[][]>> {
  const kinds = new SeriesKinds()
  const metrics = new SeriesMetrics()
  const series = Array.from({ length: SERIES }, (_, i) => definition(i + 1))
  kinds.learn(series)
  metrics.learn(series)
  const found: Record<string, number[][]> = {}
  const sorter = new RowSorter(kinds, metrics, scratch, async () => {})
  for await (const { table, rows, columns } of sorter.tables(hot)) {
    found[table] = columns.map((column) => [...column.subarray(0, rows)])
  }
  return found
}

const isHistogram = (series: number) => series % 2 === 0

function definition(id: number): SeriesDef {
  const kind = isHistogram(id) ? Kind.histogram : Kind.gauge
  return { id, project: 1, metric: `m${id % 3}`, kind, unit: '', description: '', attributes: [] }
}

/** Samples of all series, some late, over four hours and two days; and a tenth as many histograms of four observations. */
function hotRows(seed: number, rows: number): HotNumbers {
  const random = seeded(seed)
  const anySeries = () => 1 + Math.floor(random() * SERIES)
  const timeAt = (share: number) => Math.floor(START_MS + share * 4 * 3_600_000 + random() * 60_000)
  const samples = new SampleBlock()
  samples.append({
    count: rows,
    series: Uint32Array.from({ length: rows }, anySeries),
    timeMs: Float64Array.from({ length: rows }, (_, i) => timeAt(i / rows)),
    value: Float64Array.from({ length: rows }, () => random() * 1000),
  })
  const count = rows / 10
  const histograms = {
    count,
    series: Uint32Array.from({ length: count }, () => 2 * Math.ceil(anySeries() / 2)),
    timeMs: Float64Array.from({ length: count }, (_, i) => timeAt(i / count)),
    sum: Float64Array.from({ length: count }, () => random() * 1000),
    min: new Float64Array(count).fill(1),
    max: new Float64Array(count).fill(500),
    buckets: new Uint32Array(count).fill(2),
    key: Int32Array.from({ length: 2 * count }, (_, i) => 2 * Math.floor(random() * 3000) + (i % 2)),
    bucketCount: Uint32Array.from({ length: 2 * count }, (_, i) => 1 + 2 * (i % 2)),
  }
  const hist = new HistogramBlock()
  const sketch = new SketchBlock()
  hist.append(histograms)
  sketch.append(histograms)
  const blocks = (block: unknown) => [block as NumberBlock<never>]
  return { samples: blocks(samples), hist: blocks(hist), sketch: blocks(sketch) }
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
