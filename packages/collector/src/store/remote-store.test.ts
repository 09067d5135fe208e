/** The store in its own thread: the same conformance suite through the proxy, and what happens when the thread dies. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStore } from './conformance.js'
import { createStore } from './remote-store.js'
import { batch, replay, T0 } from './testing/batches.js'
import { type Bundle, bundle } from './testing/bundle.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'
import { aggregateRequest } from './testing/requests.js'

let worker: Bundle
beforeAll(async () => {
  worker = await bundle(new URL('./worker.ts', import.meta.url))
})
afterAll(() => worker.remove())

const workerUrl = () => pathToFileURL(worker.path)

describeStore('store in a thread', {
  create: (dataDir) =>
    createStore({ dataDir, threads: 2, memoryLimitMb: 512, retention: keepForever, workerUrl: workerUrl() }),
  newPlace: newFolder,
  removePlace: removeFolder,
  runs: 3,
})

describe('a storage thread', () => {
  it('hands on logs and the error of a refused open', async () => {
    const dataDir = newFolder()
    const logged: string[] = []
    const options = { dataDir, workerUrl: workerUrl(), log: (_: string, message: string) => logged.push(message) }
    const store = createStore(options)
    await store.open(replay)
    await expect(createStore(options).open(replay)).rejects.toMatchObject({ code: 'storage_unavailable' })
    await store.append(batch({ samples: [[1, T0, 1]] }))
    await store.seal()
    expect(logged).toContain('sealed')
    await store.close()
    await store.close()
    removeFolder(dataDir)
  })

  it('fails to open where replay fails', async () => {
    const dataDir = newFolder()
    const first = createStore({ dataDir, workerUrl: workerUrl() })
    await first.open(replay)
    await first.append(batch({ samples: [[1, T0, 1]] }))
    await first.close()
    const second = createStore({ dataDir, workerUrl: workerUrl() })
    const broken = second.open(() => {
      throw new Error('cannot read this')
    })
    await expect(broken).rejects.toThrow(/cannot read this/)
    removeFolder(dataDir)
  })

  it('that dies fails everybody who waits, says so once, and fails who comes later', async () => {
    const dataDir = newFolder()
    const script = join(dataDir, 'dies.mjs')
    writeFileSync(
      script,
      `import { parentPort } from 'node:worker_threads'
       parentPort.on('message', (message) => {
         if (message.type !== 'open') process.exit(3)
         parentPort.postMessage({ type: 'known', known: { series: [], seq: 0, lastSeenMs: new Map() } })
         parentPort.postMessage({ type: 'opened' })
       })`,
    )
    const fatal: Error[] = []
    const store = createStore({ dataDir, workerUrl: pathToFileURL(script), onFatal: (error) => fatal.push(error) })
    await store.open(replay)
    const waiting = await Promise.allSettled([
      store.append(batch({ samples: [[1, T0, 1]] })),
      store.aggregate(aggregateRequest()),
      store.stats(),
    ])
    for (const outcome of waiting) expect(outcome).toMatchObject({ reason: { code: 'storage_unavailable' } })
    await expect(store.append(batch({}))).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(fatal.map((error) => error.message)).toEqual(['the storage thread ended with code 3'])
    await store.close()
    removeFolder(dataDir)
  })
})
