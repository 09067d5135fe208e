import { type DecodedBatch, decodeBatch } from '@telltale/protocol'
import { beforeEach, expect, it } from 'vitest'
import { SelfMetrics } from './self-metrics.js'
import { Telemetry } from './telemetry.js'

const secret = new Uint8Array(12).fill(7)
let telemetry: Telemetry
let nowMs: number
let failing: boolean
let own: SelfMetrics
const batches: DecodedBatch[] = []

beforeEach(() => {
  telemetry = new Telemetry()
  nowMs = Date.UTC(2026, 0, 1)
  failing = false
  batches.length = 0
  own = new SelfMetrics({
    secret,
    intervalMs: 0,
    read: async () => telemetry.measured(),
    take: async (payload) => {
      if (failing) throw new Error('the disk is full')
      batches.push(decodeBatch(payload))
    },
    onFailure: () => {},
    now: () => nowMs,
  })
})

async function tick(): Promise<void> {
  nowMs += 10_000
  await own.tick()
}

/** `name{tags} = value` of each row of the last batch; of histograms their counts. */
function rows(): string[] {
  const { strings, series, samples, points, histograms } = batches.at(-1)!
  const shown = (place: number, value: number) => {
    const { name, unit, attributes } = series[place]!
    const tags = Array.from({ length: attributes.length / 2 }, (_, i) =>
      [strings[attributes[2 * i]!], strings[attributes[2 * i + 1]!]].join('='),
    )
    return `${strings[name]}{${tags}} ${strings[unit]} = ${value}`
  }
  return [
    ...Array.from(samples?.series ?? [], (place, i) => shown(place, samples!.value[i]!)),
    ...Array.from(points?.series ?? [], (place, i) => shown(place, points!.value[i]!)),
    ...Array.from(histograms?.series ?? [], (place, i) => shown(place, histograms!.buckets[i]!)),
  ]
}

it('keeps gauges as they are, what counters grew by, and observations since the last tick', async () => {
  const rowsTotal = telemetry.counter('telltale_ingest_rows_total', 'Rows.')
  const seconds = telemetry.histogram('telltale_query_seconds', 'Time.')
  telemetry.reading('process_resident_memory_bytes', 'gauge', 'Memory.', () => 42)
  rowsTotal.add(5, { signal: 'sample' })
  seconds.observe(0.01, { kind: 'metrics' })
  await tick()
  expect(rows()).toEqual([
    'telltale.process_resident_memory_bytes{} By = 42',
    'telltale.ingest_rows_total{signal=sample}  = 5',
    'telltale.query_seconds{kind=metrics} s = 1',
  ])
  rowsTotal.add(2, { signal: 'sample' })
  await tick()
  expect(rows().slice(1)).toEqual(['telltale.ingest_rows_total{signal=sample}  = 2'])
  const [first, second] = batches as [DecodedBatch, DecodedBatch]
  expect([second.points!.startMs, second.points!.endMs]).toEqual([nowMs - 10_000, nowMs])
  expect([first.sequence, second.sequence]).toEqual([0, 1])
  expect(Buffer.from(second.streamId.subarray(0, 12))).toEqual(Buffer.from(secret))
})

it('carries over what could not be stored', async () => {
  const total = telemetry.counter('telltale_ingest_rows_total', 'Rows.')
  const seconds = telemetry.histogram('telltale_query_seconds', 'Time.')
  failing = true
  total.add(3)
  seconds.observe(1)
  await tick()
  total.add(4)
  seconds.observe(2)
  failing = false
  await tick()
  expect(rows()).toEqual(['telltale.ingest_rows_total{}  = 7', 'telltale.query_seconds{} s = 2'])
})

it('leaves out the tick in which the clock was set back, and loses nothing', async () => {
  const total = telemetry.counter('telltale_ingest_rows_total', 'Rows.')
  total.add(3)
  nowMs -= 60_000
  await own.tick()
  expect(batches).toEqual([])
  await tick()
  expect(rows()).toEqual(['telltale.ingest_rows_total{}  = 3'])
})
