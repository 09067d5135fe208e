/** The books add up at every instant, whatever the host calls and the collector answers. */
import { Signal } from '@telltale/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SdkClient } from './client.js'
import type { Stats } from './stats.js'
import { answer, type Behaviour, FakePlatform, silence, unreachable } from './testing/fake-platform.js'

function sum(stats: Stats): number {
  return stats.acked + stats.rejected + stats.buffered + Object.values(stats.dropped).reduce((a, b) => a + b, 0)
}

const call = fc.oneof(
  fc.record({ kind: fc.constant('counter' as const), value: fc.double(), series: fc.nat(5) }),
  fc.record({ kind: fc.constant('upDown' as const), value: fc.double(), series: fc.nat(5) }),
  fc.record({ kind: fc.constant('gauge' as const), value: fc.double(), series: fc.nat(5) }),
  fc.record({ kind: fc.constant('histogram' as const), value: fc.double(), series: fc.nat(5) }),
  fc.record({ kind: fc.constant('conflict' as const), value: fc.double(), series: fc.nat(5) }),
  fc.record({ kind: fc.constant('event' as const), value: fc.double(), series: fc.nat(5) }),
  fc.record({ kind: fc.constant('task' as const), value: fc.double(), series: fc.nat(5) }),
)
const reaction = fc.constantFrom(
  'ack',
  'reject',
  'refuse',
  'split',
  'fail',
  'busy',
  'forbid',
  'lost',
  'silent',
  'nonsense',
)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('calls' as const), calls: fc.array(call, { maxLength: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('react' as const), reaction }) },
)

describe('accounting', () => {
  it('recorded = acked + rejected + buffered + Σ dropped, and recorded counts the calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, small) => {
        const platform = new FakePlatform()
        const client = new SdkClient(platform, {
          logger: false,
          maxSeriesPerMetric: 4,
          maxBatchRows: small ? 3 : 10_000,
          maxQueueBytes: small ? 65_536 : 1 << 24,
        })
        let made = 0
        const check = () => {
          const stats = client.stats()
          expect(sum(stats)).toBe(stats.recorded)
          expect(stats.recorded).toBe(made)
          for (const count of [stats.acked, stats.rejected, stats.buffered]) expect(count).toBeGreaterThanOrEqual(0)
        }
        for (const one of steps) {
          if (one.do === 'react') platform.behave = behaviourOf(one.reaction, platform)
          else if (one.do === 'flush') void client.flush()
          else if (one.do === 'advance') await platform.clock.advance(one.ms)
          else {
            for (const { kind, value, series } of one.calls) {
              make(client, kind, value, series)
              made++
              check()
            }
          }
          check()
        }
        const closed = client.close()
        client.counter('after').add(1)
        client.track('after')
        made += 2
        check()
        await platform.clock.advance(10_000)
        await closed
        check()
        expect(client.stats().buffered).toBe(0)
        expect(platform.clock.timers).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  it('counts the calls behind rejected rows', async () => {
    const platform = new FakePlatform()
    const client = new SdkClient(platform, { logger: platform.logger })
    for (let i = 0; i < 7; i++) client.counter('a').add(1)
    for (let i = 0; i < 5; i++) client.counter('b').add(1)
    client.gauge('c').set(1)
    platform.behave = (batch) =>
      platform.store(batch, [{ signal: Signal.point, reason: 'too_late', count: 1, row: [1] }])
    await client.flush()
    expect(client.stats()).toEqual({ recorded: 13, acked: 8, rejected: 5, buffered: 0, dropped: {} })
    expect(platform.warnings).toEqual(['telltale: the collector rejected 5 calls: too_late'])
    await client.close()
  })

  it('bears rejections of rows that do not exist, or are named twice', async () => {
    const platform = new FakePlatform()
    const client = new SdkClient(platform, { logger: false })
    client.track('one')
    platform.behave = (batch) =>
      platform.store(batch, [
        { signal: Signal.event, reason: 'a', count: 4_000_000_000, row: [0, 0, 77] },
        { signal: Signal.session, reason: 'b', count: 5, row: [] },
      ])
    await client.flush()
    expect(client.stats()).toMatchObject({ recorded: 1, acked: 0, rejected: 1, buffered: 0 })
    await client.close()
  })

  it('tells the collector of its losses, again where the message is lost itself', async () => {
    const platform = new FakePlatform()
    const client = new SdkClient(platform, { logger: false })
    client.counter('a').add(Number.NaN)
    client.counter('a').add(1)
    platform.behave = () => answer(400)
    await client.flush()
    client.counter('a').add(1)
    platform.behave = (batch) => platform.store(batch)
    await client.flush()
    const [first] = platform.requests
    expect(first.drops.map((drop) => [drop.signal, first.strings[drop.reason], drop.count])).toEqual([
      [Signal.point, 'not_finite', 1],
    ])
    const last = platform.requests[1]
    expect(last.drops.map((drop) => [drop.signal, last.strings[drop.reason], drop.count])).toEqual([
      [Signal.point, 'not_finite', 1],
    ])
    await client.close()
  })
})

function make(client: SdkClient, kind: string, value: number, series: number): void {
  const attributes = { series }
  if (kind === 'counter') client.counter('counter').add(value, attributes)
  else if (kind === 'upDown') client.upDownCounter('upDown').add(value, attributes)
  else if (kind === 'gauge') client.gauge('gauge').set(value, attributes)
  else if (kind === 'histogram') client.histogram('histogram').record(value, attributes)
  else if (kind === 'conflict') client.gauge('counter').set(value)
  else if (kind === 'event') client.track(series === 0 ? '' : 'event', { value, text: `text ${value}` })
  else client.withTaskMetrics(series === 0 ? '' : 'task', (task) => task.set('value', value), { attributes })
}

function behaviourOf(name: string, platform: FakePlatform): Behaviour {
  const behaviours: Record<string, Behaviour> = {
    ack: (batch) => platform.store(batch),
    reject: (batch) =>
      platform.store(batch, [
        { signal: Signal.point, reason: 'x', count: 2, row: [0, 1] },
        { signal: Signal.event, reason: 'y', count: 3, row: [] },
      ]),
    refuse: () => answer(400),
    split: (batch) => (rowsOf(batch) > 2 ? answer(413) : platform.store(batch)),
    fail: () => answer(500),
    busy: () => answer(503, '2'),
    forbid: () => answer(403),
    lost: () => unreachable(),
    silent: (_batch, _bytes, signal) => silence(signal),
    nonsense: () => answer(200, undefined, '<html>'),
  }
  return behaviours[name]
}

function rowsOf(batch: Parameters<Behaviour>[0]): number {
  const { samples, points, histograms, events, tasks } = batch
  return [samples, points, histograms, events, tasks].reduce((rows, table) => rows + (table?.count ?? 0), 0)
}
