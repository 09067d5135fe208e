/** A `journal.db` that cannot be believed: it is set aside, and what proves itself is read out of it. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine } from './engine.js'
import { verifyFolder } from './offline.js'
import type { Store } from './store.js'
import { batch, replay, T0 } from './testing/batches.js'
import { differences, ModelStore } from './testing/model.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

let folder: string
let dataDir: string
let stores: Store[]
let logged: string[]

beforeEach(() => {
  folder = newFolder()
  dataDir = join(folder, 'data')
  stores = []
  logged = []
})
afterEach(async () => {
  for (const store of stores) await store.close()
  removeFolder(folder)
})

async function open(): Promise<Store> {
  const log = (level: string, message: string) => {
    if (level === 'error') logged.push(message)
  }
  const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever, log })
  stores.push(store)
  await store.open(replay)
  return store
}

const batches = [0, 1, 2].map((sequence) =>
  batch({
    sequence,
    samples: Array.from({ length: 50 }, (_, i) => [1 + (i % 8), T0 + i * 1_000_000, i + sequence] as const),
  }),
)

async function expectEverything(store: Store, model: ModelStore): Promise<void> {
  for (const stepMs of [1000, 60_000, 3_600_000]) {
    const request = aggregateRequest({ stepMs })
    expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
  }
}

describe('a broken journal.db', () => {
  const journal = () => join(dataDir, 'journal.db')

  /** Two batches sealed, one not; as a stop leaves it. */
  async function filled(): Promise<ModelStore> {
    const store = await open()
    const model = new ModelStore()
    for (const [i, one] of batches.entries()) {
      model.append(one)
      await store.append(one)
      if (i === 1) await store.seal()
    }
    await store.close()
    return model
  }

  it('is set aside, and everything is read out of it past a broken head', async () => {
    const model = await filled()
    const bytes = readFileSync(journal())
    bytes.fill(0xa5, 0, 8192)
    writeFileSync(journal(), bytes)
    const after = await open()
    await expectEverything(after, model)
    expect(await after.stats()).toMatchObject({ seq: 3, damagedEntries: 0, damagedSegments: 0 })
    const [kept] = readdirSync(join(dataDir, 'damaged'))
    expect(readFileSync(join(dataDir, 'damaged', kept!, 'journal.db'))).toEqual(bytes)
    expect(logged.join()).toMatch(/journal\.db is damaged/)
    expect(await after.append(batches[2])).toMatchObject({ duplicate: true })
    expect((await after.verify()).failures).toEqual([])
  })

  it('that is gone costs what was not sealed, by number', async () => {
    await filled()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${journal()}${suffix}`, { force: true })
    const after = await open()
    expect(await after.stats()).toMatchObject({ damagedEntries: 1, damagedSegments: 0 })
    expect((await after.verify()).failures).toEqual([
      { what: 'journal entry 3', reason: expect.stringMatching(/^1 batch from here on could not be read/) },
    ])
    const sealed = new ModelStore()
    for (const one of batches.slice(0, 2)) sealed.append(one)
    await expectEverything(after, sealed)
    expect((await after.append(batch({ sequence: 9, samples: [[1, T0, 1]] }))).seq).toBe(4)
  })

  it.each(['segments SET min_time_ms = 1', 'series SET metric = 2', `meta SET value = 9 WHERE key = 'sealed_seq'`])(
    'is not believed: UPDATE %s',
    async (change) => {
      const model = await filled()
      const db = new Database(journal())
      db.exec(`UPDATE ${change}`)
      db.close()
      const { failures } = await verifyFolder(dataDir, () => {})
      expect(failures.length).toBeGreaterThan(0)
      await expectEverything(await open(), model)
    },
  )
})
