/** Both clients of Redis against a real one. */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { instrumentRedis, SetupError, type Stop } from '../../index.js'
import { Recording } from '../../testing/recording.js'
import { type RedisServer, startRedis } from '../../testing/servers/redis.js'
import { operationOf } from './command.js'
import { parseInfo } from './info.js'

const durationName = 'db.client.operation.duration'
let server: RedisServer
let recording: Recording
let stop: Stop

beforeAll(async () => {
  server = await startRedis()
}, 60_000)
afterAll(() => server?.stop())
beforeEach(async () => {
  recording = await Recording.start()
})
afterEach(async () => {
  stop()
  await recording.stop()
})

const options = () => ({ client: recording.client, logger: recording.logger })

/** Operation and error → number of commands. */
async function commands(): Promise<Record<string, number>> {
  return Object.fromEntries(
    (await recording.readings(durationName)).map(({ attributes: a, count }) => [
      `${a['db.operation.name']} ${a['error.type'] ?? 'ok'}`,
      count,
    ]),
  )
}

describe('instrumentRedis, node-redis', () => {
  let redis: ReturnType<typeof createClient>
  beforeEach(async () => {
    redis = createClient({ socket: { host: '127.0.0.1', port: server.port } })
    redis.on('error', () => {})
    await redis.connect()
    await redis.flushAll()
    stop = instrumentRedis(redis, { ...options(), infoIntervalMs: false })
  })
  afterEach(() => redis.isOpen && redis.destroy())

  it('measures commands, raw ones too, and never sees keys and values', async () => {
    await redis.set('secret:key', 'secret value')
    expect(await redis.get('secret:key')).toBe('secret value')
    expect(await redis.sendCommand(['get', 'nothing'])).toBe(null)
    await expect(redis.hGet('secret:key', 'field')).rejects.toThrow('WRONGTYPE')
    expect(await commands()).toEqual({ 'SET ok': 1, 'GET ok': 2, 'HGET WRONGTYPE': 1 })
    const reading = await recording.reading(durationName, { 'db.operation.name': 'SET' })
    expect(reading).toMatchObject({ unit: 's', attributes: { 'db.system.name': 'redis' } })
    expect(JSON.stringify(await recording.readings())).not.toContain('secret')
  })

  it('measures transactions and pipelines as one operation', async () => {
    expect(await redis.multi().set('a', '1').incr('a').exec()).toEqual(['OK', 2])
    expect(await redis.multi().get('a').get('b').execAsPipeline()).toEqual(['2', null])
    expect(await commands()).toEqual({ 'MULTI ok': 1, 'PIPELINE ok': 1 })
  })

  it('measures clients with options of their own', async () => {
    await redis.withCommandOptions({}).set('a', '1')
    expect(await commands()).toEqual({ 'SET ok': 1 })
  })

  it('has the error of a connection that is gone', async () => {
    redis.destroy()
    await expect(redis.get('a')).rejects.toThrow()
    expect(Object.keys(await commands())).toEqual([expect.stringMatching(/^GET \w*Error$/)])
  })

  it('stop puts everything back', async () => {
    const names = ['sendCommand', '_executeMulti', '_executePipeline']
    // What `createClient` gives inherits from the client proper.
    const { _self } = redis as unknown as { _self: object }
    expect(names.map((name) => Object.hasOwn(_self, name))).toEqual([true, true, true])
    stop()
    stop()
    expect(names.map((name) => Object.hasOwn(_self, name))).toEqual([false, false, false])
    await redis.set('a', '1')
    expect(await commands()).toEqual({})
  })

  it('shows memory, clients and the hit ratio of each interval', async () => {
    stop()
    await redis.configResetStat()
    stop = instrumentRedis(redis, { ...options(), infoIntervalMs: 100 })
    const before = await recording.until(() => recording.reading('redis.memory.used'))
    expect(before).toMatchObject({ unit: 'By', attributes: { 'server.address': '127.0.0.1' } })
    expect(before.values[0]).toBeGreaterThan(100_000)
    expect((await recording.reading('redis.clients.connected'))!.values[0]).toBeGreaterThanOrEqual(1)
    await redis.set('a', '1')
    await redis.mGet(['a', 'a', 'a', 'nothing'])
    const ratio = await recording.until(() => recording.reading('redis.keyspace.hit_ratio'))
    expect(ratio.values.at(-1)).toBeGreaterThan(0.5)
    expect(ratio.values.at(-1)).toBeLessThanOrEqual(1)
    // What the instrument asks is not what the host asked.
    expect(await commands()).toEqual({ 'SET ok': 1, 'MGET ok': 1 })
  })
})

describe('instrumentRedis, ioredis', () => {
  let redis: Redis
  beforeEach(async () => {
    redis = new Redis({ host: '127.0.0.1', port: server.port, lazyConnect: true, enableReadyCheck: false })
    redis.on('error', () => {})
    stop = instrumentRedis(redis, { ...options(), infoIntervalMs: false })
  })
  afterEach(() => redis.disconnect())

  it('measures commands once, also those that wait for the connection', async () => {
    await redis.set('secret:key', 'secret value')
    expect(await redis.get('secret:key')).toBe('secret value')
    await expect(redis.hget('secret:key', 'field')).rejects.toThrow('WRONGTYPE')
    expect(await commands()).toMatchObject({ 'SET ok': 1, 'GET ok': 1, 'HGET WRONGTYPE': 1 })
    expect(JSON.stringify(await recording.readings())).not.toContain('secret')
  })

  it('measures callbacks, pipelines, transactions and scripts, and no failure comes twice', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', onUnhandled)
    await redis.set('text', 'x')
    const error = await new Promise((resolve) => redis.hget('text', 'field', resolve))
    expect(String(error)).toContain('WRONGTYPE')
    const results = await redis.pipeline().get('text').hget('text', 'field').exec()
    expect(results?.map(([problem]) => problem?.message.split(' ')[0])).toEqual([undefined, 'WRONGTYPE'])
    expect(await redis.multi().incr('n').exec()).toEqual([[null, 1]])
    expect(await redis.eval('return 7', 0)).toBe(7)
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.removeListener('unhandledRejection', onUnhandled)
    expect(unhandled).toEqual([])
    expect(await commands()).toMatchObject({
      'SET ok': 1,
      'GET ok': 1,
      'HGET WRONGTYPE': 2,
      'INCR ok': 1,
      'EVAL ok': 1,
      'EXEC ok': 1,
    })
  })

  it('asks for INFO once it is connected, and not before', async () => {
    stop()
    stop = instrumentRedis(redis, { ...options(), infoIntervalMs: 100 })
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(redis.status).toBe('wait')
    await redis.connect()
    const used = await recording.until(() => recording.reading('redis.memory.used'))
    expect(used.attributes['server.port']).toBe(String(server.port))
    expect(Object.keys(await commands())).not.toContain('INFO ok')
  })

  it('a server that dies shows as errors, and the instrument lives on', async () => {
    const other = await startRedis()
    const client = new Redis({ host: '127.0.0.1', port: other.port, maxRetriesPerRequest: 0, retryStrategy: () => 50 })
    client.on('error', () => {})
    const stopOther = instrumentRedis(client, { ...options(), infoIntervalMs: 100 })
    await client.set('a', '1')
    await other.stop()
    await expect(client.get('a')).rejects.toThrow()
    expect(Object.keys(await commands())).toContainEqual(expect.stringMatching(/^GET (?!ok)/))
    stopOther()
    client.disconnect()
  })

  it('stop puts everything back', () => {
    expect(Object.hasOwn(redis, 'sendCommand')).toBe(true)
    stop()
    expect(Object.hasOwn(redis, 'sendCommand')).toBe(false)
    expect(redis.sendCommand).toBe(Redis.prototype.sendCommand)
  })
})

describe('instrumentRedis', () => {
  it('names what is wrong', () => {
    stop = () => {}
    expect(() => instrumentRedis({} as never)).toThrow(SetupError)
    const fake = { sendCommand: () => {} }
    expect(() => instrumentRedis(fake, { infoIntervalMs: 1 })).toThrow('instrumentRedis: infoIntervalMs must be')
    expect(Object.keys(fake)).toEqual(['sendCommand'])
  })

  it('knows names of commands, and takes nothing else for one', () => {
    stop = () => {}
    for (const [name, operation] of [
      ['get', 'GET'],
      ['json.set', 'JSON.SET'],
      ['user:17', 'OTHER'],
      ['x'.repeat(50), 'OTHER'],
      [undefined, 'UNDEFINED'],
    ]) {
      expect(operationOf(name)).toBe(operation)
    }
    expect([...parseInfo('# Memory\r\nused_memory:17\r\nused_memory_human:17B\r\nempty:\r\n:3\r\n')]).toEqual([
      ['used_memory', 17],
    ])
  })
})
