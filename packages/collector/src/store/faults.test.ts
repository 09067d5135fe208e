/** What breaks, and what must be left: faults at every step of a commit and a seal, crashes there, damaged files. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealMeta } from '../journal/index.js'
import { createEngine, type EngineOptions } from './engine.js'
import type { Store } from './store.js'
import { batch, replay, T0, taskRow } from './testing/batches.js'
import { differences, ModelStore } from './testing/model.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

const DAY_MS = 86_400_000
const everything = aggregateRequest({ stepMs: 3_600_000 })
/** One number of all raw rows: no level has buckets that fit this step. */
const rawTotal = {
  ...everything,
  originMs: everything.startMs,
  stepMs: 6 * DAY_MS + 1,
  group: everything.series.map(() => 0),
}

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

async function open(options: Partial<EngineOptions> = {}): Promise<Store> {
  const log = (level: string, message: string) => {
    if (level === 'error') logged.push(message)
  }
  const store = createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever, log, ...options })
  stores.push(store)
  await store.open(replay)
  return store
}

/** Three batches over two days and two projects. */
const batches = [0, 1, 2].map((sequence) =>
  batch({
    sequence,
    project: sequence === 1 ? 2 : 1,
    samples: Array.from({ length: 50 }, (_, i) => [1 + (i % 8), T0 + (i % 2) * DAY_MS + i * 1000, i + sequence]),
    columns: { tasks: [taskRow({ id: `t${sequence}` })] },
  }),
)

function fault(code: string): Error {
  return Object.assign(new Error(`injected ${code}`), { code })
}

async function expectEverything(store: Store, model: ModelStore): Promise<void> {
  for (const project of [1, 2]) {
    // Raw, and from each level.
    for (const stepMs of [1000, 60_000, 300_000, 3_600_000, DAY_MS]) {
      const request = { ...everything, project, stepMs }
      expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
    }
  }
  const ids = await Promise.all(batches.map((b, i) => store.task(b.project, `t${i}`)))
  expect(ids.map((row) => row?.id)).toEqual(['t0', 't1', 't2'])
}

async function fill(store: Store): Promise<ModelStore> {
  const model = new ModelStore()
  for (const one of batches) {
    model.append(one)
    await store.append(one)
  }
  return model
}

function segmentFiles(): string[] {
  const names = readdirSync(join(dataDir, 'segments'), { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(dataDir, 'segments', name)).filter((path) => statSync(path).isFile())
}

describe('a commit that fails', () => {
  it.each([
    ['commit.begin', 'SQLITE_FULL', 'storage_full'],
    ['commit.end', 'SQLITE_FULL', 'storage_full'],
    ['commit.end', 'ENOSPC', 'storage_full'],
    ['commit.end', 'SQLITE_IOERR_FSYNC', 'storage_unavailable'],
  ])('at %s with %s answers %s, stores nothing, and the next one works', async (step, code, answer) => {
    let broken = false
    const probe = (at: string) => {
      if (broken && at === step) throw fault(code)
    }
    const store = await open({ probe })
    await store.append(batches[0])
    broken = true
    const group = [1, 2].map((i) => store.append(batches[i]).catch((error: unknown) => error))
    for (const error of await Promise.all(group)) {
      expect(error).toMatchObject({ code: answer, retryAfterSeconds: expect.any(Number) })
    }
    broken = false
    expect((await store.aggregate(everything)).asOf).toBe(1)
    expect(await Promise.all([1, 2].map((i) => store.append(batches[i])))).toEqual([
      { seq: 2, duplicate: false },
      { seq: 3, duplicate: false },
    ])
  })

  it.each(['SQLITE_IOERR_FSYNC', 'SQLITE_NOMEM', 'SQLITE_FULL'])(
    'with %s, though it is in the database, counts',
    async (code) => {
      let broken: string | undefined
      const probe = (at: string) => {
        if (at === broken) throw fault(code)
      }
      const store = await open({ probe })
      broken = 'commit.committed'
      expect(await store.append(batches[0])).toEqual({ seq: 1, duplicate: false })
      expect(await store.append(batches[1])).toEqual({ seq: 2, duplicate: false })
      broken = undefined
      expect(await store.append(batches[0])).toMatchObject({ duplicate: true })
      const model = await fill(store)
      broken = 'manifest.committed'
      await store.seal()
      expect(await store.stats()).toMatchObject({ seq: 3, hotRows: 0 })
      await expectEverything(store, model)
      await store.close()
      await expectEverything(await open(), model)
    },
  )

  it('refuses batches when the journal is full, and takes them again once it is sealed', async () => {
    const store = await open({ maxJournalBytes: 1024 * 1024 })
    const large = (sequence: number) => ({
      ...batch({ sequence, samples: [[1, T0 + sequence, 1]] }),
      payload: new Uint8Array(200_000),
    })
    let refused: unknown
    let sequence = 0
    while (refused === undefined) {
      await store.append(large(sequence++)).catch((error: unknown) => {
        refused = error
      })
    }
    expect(refused).toMatchObject({ code: 'storage_full' })
    await store.seal()
    // The journal gives sealed rows back bit by bit.
    let taken = false
    for (let tries = 0; tries < 100 && !taken; tries++) {
      taken = await store.append(large(sequence - 1)).then(
        (appended) => !appended.duplicate,
        () => new Promise((resolve) => setTimeout(() => resolve(false), 5)),
      )
    }
    expect(taken).toBe(true)
    expect((await store.aggregate({ ...everything, stepMs: 0 })).count[0]).toBe(sequence)
  })

  it('keeps a batch that cannot be stored from failing its neighbours', async () => {
    const store = await open()
    const poison = { ...batches[1], receivedMs: undefined as unknown as number }
    const outcomes = await Promise.allSettled([batches[0], poison, batches[2]].map((one) => store.append(one)))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await store.append(batches[1])).duplicate).toBe(false)
  })
})

const sealSteps = [
  'seal.copy',
  'seal.fsync',
  'seal.rename',
  'seal.renamed',
  'seal.folder',
  'seal.checksum',
  'manifest.begin',
  'manifest.end',
]

describe('a seal that fails', () => {
  it.each(sealSteps)('at %s leaves everything as it was, and the next one succeeds', async (step) => {
    let broken = true
    const probe = (at: string) => {
      if (broken && at === step) throw fault('ENOSPC')
    }
    const store = await open({ probe })
    const model = await fill(store)
    await expect(store.seal()).rejects.toMatchObject({ code: 'storage_full' })
    expect(segmentFiles()).toEqual([])
    expect(logged).toHaveLength(1)
    await expectEverything(store, model)
    const late = batch({ sequence: 3, samples: [[1, T0, 5]] })
    model.append(late)
    await store.append(late)
    await expectEverything(store, model)
    broken = false
    await store.seal()
    await expectEverything(store, model)
    expect(await store.stats()).toMatchObject({ hotRows: 0, journalBatches: 0 })
    await store.close()
    await expectEverything(await open(), model)
  })
})

/** The occasions of a step at which a crash is tried. */
const IMAGED_TIMES = new Set([0, 4, 13])

describe('a crash', () => {
  it.each(['commit.begin', 'commit.end', ...sealSteps, 'seal.committed'])(
    'at %s loses nothing and doubles nothing',
    async (step) => {
      // An image of the folder at this moment is what a kill would leave.
      const images: { path: string; acked: number }[] = []
      let acked = 0
      let times = 0
      const probe = (at: string) => {
        // Some of the many files of a seal stand for all.
        if (at !== step || !IMAGED_TIMES.has(times++)) return
        const path = join(folder, `image-${images.length}`)
        cpSync(dataDir, path, { recursive: true })
        images.push({ path, acked })
      }
      const store = await open({ probe })
      const model = new ModelStore()
      for (const one of batches) {
        model.append(one)
        await store.append(one)
        acked++
      }
      await store.seal()
      expect(images.length).toBeGreaterThan(0)
      for (const image of images) {
        const after = await open({ dataDir: image.path })
        const { seq } = await after.stats()
        expect(seq).toBe(image.acked)
        // Every sender tries again: what had been acknowledged is known, the rest is stored now.
        for (const [i, one] of batches.entries()) {
          expect((await after.append(one)).duplicate).toBe(i < image.acked)
        }
        await expectEverything(after, model)
        await after.seal()
        await expectEverything(after, model)
        await after.close()
      }
    },
  )

  it('leaves files that nobody names; they are removed when the folder is opened', async () => {
    const store = await open()
    const model = await fill(store)
    await store.seal()
    await store.close()
    const orphan = join(dataDir, 'segments/1/samples/2026-01-05-9-9.parquet')
    writeFileSync(orphan, 'half')
    writeFileSync(`${orphan}.tmp`, 'half')
    await expectEverything(await open(), model)
    expect([existsSync(orphan), existsSync(`${orphan}.tmp`)]).toEqual([false, false])
  })
})

describe('damage', () => {
  async function sealedFolder(): Promise<string[]> {
    const store = await open()
    await fill(store)
    await store.seal()
    await store.close()
    return segmentFiles().filter((path) => path.includes('/1/samples/'))
  }

  function flipBit(path: string): void {
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] ^= 4
    writeFileSync(path, bytes)
  }

  it.each([
    ['a flipped bit', flipBit],
    ['a cut end', (path: string) => truncateSync(path, 100)],
    ['bytes at the end', (path: string) => appendFileSync(path, 'x')],
    ['a missing file', (path: string) => rmSync(path)],
  ])('%s sets the segment aside, loudly, and the rest is served', async (_, harm) => {
    const [first, second] = await sealedFolder()
    expect(second).toBeDefined()
    harm(first)
    const store = await open()
    const answer = await store.aggregate(rawTotal)
    // Project 1 has two batches of 50 rows, half of them on either day.
    expect(answer.count[0]).toBe(50)
    expect(logged.length).toBe(1)
    expect((await store.stats()).damagedSegments).toBe(1)
    expect(existsSync(first)).toBe(false)
    await store.close()
    const again = await open()
    expect((await again.stats()).damagedSegments).toBe(1)
    expect((await again.aggregate(rawTotal)).count[0]).toBe(50)
  })

  it('is found by verify, in segments that reads had trusted', async () => {
    const store = await open()
    await fill(store)
    await store.seal()
    expect((await store.verify()).failures).toEqual([])
    const harmed = segmentFiles()[0]
    flipBit(harmed)
    const { failures } = await store.verify()
    expect(failures).toEqual([{ what: expect.stringContaining('segment '), reason: 'the checksum does not match' }])
    expect(readdirSync(join(dataDir, 'damaged'))).toHaveLength(1)
    expect((await store.verify()).failures).toEqual([])
  })

  it('of a journal entry sets the entry aside, and replays the others', async () => {
    const store = await open()
    await fill(store)
    await store.close()
    const db = new Database(join(dataDir, 'journal.db'))
    db.prepare(`UPDATE journal SET payload = 'x' WHERE seq = 2`).run()
    db.close()
    const after = await open()
    expect(await after.stats()).toMatchObject({ seq: 3, journalBatches: 2 })
    expect(logged).toHaveLength(1)
    expect((await after.verify()).failures).toEqual([
      { what: 'journal entry 2', reason: 'the checksum does not match' },
    ])
    expect((await after.append(batch({ sequence: 9, samples: [[1, T0, 1]] }))).seq).toBe(4)
  })
})

describe('opening', () => {
  it('makes the folder for its owner alone', async () => {
    await open()
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  })

  it('refuses a folder that another collector holds, and takes it once that is gone', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('in use'),
    })
    await first.close()
    await open()
  })

  it('refuses a folder of a newer version and a path that is a file', async () => {
    await (await open()).close()
    const db = new Database(join(dataDir, 'journal.db'))
    db.exec(`UPDATE meta SET value = 99 WHERE key = 'schema_version'`)
    sealMeta(db)
    db.close()
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('newer version') })
    // A refusal lets go of the folder.
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('newer version') })
    writeFileSync(join(folder, 'file'), '')
    await expect(open({ dataDir: join(folder, 'file') })).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('reports a journal that is no database', async () => {
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'journal.db'), 'not a database at all, by any means whatsoever')
    await expect(open()).rejects.toMatchObject({ code: 'storage_unavailable' })
  })

  it('refuses options that make no sense, by name', () => {
    expect(() => createEngine({ dataDir, sealRows: 0 })).toThrow(/sealRows/)
    expect(() => createEngine({ dataDir, threads: Number.NaN })).toThrow(/threads/)
  })
})

describe('limits', () => {
  it('refuses queries beyond its queue', async () => {
    const store = await open({ maxReads: 1, maxQueuedReads: 1 })
    await fill(store)
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => store.aggregate(everything)))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(outcomes[2]).toMatchObject({ reason: { code: 'overloaded' } })
  })

  it('counts the wait in the queue as time of the query', async () => {
    const store = await open({ maxReads: 1 })
    await fill(store)
    const [first, second] = await Promise.allSettled([
      store.aggregate(everything),
      store.aggregate({ ...everything, timeoutMs: 0 }),
    ])
    expect([first.status, second]).toMatchObject(['fulfilled', { reason: { code: 'query_timeout' } }])
  })

  it('seals by itself when enough rows are hot', async () => {
    const store = await open({ sealRows: 100 })
    await fill(store)
    await store.seal()
    for (let tries = 0; tries < 200 && (await store.stats()).sealsTotal === 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(await store.stats()).toMatchObject({ hotRows: 0, segmentRows: 153 })
  })

  it('lets nothing outside the data folder be read', async () => {
    const store = await open()
    await fill(store)
    const name = `x' OR 1 = (SELECT count(*) FROM read_text('/etc/passwd')) --`
    const request = { project: 1, startMs: T0, endMs: T0 + 1, filters: { [name]: { in: [name] } }, limit: 1, offset: 0 }
    expect((await store.tasks({ ...request, sort: 'start_time', descending: true, timeoutMs: 1000 })).total).toBe(0)
  })
})

describe('a full disk', () => {
  it('refuses batches at once, gives up its reserve to seal, and goes on by itself when there is room', async () => {
    let full = false
    const probe = (at: string) => {
      if (full && at.endsWith('.begin')) throw fault('ENOSPC')
    }
    const store = await open({ probe, reserveBytes: 1024 * 1024 })
    const reserve = join(dataDir, 'reserve')
    expect(statSync(reserve).size).toBe(1024 * 1024)
    const model = await fill(store)
    full = true
    const late = batch({ sequence: 3, samples: [[1, T0, 5]] })
    await expect(store.append(late)).rejects.toMatchObject({ code: 'storage_full' })
    // The second one does not ask the disk again.
    await expect(store.append(late)).rejects.toMatchObject({ code: 'storage_full', retryAfterSeconds: 5 })
    expect(await store.stats()).toMatchObject({ diskFull: true, sealsTotal: 0 })
    await until(() => !existsSync(reserve))
    await expectEverything(store, model)
    full = false
    await until(async () => !(await store.stats()).diskFull)
    expect(statSync(reserve).size).toBe(1024 * 1024)
    expect(await store.stats()).toMatchObject({ hotRows: 0, journalBatches: 0 })
    model.append(late)
    await store.append(late)
    await expectEverything(store, model)
  })

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
  }
})

describe('an fsync that fails', () => {
  it('begins the log anew before the next commit', async () => {
    let broken = false
    const sizes: number[] = []
    const wal = join(dataDir, 'journal.db-wal')
    const probe = (at: string) => {
      if (at === 'commit.begin') sizes.push(statSync(wal).size)
      if (broken && at === 'commit.end') throw fault('SQLITE_IOERR_FSYNC')
    }
    const store = await open({ probe })
    await store.append(batches[0])
    broken = true
    await expect(store.append(batches[1])).rejects.toMatchObject({ code: 'storage_unavailable' })
    broken = false
    await store.append(batches[1])
    await store.append(batches[2])
    expect(sizes[1]).toBeGreaterThan(0)
    expect(sizes[2]).toBe(0)
    expect((await store.stats()).seq).toBe(3)
  })
})
