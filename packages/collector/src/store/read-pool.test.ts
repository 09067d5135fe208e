/** A query that is given up stops for real: DuckDB lets go of it, and its connection serves the next one. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Duck } from './duck.js'
import { type ReadLimits, ReadPool } from './read-pool.js'
import { newFolder, removeFolder } from './testing/places.js'

/** Hours of work: that the test ends at all shows that it was interrupted. */
const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3'

let folder: string
let duck: Duck
let pool: ReadPool

beforeEach(async () => {
  folder = newFolder()
  duck = await Duck.open({ dataDir: folder, threads: 1, memoryLimitMb: 64 })
  pool = new ReadPool(duck, { maxReads: 1, maxQueuedReads: 1 })
})

afterEach(async () => {
  await pool.close()
  duck.close()
  removeFolder(folder)
})

const run = (limits: ReadLimits, sql: string) =>
  pool.run(limits, async (connection) => (await (await connection.run(sql)).getRows())[0])

it('when its client goes away', async () => {
  const cancel = new AbortController()
  const running = run({ timeoutMs: 600_000, signal: cancel.signal }, endless)
  // With one connection this waits until the other has really ended.
  const next = run({ timeoutMs: 600_000 }, 'SELECT 7')
  setTimeout(() => cancel.abort(), 20)
  await expect(running).rejects.toMatchObject({ code: 'query_timeout', message: expect.stringContaining('cancelled') })
  expect(await next).toEqual([7])
})

it('when its time is over', async () => {
  await expect(run({ timeoutMs: 20 }, endless)).rejects.toMatchObject({ code: 'query_timeout' })
  expect(await run({ timeoutMs: 600_000 }, 'SELECT 7')).toEqual([7])
})

it('between steps that are not DuckDB’s', async () => {
  const cancel = new AbortController()
  let turns = 0
  const running = pool.run({ timeoutMs: 600_000, signal: cancel.signal }, async (_, pause) => {
    for (;;) {
      const untilMs = performance.now() + 5
      while (performance.now() < untilMs);
      if (++turns === 2) cancel.abort()
      await pause()
    }
  })
  await expect(running).rejects.toMatchObject({ code: 'query_timeout' })
  expect(turns).toBe(2)
})

it('says that it needs more memory than there is', async () => {
  const greedy = 'SELECT count(*) FROM (SELECT DISTINCT repeat(i::VARCHAR, 200) FROM range(3000000) t(i))'
  await expect(
    pool.run({ timeoutMs: 600_000 }, async (connection) => {
      await connection.run(greedy)
    }),
  ).rejects.toMatchObject({ code: 'query_too_large' })
})
