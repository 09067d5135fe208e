/**
 * Whatever fails, and wherever it dies: each operation that sealing, merging and removing do is failed once, and each is
 * the last one before a kill and before a power loss. Afterwards nothing is lost, nothing is double, and work goes on.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEngine } from './engine.js'
import type { Store } from './store.js'
import { batch, replay, type Sample, T0 } from './testing/batches.js'
import { faultyDisk, type Operation } from './testing/faulty-disk.js'
import { differences, ModelStore } from './testing/model.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

// The mock runs before this file's own imports do.
vi.mock('node:fs/promises', async (original) => (await import('./testing/faulty-disk.js')).watchedFs(original))

/** Every so many operations is tried; `npm run test:soak` tries each. */
const STRIDE = Number(process.env.TELLTALE_OPERATION_STRIDE ?? 71)

const DAY_MS = 86_400_000
const resolutions = [1000, 60_000, 300_000, 3_600_000, DAY_MS].map((stepMs) => aggregateRequest({ stepMs }))

let folder: string
beforeEach(() => {
  folder = newFolder()
})
afterEach(() => {
  faultyDisk.reset()
  removeFolder(folder)
})

async function open(dataDir: string): Promise<Store> {
  const options = { dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever, reserveBytes: 0 }
  const store = createEngine({ ...options, probe: faultyDisk.probe })
  await store.open(replay)
  return store
}

/** Rows of a day, some of which come late. */
const batches = [0, 1, 2].map((sequence) =>
  batch({
    sequence,
    samples: Array.from(
      { length: 30 },
      (_, i): Sample => [1 + (i % 4), T0 + i * 100_000 - sequence * 7000, i + sequence],
    ),
  }),
)

/** What a collector does with them. Failures are reported; the next step is tried all the same. */
async function work(store: Store, acked: (sequence: number) => void): Promise<number> {
  let failures = 0
  const tried = async (step: Promise<unknown>) => {
    await step.catch(() => failures++)
  }
  for (const [sequence, one] of batches.entries()) {
    await tried(store.append(one).then(() => acked(sequence)))
    await tried(store.seal())
  }
  // Once more, as a collector would after a failure.
  for (const _ of [1, 2]) await tried(store.maintain())
  return failures
}

async function expectAll(store: Store, sequences: Iterable<number>): Promise<void> {
  const model = new ModelStore()
  for (const sequence of sequences) model.append(batches[sequence]!)
  for (const request of resolutions) {
    expect(differences(await store.aggregate(request), model.aggregate(request))).toEqual([])
  }
}

/** All that was acknowledged is there; the rest comes again, is stored once, and everything can be sealed and merged. */
async function expectSound(dataDir: string, acked: ReadonlySet<number>): Promise<void> {
  const store = await open(dataDir)
  try {
    const stored = new Set(acked)
    if (acked.size > 0) expect((await store.stats()).seq).toBeGreaterThanOrEqual(acked.size)
    for (const [sequence, one] of batches.entries()) {
      const { duplicate } = await store.append(one)
      // What was not acknowledged may have been stored, where the answer was lost.
      if (acked.has(sequence)) expect(duplicate).toBe(true)
      stored.add(sequence)
    }
    await expectAll(store, stored)
    await store.seal()
    await store.maintain()
    await expectAll(store, stored)
    expect(await store.stats()).toMatchObject({ damagedSegments: 0, damagedEntries: 0, hotRows: 0 })
    expect((await store.verify()).failures).toEqual([])
  } finally {
    await store.close()
  }
}

/** Fails where `isDue` says so, and returns what has failed. */
async function failing(code: string, isDue: (operation: Operation) => boolean): Promise<string[]> {
  const dataDir = join(folder, 'failing')
  const store = await open(dataDir)
  const acked = new Set<number>()
  const failed: string[] = []
  faultyDisk.before = (operation) => {
    if (!isDue(operation)) return
    failed.push(`${operation.name} ${operation.path} with ${code}`)
    throw Object.assign(new Error(`injected ${code}`), { code })
  }
  try {
    await work(store, (sequence) => acked.add(sequence))
    faultyDisk.before = () => {}
    // In the same process, and in the next.
    await expectAll(store, acked)
    await store.close()
    await expectSound(dataDir, acked)
  } catch (error) {
    expect.fail(`after ${failed.join(', ')}: ${String(error)}`)
  }
  removeFolder(dataDir)
  return failed
}

it(`survives the failure of each operation, one in ${STRIDE}`, { timeout: 7_200_000 }, async () => {
  for (let nth = 1; ; nth += STRIDE) {
    for (const code of ['EIO', 'ENOSPC']) {
      let count = 0
      const failed = await failing(code, () => ++count === nth)
      if (failed.length > 0) continue
      expect(nth).toBeGreaterThan(100)
      return
    }
  }
})

// An error of what has been done all the same: the answer of a COMMIT says one thing, the disk another.
it.each(['commit.committed', 'manifest.committed', 'seal.committed', 'compact.committed', 'unlink'])(
  'survives an error of each %s that is tried, and of the second one alone',
  { timeout: 60_000 },
  async (step) => {
    expect((await failing('SQLITE_IOERR', ({ name }) => name === step)).length).toBeGreaterThan(0)
    let count = 0
    expect(await failing('SQLITE_FULL', ({ name }) => name === step && ++count === 2)).toHaveLength(1)
  },
)

it(`survives a kill and a power loss at each operation, one in ${STRIDE}`, { timeout: 1_800_000 }, async () => {
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const store = await open(dataDir)
  const acked = new Set<number>()
  const images: { path: string; at: string; acked: Set<number> }[] = []
  let count = 0
  faultyDisk.before = ({ name, path }) => {
    // DuckDB has written this file; it is opened to be flushed.
    if (name === 'open' && path.endsWith('.tmp')) faultyDisk.written(path)
    if (++count % STRIDE !== 0) return
    for (const kind of ['kill', 'power-loss']) {
      const image = join(folder, `${kind}-${count}`)
      if (kind === 'kill') faultyDisk.copy(dataDir, image)
      else faultyDisk.copyAfterPowerLoss(dataDir, image)
      images.push({ path: image, at: `${kind} at ${count}, ${name} ${path}`, acked: new Set(acked) })
    }
  }
  expect(await work(store, (sequence) => acked.add(sequence))).toBe(0)
  faultyDisk.reset()
  await store.close()
  expect(count).toBeGreaterThan(100)
  for (const image of images) {
    await expectSound(image.path, image.acked).catch((error: unknown) => expect.fail(`${image.at}: ${String(error)}`))
    removeFolder(image.path)
  }
})
