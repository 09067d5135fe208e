/** BullMQ on a real Redis, by either client, and queues of one's own. */
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { instrumentQueue, SetupError } from '../../index.js'
import { Recording } from '../../testing/recording.js'
import { type RedisServer, startRedis } from '../../testing/servers/redis.js'

let server: RedisServer
let recording: Recording
const undo: (() => unknown)[] = []

beforeAll(async () => {
  server = await startRedis()
}, 60_000)
afterAll(() => server?.stop())
beforeEach(async () => {
  recording = await Recording.start()
})
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  await recording.stop()
})

const options = () => ({ client: recording.client, logger: recording.logger, intervalMs: 100 })
const last = async (name: string, attributes = {}) => (await recording.reading(name, attributes))?.values.at(-1)
const total = async (name: string, attributes = {}) =>
  (await recording.reading(name, attributes))?.values.reduce((sum, value) => sum + value, 0) ?? 0
const until = (condition: () => Promise<boolean>) =>
  recording.until(async () => ((await condition()) ? true : undefined))

describe('instrumentQueue, BullMQ', () => {
  const connection = () => ({ host: '127.0.0.1', port: server.port })

  function queueOf(name: string): Queue {
    const queue = new Queue(name, { connection: connection() })
    queue.on('error', () => {})
    undo.push(() => queue.close())
    return queue
  }

  it('shows depth, in, out, wait and failures, whoever works', async () => {
    const queue = queueOf('mail')
    await queue.add('before', {})
    const stop = instrumentQueue('mail', queue, options())
    undo.push(stop)
    await until(async () => (await last('task.queue.depth')) === 1)
    await queue.addBulk([
      { name: 'good', data: {} },
      { name: 'bad', data: {} },
      { name: 'retried', data: {}, opts: { attempts: 2 } },
      { name: 'later', data: {}, opts: { delay: 3_600_000 } },
      { name: 'urgent', data: {}, opts: { priority: 1 } },
    ])
    await until(async () => (await last('task.queue.depth')) === 5 && (await last('task.queue.delayed')) === 1)
    expect(await total('task.queue.added')).toBe(5)
    const worker = new Worker(
      'mail',
      async (job) => {
        if (job.name === 'bad' || (job.name === 'retried' && job.attemptsMade === 0)) throw new Error(job.name)
      },
      { connection: connection() },
    )
    worker.on('error', () => {})
    undo.push(() => worker.close())
    await until(async () => (await total('task.throughput', { outcome: 'done' })) === 4)
    await until(async () => (await total('task.throughput', { outcome: 'failed' })) === 1)
    await until(async () => (await last('task.queue.depth')) === 0 && (await last('task.queue.active')) === 0)
    const wait = await recording.reading('task.queue.wait')
    // Five jobs, and one of them twice.
    expect(wait).toMatchObject({ count: 6, unit: 'ms', attributes: { queue: 'mail' } })
    expect(wait!.values.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0)
  })

  it('leaves counting to another process when told', async () => {
    const queue = queueOf('shared')
    undo.push(instrumentQueue('shared', queue, { ...options(), events: false }))
    await queue.add('job', {})
    await until(async () => (await last('task.queue.depth')) === 1)
    expect(await recording.reading('task.queue.added')).toBeUndefined()
  })

  it('reads the stream of older lines, whose connection is an ioredis of its own', async () => {
    const queue = queueOf('older')
    const redis = new Redis(connection())
    undo.push(() => redis.disconnect())
    const older = {
      getJobCounts: () => queue.getJobCounts(),
      toKey: (type: string) => queue.toKey(type),
      client: Promise.resolve(redis),
    }
    undo.push(instrumentQueue('older', older, options()))
    await until(async () => (await last('task.queue.depth')) === 0)
    await queue.add('job', {})
    await until(async () => (await total('task.queue.added')) === 1)
  })

  it('survives a Redis that goes away, and says so once', async () => {
    const other = await startRedis()
    const redis = new Redis({ host: '127.0.0.1', port: other.port, retryStrategy: null, maxRetriesPerRequest: null })
    redis.on('error', () => {})
    const queue = new Queue('gone', { connection: redis })
    queue.on('error', () => {})
    const stop = instrumentQueue('gone', queue, options())
    await until(async () => (await last('task.queue.depth')) === 0)
    await other.stop()
    await until(async () => recording.warnings.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(new Set(recording.warnings).size).toBe(recording.warnings.length)
    stop()
    stop()
    redis.disconnect()
  })
})

describe('instrumentQueue, a queue of one’s own', () => {
  it('reads the depth, at once or by promise, and is told the rest', async () => {
    const waiting = ['a', 'b', 'c']
    const queue = instrumentQueue('own', { depth: () => waiting.length }, options())
    undo.push(queue, instrumentQueue('slow', { depth: async () => 7 }, options()))
    await until(async () => (await last('task.queue.depth', { queue: 'own' })) === 3)
    await until(async () => (await last('task.queue.depth', { queue: 'slow' })) === 7)
    queue.added(3)
    queue.started(12)
    queue.finished()
    queue.finished('failed')
    expect(await total('task.queue.added')).toBe(3)
    expect(await total('task.queue.wait')).toBe(12)
    expect(await total('task.throughput', { outcome: 'done' })).toBe(1)
    expect(await total('task.throughput', { outcome: 'failed' })).toBe(1)
  })

  it('a depth that throws or hangs costs nobody anything', async () => {
    let calls = 0
    const broken = instrumentQueue('broken', { depth: () => Promise.reject(new Error('gone')) }, options())
    const hanging = instrumentQueue('hanging', { depth: () => new Promise<number>(() => calls++) }, options())
    await until(async () => recording.warnings.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(calls).toBe(1)
    expect(recording.warnings).toEqual(['telltale: instrumentQueue: reading the depth failed: Error: gone'])
    broken()
    hanging()
  })

  it('names what is wrong', () => {
    expect(() => instrumentQueue('', { depth: () => 1 })).toThrow(SetupError)
    expect(() => instrumentQueue('x', {} as never)).toThrow('instrumentQueue: queue must be')
    expect(() => instrumentQueue('x', { depth: () => 1 }, { intervalMs: 0 })).toThrow('intervalMs')
  })
})
