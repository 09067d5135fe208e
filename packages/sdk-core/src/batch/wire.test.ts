/** What a client puts on the wire: schema pages that stay the same, bounded batches, columns of runs and events, times. */
import { Kind, TaskStatus } from '@telltale/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { SdkClient } from '../client.js'
import type { ClientOptions } from '../options.js'
import { FakePlatform } from '../testing/fake-platform.js'

let platform: FakePlatform

beforeEach(() => {
  platform = new FakePlatform()
})

function start(options: ClientOptions = {}): SdkClient {
  return new SdkClient(platform, { logger: platform.logger, ...options })
}

describe('the wire', () => {
  it('keeps the schema section byte for byte while the series stay the same', async () => {
    const client = start({ service: 's', environment: 'e', version: '1', attributes: { region: 'eu' } })
    const schemas: string[] = []
    platform.behave = (batch, bytes) => {
      const { start, end } = batch.schemaSpan
      if (batch.series.length > 0) schemas.push(Buffer.from(bytes.slice(start, end)).toString('hex'))
      return platform.store(batch)
    }
    const c = client.counter('c', { unit: '1', description: 'd' })
    for (let flush = 0; flush < 4; flush++) {
      for (const i of flush % 2 ? [1, 2, 3] : [3, 1, 2]) c.add(1, { i })
      client.gauge('g').set(flush)
      client.track(`event ${flush}`)
      client.withTaskMetrics('t', () => {})
      await client.flush()
    }
    expect(schemas.length).toBe(4)
    expect(new Set(schemas).size).toBe(1)
    const [batch] = platform.requests
    const resource = batch.resource.map((ref) => batch.strings[ref])
    expect(resource).toEqual([
      'region',
      'eu',
      'service',
      's',
      'environment',
      'e',
      'version',
      '1',
      'telltale.sdk',
      'fake/1.0.0',
    ])
    await client.close()
  })

  it('gives up a schema page that is mostly idle', async () => {
    const client = start()
    for (let i = 0; i < 500; i++) client.counter('c').add(1, { i })
    await client.flush()
    for (let flush = 0; flush < 12; flush++) {
      client.counter('c').add(1, { i: 0 })
      await client.flush()
    }
    expect(platform.requests[1].series.length).toBe(500)
    expect(platform.requests.at(-1)?.series.length).toBe(1)
    await client.close()
  })

  it('splits metrics by rows, and rows by rows, strings and bytes', async () => {
    const client = start({ maxBatchRows: 100 })
    platform.maxBatchBytes = 10_000
    for (let i = 0; i < 250; i++) client.counter('c').add(1, { i })
    for (let i = 0; i < 250; i++) client.track('e')
    await client.flush()
    for (const { points, events } of platform.requests)
      expect((points?.count ?? 0) + (events?.count ?? 0)).toBeLessThanOrEqual(100)
    expect(client.stats()).toMatchObject({ recorded: 500, acked: 500 })
    await client.close()
  })

  it('carries runs: status, error, attempt, attributes, dimensions, steps', async () => {
    const client = start({ metricAttributes: ['queue'] })
    await client.withTaskMetrics(
      'mail',
      async (task) => {
        expect(task.id).toBe('id-1')
        task.set('queue', 'high')
        task.set('size', 3)
        platform.clock.nowMs += 20
        task.step('rendered')
        platform.clock.nowMs += 5
      },
      {
        id: 'id-1',
        attempt: 2,
        attributes: { queue: 'low', tenant: 'acme' },
        metricAttributes: ['tenant'],
        queueWaitMs: 9,
        parentId: 'p',
      },
    )
    const failing = (error: unknown) =>
      expect(() =>
        client.withTaskMetrics('bad', () => {
          throw error
        }),
      ).toThrow()
    failing(new RangeError('r'.repeat(5000)))
    failing(new DOMException('stopped', 'AbortError'))
    failing(new DOMException('slow', 'TimeoutError'))
    failing(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    await client.flush()
    const { tasks, strings } = platform.requests[0]
    if (tasks === undefined) throw new Error('no tasks')
    expect(Array.from(tasks.status)).toEqual([
      TaskStatus.ok,
      TaskStatus.error,
      TaskStatus.cancelled,
      TaskStatus.timeout,
      TaskStatus.error,
    ])
    expect(Array.from(tasks.errorType ?? [], (ref) => strings[ref])).toEqual([
      '',
      'RangeError',
      'AbortError',
      'TimeoutError',
      'ECONNREFUSED',
    ])
    expect(strings[tasks.errorMessage?.[1] ?? 0].length).toBe(1024)
    expect([
      tasks.durationMs[0],
      tasks.attempt?.[0],
      tasks.queueWaitMs?.[0],
      strings[tasks.parentId?.[0] ?? 0],
    ]).toEqual([25, 2, 9, 'p'])
    expect(strings[tasks.id[1]]).toMatch(/^[0-9a-f]{16}$/)
    const columns = tasks.attributes.map((one) => [
      strings[one.key],
      one.dimension,
      one.type === 'string' ? strings[one.value[0]] : one.value[0],
    ])
    expect(columns).toEqual([
      ['queue', true, 'high'],
      ['tenant', true, 'acme'],
      ['size', false, 3],
    ])
    expect([strings[tasks.steps?.name[0] ?? 0], tasks.steps?.offsetMs[0]]).toEqual(['rendered', 20])
    await client.close()
  })

  it('carries whose an event is in columns of its own', async () => {
    const client = start()
    client.track('plain', { at: new Date(0), n: 1 })
    client.track('paid', { 'user.id': 'u', 'org.id': 7, 'session.id': 's', n: 'text', ok: false })
    await client.flush()
    const { events, strings } = platform.requests[0]
    if (events === undefined) throw new Error('no events')
    const text = (column: ArrayLike<number> | undefined) => Array.from(column ?? [], (ref) => strings[ref])
    expect([text(events.user), text(events.org), text(events.session)]).toEqual([
      ['', 'u'],
      ['', '7'],
      ['', 's'],
    ])
    expect(events.attributes.map((one) => [strings[one.key], one.type, Array.from(one.row ?? [])])).toEqual([
      ['at', 'string', [0]],
      ['n', 'number', [0]],
      ['n', 'string', [1]],
      ['ok', 'bool', [1]],
    ])
    await client.close()
  })
})

describe('clocks', () => {
  it('durations and intervals survive a system clock that steps back', async () => {
    const client = start()
    const { clock } = platform
    const before = clock.wallMs()
    client.withTaskMetrics('t', () => {
      clock.nowMs += 50
      clock.wallOffsetMs -= 3_600_000
      clock.nowMs += 50
    })
    client.counter('c').add(1)
    client.gauge('g').set(1)
    await client.flush()
    for (const { tasks, points, samples } of platform.requests) {
      if (tasks !== undefined) expect(tasks.durationMs[0]).toBe(100)
      if (points !== undefined) expect(points.endMs - points.startMs).toBe(100)
      for (const timeMs of [tasks?.timeMs[0], points?.endMs, samples?.timeMs[0]]) {
        if (timeMs !== undefined) expect(Math.abs(timeMs - (before - 3_600_000))).toBeLessThanOrEqual(100)
      }
    }
    await client.close()
  })

  it('a run that lasted for weeks does not spoil its batch', async () => {
    const client = start()
    client.withTaskMetrics('long', () => {
      platform.clock.nowMs += 60 * 86_400_000
    })
    client.withTaskMetrics('short', () => {})
    await client.flush()
    expect(client.stats()).toMatchObject({ recorded: 2, acked: 2 })
    expect(platform.requests[0].tasks?.durationMs[0]).toBe(60 * 86_400_000)
    expect(platform.requests[0].series.some((one) => one.kind === Kind.counter)).toBe(false)
    await client.close()
  })
})
