import { Kind } from '@telltale/protocol'
import { MetricsQuery, type MetricsResult } from '@telltale/protocol/api'
import { describe, expect, it } from 'vitest'
import { bench, reader, samples } from './testing/fixtures.js'
import { hourMs, minuteMs } from './time.js'

const noon = Date.UTC(2026, 0, 15, 12)
const lastHour = { metric_name: 'load', time_range: { start: 'now-1h' }, step: '5m' } as const
const oneDay = { metric_name: 'load', time_range: { start: noon - 24 * hourMs, end: noon }, step: '1h' } as const

function loaded(cacheBytes?: number) {
  const setting = bench(noon, {}, cacheBytes)
  const { index, store } = setting
  const a = index.define(1, 'load', Kind.gauge, { host: 'a' })
  const b = index.define(1, 'load', Kind.gauge, { host: 'b' })
  const other = index.define(1, 'other', Kind.gauge)
  const add = (series: number, timeMs: number, value: number) => store.append(1, samples([[series, timeMs, value]]))
  add(a, noon - 30 * minuteMs, 1)
  add(b, noon - 20 * minuteMs, 3)
  return { ...setting, a, b, other, add }
}

describe('kept answers', () => {
  it('say so, and are the same', async () => {
    const { ask, askColumns, store, service } = loaded()
    const first = await ask(lastHour)
    const second = await ask({ ...lastHour, filters: {} })
    expect([first.meta.cached, second.meta.cached]).toEqual([false, true])
    expect(second.data).toEqual(first.data)
    expect((await askColumns(lastHour)).meta.cached).toBe(false)
    expect(store.requests).toHaveLength(2)
    expect(service.cacheStats()).toMatchObject({ hits: 1, misses: 2, shared: 0, entries: 2 })
    expect(service.cacheStats().bytes).toBeGreaterThan(100)
  })

  it('stand for a relative range as long as its buckets do, for seconds at most', async () => {
    const { ask, setNow } = loaded()
    const isCached = async () => (await ask(lastHour)).meta.cached
    setNow(noon + 1)
    await ask(lastHour)
    setNow(noon + 5_001)
    expect(await isCached()).toBe(true)
    setNow(noon + 5_002)
    expect(await isCached()).toBe(false)
    setNow(noon + 5 * minuteMs - 1)
    expect(await isCached()).toBe(false)
    setNow(noon + 5 * minuteMs)
    expect(await isCached()).toBe(false)
  })

  it('stand for minutes where the range is fixed and over', async () => {
    const { ask, setNow } = loaded()
    await ask(oneDay)
    setNow(noon + 300_000)
    expect((await ask(oneDay)).meta.cached).toBe(true)
    setNow(noon + 300_001)
    expect((await ask(oneDay)).meta.cached).toBe(false)
    setNow(noon + 200_000)
    expect((await ask(oneDay)).meta.cached).toBe(false)
  })

  it('fall with late data of their series, and with no other', async () => {
    const { ask, add, a, b, other } = loaded()
    const onlyA = { ...oneDay, filters: { host: 'a' } }
    await ask(onlyA)
    add(b, noon - hourMs, 9)
    add(other, noon - hourMs, 9)
    add(a, noon, 9)
    expect((await ask(onlyA)).meta.cached).toBe(false)
    add(other, noon - hourMs, 9)
    add(b, noon - hourMs, 9)
    expect((await ask(onlyA)).meta.cached).toBe(true)
    add(a, noon - 3 * hourMs, 9)
    const { data, meta } = await ask(onlyA)
    expect([data[0]!.value, meta.cached]).toEqual([9, false])
  })

  it('fall with a new series, and where a level changed before the range', async () => {
    const { ask, index, store, add } = loaded()
    await ask({ ...oneDay, group_by: ['host'] })
    add(index.define(1, 'load', Kind.gauge, { host: 'c' }), noon - hourMs, 5)
    expect((await ask({ ...oneDay, group_by: ['host'] })).data).toHaveLength(3)

    const level = index.define(1, 'open', Kind.upDownCounter)
    const query = { ...oneDay, metric_name: 'open', aggregation: 'last' as const, step: undefined }
    store.append(1, samples([[level, noon - hourMs, 1]]))
    expect((await ask(query)).data[0]!.value).toBe(1)
    store.append(1, samples([[level, noon - 900 * hourMs, 4]]))
    expect((await ask(query)).data[0]!.value).toBe(5)
  })

  it('do not hide points that were stored ahead of the clock', async () => {
    const { ask, add, a, setNow } = loaded()
    add(a, noon + 1_000, 70)
    const latest = { ...lastHour, aggregation: 'max' as const }
    expect((await ask({ ...latest, step: undefined })).data[0]!.value).toBe(3)
    setNow(noon + 1_001)
    expect((await ask({ ...latest, step: undefined })).data[0]!.value).toBe(70)
  })

  it('belong to one project and one view', async () => {
    const { service, store, index } = loaded()
    store.append(2, samples([[index.define(2, 'load', Kind.gauge), noon - minuteMs, 8]]))
    const query = MetricsQuery.parse(lastHour)
    const of = async (principal: typeof reader) => (await service.metrics(principal, query)) as MetricsResult
    await of(reader)
    expect((await of({ ...reader, viewKey: 'acme' })).meta.cached).toBe(false)
    const foreign = await of({ ...reader, project: 2 })
    expect([foreign.meta.cached, foreign.data[0]!.value]).toEqual([false, 8])
    expect((await of(reader)).meta.cached).toBe(true)
  })

  it('are not kept where they failed, are too large, or the cache is off', async () => {
    const { ask, service } = loaded(16_000)
    await expect(ask({ ...lastHour, metric_name: 'none' })).rejects.toMatchObject({ code: 'unknown_metric' })
    await ask({ ...lastHour, fill: 'zero', step: '1m' })
    expect(service.cacheStats()).toMatchObject({ entries: 0, misses: 2 })
    for (let i = 0; i < 40; i++) await ask({ ...oneDay, filters: { host: { prefix: 'x'.repeat(i) } } })
    expect(service.cacheStats().bytes).toBeLessThanOrEqual(16_000)
    expect(service.cacheStats().entries).toBeGreaterThan(2)
    const off = loaded(0)
    await off.ask(oneDay)
    expect((await off.ask(oneDay)).meta.cached).toBe(false)
  })

  it('have a tag that changes with their data alone', async () => {
    const { service, add, other, a } = loaded()
    const tag = async () => (await service.metricsJson(reader, MetricsQuery.parse(oneDay))).etag
    const first = await tag()
    add(other, noon - hourMs, 1)
    expect(await tag()).toBe(first)
    add(a, noon - hourMs, 1)
    expect(await tag()).not.toBe(first)
  })
})

describe('equal queries at the same time', () => {
  function held() {
    const setting = loaded()
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    setting.store.gate = () => gate
    return { ...setting, open }
  }

  it('are executed once', async () => {
    const { ask, open, store, service } = held()
    const answers = [ask(lastHour), ask(lastHour), ask(lastHour)]
    open()
    const metas = (await Promise.all(answers)).map(({ meta }) => meta.cached)
    expect(metas).toEqual([false, true, true])
    expect(store.requests).toHaveLength(1)
    expect(service.cacheStats()).toMatchObject({ hits: 0, shared: 2, misses: 1 })
  })

  it('go on when the first to ask has left', async () => {
    const { service, ask, open } = held()
    const left = new AbortController()
    const first = service.metrics(reader, MetricsQuery.parse(lastHour), left.signal)
    const second = ask(lastHour)
    left.abort()
    await expect(first).rejects.toMatchObject({ code: 'query_timeout' })
    open()
    expect((await second).data).toHaveLength(2)
  })

  it('never miss data that was acknowledged before they were asked', async () => {
    const { ask, open, add, a, store } = held()
    const early = ask({ ...lastHour, aggregation: 'max', step: undefined })
    await new Promise((resolve) => setImmediate(resolve))
    add(a, noon - minuteMs, 50)
    const late = ask({ ...lastHour, aggregation: 'max', step: undefined })
    open()
    expect((await early).data[0]!.value).toBe(3)
    expect((await late).data[0]!.value).toBe(50)
    expect(store.requests).toHaveLength(2)
  })
})
