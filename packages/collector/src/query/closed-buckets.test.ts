import { Kind } from '@telltale/protocol'
import { MetricsQuery, type MetricsResult } from '@telltale/protocol/api'
import { expect, it } from 'vitest'
import { createQueryService } from './service.js'
import { bench, histograms, reader, samples } from './testing/fixtures.js'
import { hourMs, minuteMs } from './time.js'

const noon = Date.UTC(2026, 0, 15, 12)
/** Neither end of the range lies on an edge. */
const start = noon + 20_500

function timeline() {
  const setting = bench(start)
  const { index, store } = setting
  const hosts = ['a', 'b'].map((host) => index.define(1, 'load', Kind.gauge, { host }))
  for (let minute = 1; minute < 60; minute++) {
    store.append(1, samples(hosts.map((series, i) => [series, noon - minute * minuteMs, minute * (i + 1)])))
  }
  const ranges = () => store.requests.splice(0).map(({ startMs, endMs }) => [startMs - noon, endMs - noon])
  const add = (timeMs: number, value: number) => store.append(1, samples([[hosts[0]!, timeMs, value]]))
  return { ...setting, add, ranges }
}

const byMinute: MetricsQuery = { metric_name: 'load', time_range: { start: 'now-1h' }, step: '1m', group_by: ['host'] }

it('asks for the ends of a timeline alone, as it moves on', async () => {
  const { ask, add, ranges, setNow } = timeline()
  await ask(byMinute)
  expect(ranges()).toEqual([[20_500 - hourMs, 20_500]])
  add(start, 7)
  setNow(start + 2 * minuteMs)
  const { data } = await ask(byMinute)
  // From the range's start to the first edge, and from the last edge that was closed.
  expect(ranges()).toEqual([
    [140_500 - hourMs, 180_000 - hourMs],
    [0, 140_500],
  ])
  expect(data.at(-1)).toMatchObject({ value: 7, tags: { host: 'a' } })
  add(start + 2 * minuteMs, 8)
  setNow(start + 3 * minuteMs)
  await ask(byMinute)
  expect(ranges()[1]).toEqual([120_000, 200_500])
})

it('reads all of it again where late data came', async () => {
  const { ask, add, ranges, setNow } = timeline()
  await ask(byMinute)
  ranges()
  setNow(start + 1)
  add(noon - 30 * minuteMs, 1_000)
  const { data } = await ask(byMinute)
  expect(ranges()).toEqual([[20_501 - hourMs, 20_501]])
  expect(data.find(({ timestamp }) => Date.parse(timestamp) === noon - 30 * minuteMs)!.value).toBe(515)
})

it('keeps what a range is compared with apart', async () => {
  const { ask, add, ranges, setNow } = timeline()
  const compared: MetricsQuery = { ...byMinute, compare_to: '1h' }
  await ask(compared)
  ranges()
  for (let i = 1; i < 3; i++) {
    add(start + i * 1_000, 1)
    setNow(start + i * 1_000 + 1)
    await ask(compared)
    expect(ranges()).toHaveLength(4)
  }
})

it('merges distributions of several groups', async () => {
  const { ask, index, store, setNow } = bench(start)
  const hosts = ['a', 'b', 'c'].map((host) => index.define(1, 'wait', Kind.histogram, { host }))
  for (let minute = 0; minute < 60; minute++) {
    const values = Array.from({ length: 9 }, (_, i) => (i + 1) * (minute + 1))
    // Not every group has data in every bucket.
    const rows = hosts.filter((_, i) => minute % (i + 1) === 0).map((series) => ({ series, values, timeMs: noon - minute * minuteMs })) // biome-ignore format: one list
    store.append(1, histograms(rows))
  }
  const query: MetricsQuery = { ...byMinute, metric_name: 'wait', aggregation: 'p90' }
  await ask(query)
  const moved = start + 3 * minuteMs
  store.append(1, histograms([{ series: hosts[1]!, values: [5, 6], timeMs: moved - minuteMs }]))
  setNow(moved)
  store.requests.length = 0
  const kept = await ask(query)
  expect(store.requests).toHaveLength(2)
  const plain = createQueryService({ store, series: index, now: () => moved, cacheBytes: 0 })
  const whole = (await plain.metrics(reader, MetricsQuery.parse(query))) as MetricsResult
  expect(kept.data).toEqual(whole.data)
})

it('leaves short timelines and single values to the store', async () => {
  const { ask, add, ranges } = timeline()
  for (const query of [
    { ...byMinute, step: '10m' },
    { ...byMinute, step: undefined },
  ] satisfies MetricsQuery[]) {
    for (let i = 0; i < 2; i++) {
      add(start - 1, i)
      await ask(query)
      expect(ranges()).toHaveLength(1)
    }
  }
})
