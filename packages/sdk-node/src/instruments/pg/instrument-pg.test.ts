/** Queries on a real PostgreSQL, in all the ways that `pg` is called. */
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { instrumentPg, SetupError, type Stop } from '../../index.js'
import { Recording } from '../../testing/recording.js'
import { type PostgresServer, startPostgres } from '../../testing/servers/postgres.js'
import { operationOf } from './operation.js'

const durationName = 'db.client.operation.duration'
let server: PostgresServer
let recording: Recording
let pool: pg.Pool
let stop: Stop

beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server?.stop())
beforeEach(async () => {
  recording = await Recording.start()
  pool = new pg.Pool({ ...server.connection, max: 2 })
  // Ending the server's connections is no error of the tests.
  pool.on('error', () => {})
  stop = instrumentPg(pool, { client: recording.client, logger: recording.logger })
})
afterEach(async () => {
  stop()
  await pool.end()
  await recording.stop()
})

/** Operation and error → number of queries. */
async function queries(): Promise<Record<string, number>> {
  return Object.fromEntries(
    (await recording.readings(durationName)).map(({ attributes: a, count }) => [
      `${a['db.operation.name']} ${a['error.type'] ?? 'ok'}`,
      count,
    ]),
  )
}

describe('instrumentPg', () => {
  it('measures promises, by pool and by client, and never sees values', async () => {
    const { rows } = await pool.query<{ n: number }>('select $1::int as n', [42])
    expect(rows).toEqual([{ n: 42 }])
    const client = await pool.connect()
    await client.query('CREATE TABLE IF NOT EXISTS people (id int PRIMARY KEY, name text)')
    await client.query({ text: 'INSERT INTO people VALUES ($1, $2)', values: [1, 'top secret'] })
    await client.query('-- a comment\n /* and one more */ (SELECT 1)')
    client.release()
    expect(await queries()).toEqual({ 'SELECT ok': 2, 'CREATE ok': 1, 'INSERT ok': 1 })
    const reading = await recording.reading(durationName, { 'db.operation.name': 'INSERT' })
    expect(reading).toMatchObject({ unit: 's', attributes: { 'db.system.name': 'postgresql' } })
    expect(reading!.values[0]).toBeGreaterThan(0)
    expect(JSON.stringify(await recording.readings())).not.toMatch(/secret|people/)
  })

  it('measures callbacks, in every place where pg takes them', async () => {
    const sum = (error: Error | null, result: pg.QueryResult) => {
      if (error) throw error
      return result.rows[0].n as number
    }
    const values = await Promise.all([
      new Promise((resolve) => pool.query('SELECT 1 AS n', (...args) => resolve(sum(...args)))),
      new Promise((resolve) => pool.query('SELECT $1::int AS n', [2], (...args) => resolve(sum(...args)))),
      new Promise((resolve) => {
        pool.connect((_error, client, release) => {
          const config = { text: 'SELECT 3 AS n', callback: (...args: Parameters<typeof sum>) => resolve(sum(...args)) }
          const { callback } = config
          client!.query(config as never)
          expect(config.callback).toBe(callback)
          release()
        })
      }),
    ])
    expect(values).toEqual([1, 2, 3])
    expect(await queries()).toEqual({ 'SELECT ok': 3 })
  })

  it('has the SQLSTATE of what fails, which still reaches the host', async () => {
    await expect(pool.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '42P01' })
    const error = await new Promise<unknown>((resolve) => pool.query('SELEKT 1', resolve))
    expect(error).toMatchObject({ code: '42601' })
    const client = await pool.connect()
    expect(() => client.query(undefined as never)).toThrow(TypeError)
    client.release()
    expect(await queries()).toEqual({ 'SELECT 42P01': 1, 'OTHER 42601': 1, 'OTHER TypeError': 1 })
  })

  it('a rejection that nobody handles stays one', async () => {
    const unhandled = new Promise<unknown>((resolve) => {
      const listeners = process.rawListeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection')
      process.once('unhandledRejection', (reason) => {
        for (const listener of listeners) process.on('unhandledRejection', listener as () => void)
        resolve(reason)
      })
    })
    const client = await pool.connect()
    void client.query('SELECT 1 / 0')
    expect(await unhandled).toMatchObject({ code: '22012' })
    client.release()
  })

  it('shows used, idle and waiting', async () => {
    const clients = [await pool.connect(), await pool.connect()]
    const waiting = pool.query('SELECT 1')
    const level = async (name: string, attributes = {}) => (await recording.reading(name, attributes))?.values.at(-1)
    const count = (state: string) => level('db.client.connection.count', { 'db.client.connection.state': state })
    expect([await count('used'), await count('idle')]).toEqual([2, 0])
    expect(await level('db.client.connection.pending_requests')).toBe(1)
    for (const client of clients) client.release()
    await waiting
    expect([await count('used'), await count('idle')]).toEqual([0, 2])
    expect(await level('db.client.connection.pending_requests')).toBe(0)
    const wait = await recording.reading('db.client.connection.wait_time')
    expect(wait).toMatchObject({ count: 3, unit: 's' })
    expect(wait?.attributes['db.client.connection.pool.name']).toBe(`127.0.0.1:${server.connection.port}/postgres`)
  })

  it('a database that is away shows as a connection that failed', async () => {
    const away = new pg.Pool({ ...server.connection, port: 1 })
    const stopAway = instrumentPg(away, { client: recording.client, name: 'away' })
    await expect(away.query('SELECT 1')).rejects.toThrow()
    const failed = { 'db.client.connection.pool.name': 'away', 'error.type': 'ECONNREFUSED' }
    expect((await recording.reading('db.client.connection.wait_time', failed))?.count).toBe(1)
    stopAway()
    await away.end()
  })

  it('a connection that is cut in the middle of a query is an error, and the next query has a new client', async () => {
    const slow = pool.query('SELECT pg_sleep(20)')
    slow.catch(() => {})
    const killed = async () => {
      const sql =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep(20)%' AND pid <> pg_backend_pid()"
      return (await pool.query(sql)).rowCount === 0 ? undefined : true
    }
    await recording.until(killed)
    await expect(slow).rejects.toMatchObject({ code: '57P01' })
    await pool.query('UPDATE pg_settings SET setting = setting WHERE false')
    expect(await queries()).toMatchObject({ 'SELECT 57P01': 1, 'UPDATE ok': 1 })
  })

  it('lets what drives the protocol itself pass through unharmed', async () => {
    const client = await pool.connect()
    const query = new pg.Query('SELECT generate_series(1, 3) AS n')
    const rows: unknown[] = []
    const ended = new Promise((resolve, reject) => {
      query
        .on('row', (row) => rows.push(row))
        .on('end', resolve)
        .on('error', reject)
    })
    expect(client.query(query)).toBe(query)
    await ended
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    client.release()
    expect(await queries()).toEqual({})
  })

  it('takes a single client', async () => {
    const client = new pg.Client(server.connection)
    await client.connect()
    const stopClient = instrumentPg(client, { client: recording.client })
    await client.query('BEGIN')
    await client.query('ROLLBACK')
    expect(await queries()).toEqual({ 'BEGIN ok': 1, 'ROLLBACK ok': 1 })
    stopClient()
    expect(Object.hasOwn(client, 'query')).toBe(false)
    await client.end()
  })

  it('stop puts everything back, also on clients that are in use', async () => {
    const fresh = new pg.Pool({ ...server.connection, max: 1 })
    const before = fresh.eventNames()
    const stopFresh = instrumentPg(fresh, { client: recording.client })
    const client = await fresh.connect()
    expect(Object.hasOwn(client, 'query')).toBe(true)
    stopFresh()
    stopFresh()
    expect(Object.hasOwn(client, 'query')).toBe(false)
    expect(client.query).toBe(pg.Client.prototype.query)
    expect(Object.hasOwn(fresh, 'connect')).toBe(false)
    expect(fresh.eventNames()).toEqual(before)
    await client.query('SELECT 1')
    client.release()
    expect(await queries()).toEqual({})
    await fresh.end()
  })

  it('clients that were made before are taken on', async () => {
    const old = new pg.Pool({ ...server.connection, max: 1 })
    await old.query('SELECT 1')
    const stopOld = instrumentPg(old, { client: recording.client })
    await old.query('DELETE FROM pg_settings WHERE false').catch(() => {})
    expect(Object.keys(await queries())[0]).toMatch(/^DELETE /)
    stopOld()
    await old.end()
  })

  it('refuses what is no client', () => {
    for (const wrong of [undefined, null, {}, 'postgres://']) {
      expect(() => instrumentPg(wrong as never)).toThrow(SetupError)
    }
  })
})

describe('operationOf', () => {
  it('gives the first word, and never a text', () => {
    const cases: [unknown, string][] = [
      ['select 1', 'SELECT'],
      ['  \n\tWith a as (select 1) select * from a', 'WITH'],
      ['((select 1))', 'SELECT'],
      ['--x\r\nupdate t set a = 1', 'UPDATE'],
      ['/* /* */ delete from t', 'DELETE'],
      ['secretword 1', 'OTHER'],
      ['', 'OTHER'],
      ['/* never closed', 'OTHER'],
      [`${' '.repeat(100_000)}1`, 'OTHER'],
      [undefined, 'OTHER'],
      [{ toString: () => 'select' }, 'OTHER'],
    ]
    for (const [text, operation] of cases) expect(operationOf(text)).toBe(operation)
  })
})
