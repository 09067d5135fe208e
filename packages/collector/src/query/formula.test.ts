/** Formulas, remainders and computed metrics, against numbers that are worked out point by point. */
import { Kind } from '@telltale/protocol'
import { FormulaQuery, MetricsQuery, type MetricsResult, StreamQuery } from '@telltale/protocol/api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricDefinition } from '../model.js'
import { axisOf, resolveStep } from './buckets.js'
import { createQueryService } from './service.js'
import { bench, reader, samples } from './testing/fixtures.js'
import { oracle } from './testing/oracle.js'
import { hourMs, minuteMs } from './time.js'
import { zoneOf } from './zone.js'

const noon = Date.UTC(2026, 0, 15, 12)
const start = noon - hourMs

function scene(points: readonly { metric: string; host: string; atMs: number; value: number }[]) {
  const setting = bench(noon)
  const series = (metric: string, host: string) => setting.index.define(1, metric, Kind.counter, { host, app: 'x' })
  const observed = points.map(({ metric, host, atMs, value }) => [series(metric, host), start + atMs, value] as const)
  setting.store.append(1, samples(observed))
  const formula = async (query: object) => {
    const parsed = FormulaQuery.parse({ time_range: { start, end: noon }, ...query })
    return (await setting.service.metrics(reader, parsed)) as MetricsResult
  }
  return { ...setting, formula }
}

const failed = { id: 'a', metric_name: 'failed', aggregation: 'sum' } as const
const done = { id: 'b', metric_name: 'done', aggregation: 'sum' } as const

describe('formulas', () => {
  it('divides group by group and bucket by bucket, and by zero not at all', async () => {
    const { formula } = scene([
      { metric: 'done', host: 'x', atMs: 0, value: 8 },
      { metric: 'done', host: 'y', atMs: 0, value: 5 },
      { metric: 'failed', host: 'x', atMs: 1, value: 2 },
      { metric: 'failed', host: 'x', atMs: 30 * minuteMs, value: 1 },
      { metric: 'done', host: 'z', atMs: 0, value: 0 },
      { metric: 'failed', host: 'z', atMs: 0, value: 0 },
    ])
    const query = { formula: 'a / b * 100', queries: [failed, done], group_by: ['host'], fill: 'null', unit: '%' }
    const { data, meta } = await formula({ ...query, step: '30m' })
    expect(meta).toMatchObject({ kind: 'gauge', unit: '%', step: '30m', cached: false })
    // Nobody knows how many failed on y, and z did nothing at all: neither is in the answer.
    expect(data.map(({ tags, value }) => [tags.host, value])).toEqual([
      ['x', 25],
      ['x', null],
    ])
    const zero = await formula({ ...query, queries: [{ ...failed, fill: 'zero' }, done] })
    expect(zero.data.map(({ tags, value }) => [tags.host, value])).toEqual([
      ['x', 37.5],
      ['y', 0],
    ])
  })

  it('takes a total beside groups, ranks by the result and compares', async () => {
    const { formula } = scene([
      { metric: 'done', host: 'x', atMs: 0, value: 30 },
      { metric: 'done', host: 'y', atMs: 0, value: 60 },
      { metric: 'done', host: 'z', atMs: 0, value: 10 },
      { metric: 'done', host: 'y', atMs: -hourMs, value: 4 },
    ])
    const { data, compare } = await formula({
      formula: 'part / whole',
      queries: [
        { ...done, id: 'part' },
        { ...done, id: 'whole', group_by: [] },
      ],
      ...{ group_by: ['host'], limit: 2, compare_to: '1h' },
    })
    expect(data.map(({ tags, value }) => [tags.host, value])).toEqual([
      ['y', 0.6],
      ['x', 0.3],
    ])
    expect(compare!.map(({ tags, value }) => [tags.host, value])).toEqual([['y', 1]])
  })

  it('counts a metric that was never seen as 0 where that is asked for', async () => {
    const { formula } = scene([{ metric: 'done', host: 'x', atMs: 0, value: 4 }])
    const query = { formula: 'a / b', queries: [{ ...failed, fill: 'zero' }, done] }
    expect((await formula(query)).data).toMatchObject([{ value: 0 }])
    await expect(formula({ ...query, queries: [failed, done] })).rejects.toMatchObject({ code: 'unknown_metric' })
  })

  it.each([
    ['a /', 'expected a number, a name or ( at character 4'],
    ['a / c', 'no query has the id "c"; there are a, b'],
    ['1 + 2', 'name at least one query'],
    ['sum(failed)', 'put aggregations into queries'],
    ['a / b by (host)', 'put the tags into group_by'],
  ])('refuses %s', async (text, message) => {
    const { formula } = scene([{ metric: 'done', host: 'x', atMs: 0, value: 4 }])
    const asked = formula({ formula: text, queries: [failed, done] })
    await expect(asked).rejects.toMatchObject({ code: 'invalid_formula', message: expect.stringContaining(message) })
  })

  it('refuses groups that do not fit together', async () => {
    const { formula } = scene([{ metric: 'done', host: 'x', atMs: 0, value: 4 }])
    const whole = { ...done, group_by: [] }
    for (const [query, message] of [
      [{ queries: [done, done], formula: 'b' }, 'is there twice'],
      [{ queries: [{ ...done, group_by: ['app'] }], formula: 'b', group_by: ['host'] }, 'not in the formula'],
      [{ queries: [whole], formula: 'b', group_by: ['host'] }, 'at least one must be grouped'],
    ] as const) {
      await expect(formula(query)).rejects.toMatchObject({
        code: 'invalid_formula',
        message: expect.stringContaining(message),
      })
    }
  })

  it('is answered from the cache until a batch touches one of its metrics', async () => {
    const setting = scene([
      { metric: 'done', host: 'x', atMs: 0, value: 4 },
      { metric: 'failed', host: 'x', atMs: 0, value: 1 },
    ])
    const query = { formula: 'a / b', queries: [failed, done] }
    await setting.formula(query)
    expect((await setting.formula(query)).meta.cached).toBe(true)
    expect((await setting.formula({ ...query, formula: 'b / a' })).data[0]!.value).toBe(4)
    const series = setting.index.define(1, 'failed', Kind.counter, { host: 'x', app: 'x' })
    setting.store.append(1, samples([[series, start + 5, 1]]))
    const after = await setting.formula(query)
    expect([after.meta.cached, after.data[0]!.value]).toEqual([false, 0.5])
  })
})

const point = fc.record({
  metric: fc.constantFrom('done', 'failed'),
  host: fc.constantFrom('x', 'y', 'z'),
  atMs: fc.integer({ min: 0, max: hourMs - 1 }),
  value: fc.integer({ min: 0, max: 50 }),
})

it('gives what single points say, for any points and steps', async () => {
  const asked = fc.record({
    points: fc.array(point, { minLength: 1, maxLength: 40 }),
    step: fc.constantFrom(undefined, '1m', '7m', '1h'),
    fill: fc.constantFrom('none' as const, 'zero' as const),
    isGrouped: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(asked, async ({ points, step, fill, isGrouped }) => {
      const all = [...points, { metric: 'done', host: 'x', atMs: 0, value: 1 }]
      const { formula } = scene([...all, { metric: 'failed', host: 'x', atMs: 0, value: 1 }])
      const whole = [...all, { metric: 'failed', host: 'x', atMs: 0, value: 1 }]
      const operands = {
        queries: [
          { ...failed, fill },
          { ...done, fill },
        ],
        group_by: isGrouped ? ['host'] : [],
        step,
      }
      const { data } = await formula({ formula: '(a - b) / greatest(b, 1) + a % 3', ...operands })
      const zone = zoneOf('UTC')
      const { edges } = axisOf({ startMs: start, endMs: noon }, resolveStep(step, hourMs, zone), zone)
      const sums = ['failed', 'done'].map((metric) =>
        oracle(
          whole
            .filter((one) => one.metric === metric)
            .map(({ host, atMs, value }) => ({
              ...{ group: isGrouped ? host : '', timeMs: start + atMs, value, isFavoured: false },
            })),
          {
            ...{ kind: Kind.counter, aggregation: 'sum', startMs: start, endMs: noon, nowMs: noon },
            ...{ edges: [...edges], fill: 'none', isRatio: false, isGrouped },
          },
        ),
      )
      const expected: unknown[] = []
      for (let bucket = 0; bucket < edges.length - 1; bucket++) {
        for (const host of isGrouped ? ['x', 'y', 'z'] : ['']) {
          if (!sums.some((rows) => rows.has(host))) continue
          const [a, b] = sums.map((rows) => rows.get(host)?.[bucket] ?? (fill === 'zero' ? 0 : null))
          if (a === null || b === null) continue
          expected.push([new Date(edges[bucket]!).toISOString(), host, (a! - b!) / Math.max(b!, 1) + (a! % 3)])
        }
      }
      expect(data.map(({ timestamp, tags, value }) => [timestamp, tags.host ?? '', value])).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})

describe('the remainder of the largest groups', () => {
  it('is aggregated as one group, not added up', async () => {
    const { service, index, store } = bench(noon)
    const latency = ['a', 'b', 'c', 'd'].map((host) => index.define(1, 'level', Kind.gauge, { host }))
    store.append(1, samples(latency.flatMap((id, i) => [1, 2, 3].map((n) => [id, start + n * minuteMs, i * 10 + n]))))
    const ask = async (query: object) => {
      const base = { metric_name: 'level', group_by: ['host'], time_range: { start, end: noon } }
      const { data } = (await service.metrics(reader, MetricsQuery.parse({ ...base, ...query }))) as MetricsResult
      return data.map(({ tags, value }) => [tags.host, value])
    }
    expect(await ask({ limit: 2, other: 'others' })).toEqual([
      ['d', 32],
      ['c', 22],
      ['others', 7],
    ])
    const [, latest] = await ask({ limit: 1, other: 'others', aggregation: 'max', step: '1h' })
    expect(latest).toEqual(['others', 23])
    expect(await ask({ limit: 4, other: 'others' })).toHaveLength(4)
    expect(await ask({ limit: 2 })).toHaveLength(2)
  })
})

describe('computed metrics', () => {
  const definition = (expression: string): MetricDefinition => ({
    ...{ name: 'failure.rate', kind: Kind.gauge, unit: '%', description: '', attributes: null },
    ...{ min: -Infinity, max: Infinity, expression },
  })

  function computing(expression: string) {
    const setting = scene([
      { metric: 'done', host: 'x', atMs: 0, value: 8 },
      { metric: 'done', host: 'y', atMs: 0, value: 2 },
      { metric: 'failed', host: 'x', atMs: 0, value: 2 },
    ])
    const definitions = { at: () => new Map([['failure.rate', definition(expression)]]) }
    const service = createQueryService({
      store: setting.store,
      series: setting.index,
      definitions,
      now: () => noon,
    })
    const ask = async (query: object) => {
      const whole = { metric_name: 'failure.rate', time_range: { start, end: noon }, ...query }
      return (await service.metrics(reader, MetricsQuery.parse(whole))) as MetricsResult
    }
    return Object.assign(ask, { service })
  }

  it('are formulas: counters are summed, filters and groups apply to each', async () => {
    const ask = computing('failed / done * 100')
    expect(await ask({})).toMatchObject({ data: [{ value: 20 }], meta: { unit: '%', kind: 'gauge' } })
    expect((await ask({ group_by: ['host'] })).data.map(({ tags, value }) => [tags.host, value])).toEqual([
      ['x', 25],
      ['y', 0],
    ])
    expect((await ask({ filters: { host: 'x' } })).data).toMatchObject([{ value: 25 }])
  })

  it('may say how each is aggregated and filtered', async () => {
    const ask = computing('max(done{host="x"}) - max(done{host="y"})')
    expect((await ask({})).data).toMatchObject([{ value: 6 }])
    expect((await ask({ filters: { host: 'x' } })).data).toEqual([])
  })

  it('refuse aggregations, and say what is wrong with an expression', async () => {
    const ask = computing('failed /')
    await expect(ask({ aggregation: 'p95' })).rejects.toMatchObject({ code: 'aggregation_not_supported' })
    await expect(ask({})).rejects.toMatchObject({ code: 'invalid_formula' })
  })

  it('are refused as streams, with what to do instead', () => {
    const { service } = computing('failed / done')
    const query = StreamQuery.parse({ metric_name: 'failure.rate', range: '15m' })
    expect(() => service.planStream(reader, query)).toThrow(/computed \(failed \/ done\); streams take stored metrics/)
  })
})

describe('equal reads', () => {
  it('are done once for queries that come together, and again after a batch', async () => {
    const { service, index, store } = bench(noon, {}, 0)
    const id = index.define(1, 'load', Kind.histogram, {})
    store.append(1, samples([[id, start, 7]]))
    let reads = 0
    const read = store.aggregate.bind(store)
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    store.aggregate = async (request) => {
      if (++reads > 1) await gate
      return read(request)
    }
    const ask = (aggregation: 'p95' | 'p99') =>
      service.metrics(
        reader,
        MetricsQuery.parse({ metric_name: 'load', aggregation, time_range: { start, end: noon } }),
      )
    await Promise.all([ask('p95'), ask('p99')])
    expect(reads).toBe(1)
    const first = ask('p95')
    await new Promise(setImmediate)
    store.append(1, samples([[id, start + 1, 7]]))
    const second = ask('p95')
    await new Promise(setImmediate)
    open()
    await Promise.all([first, second])
    expect(reads).toBe(3)
  })
})
