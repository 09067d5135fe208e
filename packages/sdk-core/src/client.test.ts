/** What hosts do to a client, hostile ones included, and what comes of it. */
import type { DecodedBatch } from '@telltale/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { SdkClient } from './client.js'
import { createModuleFunctions } from './module-functions.js'
import type { ClientOptions } from './options.js'
import { FakePlatform } from './testing/fake-platform.js'

let platform: FakePlatform

beforeEach(() => {
  platform = new FakePlatform()
})

function start(options: ClientOptions = {}): SdkClient {
  return new SdkClient(platform, { logger: platform.logger, ...options })
}

/** name{key=value,…} → value, for all metric rows of the newest request that has some. */
function metricsOf(batch: DecodedBatch): Record<string, number> {
  const { strings, series, points, samples, histograms } = batch
  const rows: Record<string, number> = {}
  const put = (index: number, value: number) => {
    const one = series[index]
    const pairs: string[] = []
    for (let i = 0; i < one.attributes.length; i += 2) {
      pairs.push(`${strings[one.attributes[i]]}=${strings[one.attributes[i + 1]]}`)
    }
    rows[`${strings[one.name]}{${pairs.join(',')}}`] = value
  }
  for (let i = 0; i < (points?.count ?? 0); i++) put(points!.series[i], points!.value[i])
  for (let i = 0; i < (samples?.count ?? 0); i++) put(samples!.series[i], samples!.value[i])
  for (let i = 0; i < (histograms?.count ?? 0); i++) put(histograms!.series[i], histograms!.sum[i])
  return rows
}

describe('hostile hosts', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  const hostile: unknown[] = [
    undefined,
    null,
    Symbol('s'),
    () => 1,
    10n,
    '',
    'x'.repeat(10_000_000),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '5',
    {},
    [],
    cyclic,
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    ),
    {
      get a() {
        throw new Error('no')
      },
    },
    { a: Symbol('s'), b: cyclic, c: () => 1, d: new Date(Number.NaN), e: Number.NaN },
    Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])),
    { ['k'.repeat(100_000)]: 'v', v: 'v'.repeat(10_000_000) },
    { '\ud800': '\udc00' },
    Object.create(null),
    {
      toString() {
        throw new Error('no')
      },
    },
  ]

  it('never make the SDK throw, and every call is accounted for', async () => {
    const client = start()
    // The host is plain JavaScript here: types are what it does not respect.
    const sdk = client as unknown as Record<
      string,
      (...args: unknown[]) => Record<string, (...args: unknown[]) => unknown>
    >
    let calls = 0
    for (const value of hostile) {
      for (const other of hostile) {
        for (const [make, record] of [
          ['counter', 'add'],
          ['upDownCounter', 'add'],
          ['gauge', 'set'],
          ['histogram', 'record'],
        ]) {
          sdk[make](value, other)[record](1)
          sdk[make]('fine', other)[record](value === undefined ? 1 : value, other)
          const bound = sdk[make](`declared.${make}`, { attributes: ['a', 'b'] }).with(value) as {
            [name: string]: (...args: unknown[]) => void
          }
          bound[record](other === undefined ? 2 : other)
          calls += 3
        }
        sdk.track(value, other)
        sdk.withTaskMetrics(
          value,
          (task: Record<string, (...args: unknown[]) => void>) => {
            task.set(value, other)
            task.step(value)
          },
          other,
        )
        expect(() =>
          sdk.withTaskMetrics(
            'thrower',
            () => {
              throw value
            },
            { attributes: other, id: value, attempt: other },
          ),
        ).toThrow()
        calls += 3
      }
    }
    expect(client.stats().recorded).toBe(calls)
    await client.flush()
    const stats = client.stats()
    expect(stats.recorded).toBe(calls)
    expect(stats.buffered).toBe(0)
    expect(stats.dropped.internal).toBeUndefined()
    expect(stats.acked + Object.values(stats.dropped).reduce((a, b) => a + b, 0)).toBe(calls)
    await client.close()
  })

  it('get back what their function throws, itself', async () => {
    const client = start()
    const error = { not: 'an Error' }
    const caught: unknown[] = []
    try {
      client.withTaskMetrics('t', () => {
        throw error
      })
    } catch (thrown) {
      caught.push(thrown)
    }
    await client.withTaskMetrics('t', () => Promise.reject(error)).catch((thrown) => caught.push(thrown))
    expect(caught).toEqual([error, error])
    expect(caught[0]).toBe(error)
    expect(caught[1]).toBe(error)
    await client.close()
  })

  it('may have a logger that throws', async () => {
    const client = new SdkClient(platform, {
      logger: {
        warn: () => {
          throw new Error('no')
        },
      },
    })
    client.gauge('a').set(1)
    client.counter('a').add(1)
    expect(client.stats().dropped).toEqual({ kind_conflict: 1 })
    await client.close()
  })
})

describe('refused calls', () => {
  it('are counted by reason and warned of once', async () => {
    const client = start({ maxSeriesPerMetric: 2 })
    client.counter('jobs').add(-1)
    client.counter('jobs').add(Number.NaN)
    client.gauge('jobs').set(1)
    client.gauge('jobs').set(1)
    client.counter('').add()
    client.counter('a\nb').add()
    client.track('e', Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i])))
    client.counter('wide').add(1, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i])))
    expect(client.stats().dropped).toEqual({
      negative_value: 1,
      not_finite: 1,
      kind_conflict: 2,
      invalid_name: 2,
      too_many_attributes: 2,
    })
    expect(platform.warnings.length).toBe(new Set(platform.warnings).size)
    expect(platform.warnings.some((one) => one.includes("'jobs' exists as a counter"))).toBe(true)
    await client.close()
  })

  it('past the series limit share one series', async () => {
    const client = start({ maxSeriesPerMetric: 2 })
    for (let i = 0; i < 50; i++) client.counter('users').add(1, { user: i })
    await client.flush()
    expect(metricsOf(platform.requests[0])).toEqual({
      'users{user=0}': 1,
      'users{user=1}': 1,
      'users{telltale.overflow=true}': 48,
    })
    expect(platform.warnings.length).toBe(1)
    await client.close()
  })

  it('past the metric limit cannot grow memory', async () => {
    const client = start()
    for (let i = 0; i < 2100; i++) client.counter(`name.${i}`).add(1)
    expect(client.stats().dropped).toEqual({ too_many_metrics: 100 })
    await client.close()
  })
})

describe('instruments', () => {
  it('made before init come alive with it, and with the next client after it', async () => {
    const sdk = createModuleFunctions(platform)
    const bound = sdk.histogram('h', { attributes: ['route'] }).with({ route: '/a' })
    const plain = sdk.counter('c')
    sdk.observe('o', () => 7)
    bound.record(1)
    plain.add(1)
    sdk.track('nothing')
    expect(sdk.withTaskMetrics('t', (task) => task.type)).toBe('t')
    await sdk.flush()
    await sdk.close()
    expect(sdk.stats()).toEqual({ recorded: 0, acked: 0, rejected: 0, buffered: 0, dropped: {} })
    for (const round of [1, 2]) {
      const client = sdk.init({ logger: false })
      bound.record(round)
      plain.add(round)
      plain.add(round, { of: 'two' })
      client.counter('c').add(10)
      expect(sdk.stats()).toEqual(client.stats())
      await sdk.flush()
      expect(metricsOf(platform.requests.at(-1)!)).toEqual({
        'h{route=/a}': round,
        'c{}': round + 10,
        'c{of=two}': round,
        'o{}': 7,
      })
      await sdk.close()
      plain.add(1)
      expect(sdk.stats().dropped).toEqual({ closed: 1 })
    }
  })

  it('of two clients are apart; the functions follow the newest', async () => {
    const sdk = createModuleFunctions(platform)
    const first = sdk.init({ logger: false, service: 'one' })
    const second = sdk.init({ logger: false, service: 'two' })
    first.counter('c').add(1)
    second.counter('c').add(2)
    sdk.counter('c').add(4)
    await Promise.all([first.flush(), second.flush()])
    const byService = Object.fromEntries(
      platform.requests.map((batch) => [batch.strings.includes('one') ? 'one' : 'two', metricsOf(batch)]),
    )
    expect(byService).toEqual({ one: { 'c{}': 1 }, two: { 'c{}': 6 } })
    await Promise.all([first.close(), second.close()])
  })

  it('tell series apart by canonical attributes', async () => {
    const client = start()
    const c = client.counter('c')
    c.add(1, { a: 1, b: 'x' })
    c.add(1, { b: 'x', a: '1' })
    c.with({ b: 'x', a: 1, none: undefined, empty: '' }).add(1)
    const declared = client.counter('d', { attributes: ['b', 'a'] })
    declared.add(1, { a: 1, b: true, other: 'ignored' })
    declared.add(1, { a: '1', b: 'true' })
    declared.add(1, { a: 1 })
    declared.add(1)
    await client.flush()
    expect(metricsOf(platform.requests[0])).toEqual({ 'c{a=1,b=x}': 3, 'd{a=1,b=true}': 2, 'd{a=1}': 1, 'd{}': 1 })
    await client.close()
  })

  it('are observed at each flush; an observer that throws is counted', async () => {
    const client = start()
    const stop = client.observe('depth', () => 3, { attributes: { queue: 'mail' }, unit: '1' })
    client.observe('broken', () => {
      throw new Error('no')
    })
    await client.flush()
    expect(metricsOf(platform.requests[0])).toEqual({ 'depth{queue=mail}': 3 })
    stop()
    await client.flush()
    expect(platform.requests.length).toBe(1)
    expect(client.stats()).toMatchObject({ recorded: 3, acked: 1, dropped: { observer_failed: 2 } })
    expect(platform.warnings).toEqual(["telltale: observing 'broken' failed: Error: no"])
    await client.close()
  })
})
