/** A batch that cannot be replayed, or kills whoever tries, is set aside and listed; all others come back. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEngine } from './engine.js'
import { verifyFolder } from './offline.js'
import type { Replay } from './store.js'
import { batch, replay, T0 } from './testing/batches.js'
import { type Bundle, bundle } from './testing/bundle.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { POISON } from './testing/poison-child.js'
import { aggregateRequest } from './testing/requests.js'

let dataDir: string
let child: Bundle
let worker: Bundle

beforeAll(async () => {
  child = await bundle(new URL('./testing/poison-child.ts', import.meta.url))
  worker = await bundle(new URL('./worker.ts', import.meta.url))
})
afterAll(() => {
  child.remove()
  worker.remove()
})
beforeEach(() => {
  dataDir = newFolder()
})
afterEach(() => removeFolder(dataDir))

const engine = () => createEngine({ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever })

/** Batches 1 to 5, one sample each; the one in the middle is deadly. */
async function fill(): Promise<void> {
  const store = engine()
  await store.open(replay)
  for (const [sequence, value] of [1, 2, POISON, 4, 5].entries()) {
    await store.append(batch({ sequence, samples: [[1, T0 + sequence, value]] }))
  }
  await store.close()
}

/** The signal that ended the process, or null where it came up and closed. */
function start(...args: string[]): string | null {
  return spawnSync(process.execPath, [child.path, dataDir, ...args], { stdio: ['ignore', 'ignore', 'inherit'] }).signal
}

async function expectTheOthers(): Promise<void> {
  const store = engine()
  await store.open(replay)
  const answer = await store.aggregate(aggregateRequest({ stepMs: 0 }))
  expect([answer.count[0], answer.sum[0]]).toEqual([4, 12])
  const failures = [{ what: 'journal entry 3', reason: expect.stringContaining('has ended the process 2 times') }]
  expect((await store.verify()).failures).toEqual(failures)
  expect((await store.stats()).damagedEntries).toBe(1)
  // Sent again it is a duplicate still: nothing that was acknowledged is taken in twice.
  expect((await store.append(batch({ sequence: 2, samples: [[1, T0, 1]] }))).duplicate).toBe(true)
  await store.seal()
  await store.close()
  expect((await verifyFolder(dataDir, () => {})).failures).toEqual(failures)
}

describe('a batch that kills whoever replays it', () => {
  it('is set aside after two deaths of the process', { timeout: 60_000 }, async () => {
    await fill()
    expect([start(worker.path), start(worker.path), start(worker.path)]).toEqual(['SIGKILL', 'SIGKILL', null])
    await expectTheOthers()
  })

  it('is found among its neighbours first, where only a range is known', { timeout: 60_000 }, async () => {
    await fill()
    expect([start(), start(), start(), start()]).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', null])
    await expectTheOthers()
  })
})

describe('a start that fails or is killed elsewhere', () => {
  it('puts no batch under suspicion for good', async () => {
    await fill()
    const dying: Replay = () => {
      throw new Error('the thread fell over')
    }
    // A replay that works clears what two deaths in one place would have decided.
    for (let round = 0; round < 3; round++) {
      const failing = engine()
      await expect(failing.open(dying)).rejects.toMatchObject({ code: 'storage_unavailable' })
      expect(existsSync(join(dataDir, 'replay.mark'))).toBe(true)
      const store = engine()
      await store.open(replay)
      expect(existsSync(join(dataDir, 'replay.mark'))).toBe(false)
      expect((await store.verify()).failures).toEqual([])
      await store.close()
    }
  })
})

it('sets aside what ingest cannot read any more, and says so', async () => {
  await fill()
  const logged: unknown[] = []
  const store = createEngine({
    ...{ dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever },
    log: (level, _, fields) => level === 'error' && logged.push(fields),
  })
  await store.open(async (entries, known) =>
    (await replay(entries, known)).map((columns) => (columns?.samples?.value[0] === POISON ? null : columns)),
  )
  expect(logged).toEqual([{ seq: 3, reason: 'it cannot be read' }])
  expect((await store.aggregate(aggregateRequest({ stepMs: 0 }))).count[0]).toBe(4)
  expect((await store.verify()).failures).toEqual([{ what: 'journal entry 3', reason: 'it cannot be read' }])
  await store.close()
})
