/** An error of the moment, as too many open files: it fails what asked, and condemns no data. */
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEngine } from './engine.js'
import type { Store } from './store.js'
import { batch, replay, T0 } from './testing/batches.js'
import { faultyDisk, type Operation } from './testing/faulty-disk.js'
import { differences, ModelStore } from './testing/model.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

// The mock runs before this file's own imports do.
vi.mock('node:fs/promises', async (original) => (await import('./testing/faulty-disk.js')).watchedFs(original))

const request = aggregateRequest({ stepMs: 1000 })
const rows = batch({ samples: [[1, T0, 5]] })
const model = new ModelStore()
model.append(rows)

let folder: string
let store: Store | undefined
beforeEach(async () => {
  folder = newFolder()
  const first = await open()
  await first.append(rows)
  await first.seal()
  await first.close()
})
afterEach(async () => {
  faultyDisk.reset()
  await store?.close()
  removeFolder(folder)
})

async function open(): Promise<Store> {
  const options = { dataDir: folder, threads: 1, memoryLimitMb: 256, retention: keepForever, reserveBytes: 0 }
  store = createEngine(options)
  await store.open(replay)
  return store
}

function failAt(code: string, isDue: (operation: Operation) => boolean): void {
  faultyDisk.before = (operation) => {
    if (isDue(operation)) throw Object.assign(new Error(`injected ${code}`), { code })
  }
}

async function expectSound(opened: Store): Promise<void> {
  expect(differences(await opened.aggregate(request), model.aggregate(request))).toEqual([])
  expect((await opened.stats()).damagedSegments).toBe(0)
  expect((await opened.verify()).failures).toEqual([])
}

it.each(['EMFILE', 'ENFILE', 'EIO'])('%s at the first use of a segment fails the query alone', async (code) => {
  const opened = await open()
  failAt(code, ({ name, path }) => name === 'open' && path.endsWith('.parquet'))
  await expect(opened.aggregate(request)).rejects.toMatchObject({ code: 'storage_unavailable' })
  const { failures } = await opened.verify()
  expect(failures[0]).toMatchObject({ reason: expect.stringContaining(code) })
  faultyDisk.reset()
  await expectSound(opened)
})

it('a segment that cannot be looked at when the folder is opened is kept', async () => {
  failAt('EIO', ({ name, path }) => name === 'stat' && path.endsWith('.parquet'))
  const opened = await open()
  faultyDisk.reset()
  await expectSound(opened)
})

it('a file that cannot be removed keeps nobody from starting, and goes at the next start', async () => {
  const samples = join(folder, 'segments/1/samples')
  const [name] = readdirSync(samples)
  copyFileSync(join(samples, name!), join(samples, 'left.parquet'))
  failAt('EACCES', (operation) => operation.name === 'rm' && operation.path.endsWith('left.parquet'))
  const opened = await open()
  faultyDisk.reset()
  await expectSound(opened)
  expect(readdirSync(samples)).toContain('left.parquet')
  await opened.close()
  await expectSound(await open())
  expect(readdirSync(samples)).toEqual([name])
})

it('a segment that can never be read is passed over by merges, and the others are merged', async () => {
  const opened = await open()
  for (const sequence of [1, 2]) {
    const more = batch({ sequence, samples: [[1, T0 + sequence, 5]] })
    model.append(more)
    await opened.append(more)
    await opened.seal()
  }
  const files = () => readdirSync(join(folder, 'segments/1/samples')).length
  const [broken] = readdirSync(join(folder, 'segments/1/samples')).sort()
  failAt('EIO', ({ name, path }) => name === 'open' && path.endsWith(broken!) && path.includes('samples'))
  // As at a start: nothing has been read yet.
  await opened.close()
  const after = await open()
  await after.maintain()
  expect(files()).toBe(2)
  await after.maintain()
  expect(files()).toBe(2)
  faultyDisk.reset()
  await expectSound(after)
})
