/**
 * Opens a store whose replay ends the process at every batch that holds the value 666, as a fault in native code would.
 * Started by `replay.test.ts`: `node poison-child.mjs DATA_DIR WORKER_FILE`; without a worker, the engine in this thread.
 */
import { pathToFileURL } from 'node:url'
import { createEngine } from '../engine.js'
import { createStore } from '../remote-store.js'
import { columnsOf } from './batches.js'
import { keepForever } from './places.js'

/** The value that kills. */
export const POISON = 666

const [dataDir, worker] = process.argv.slice(2)
if (dataDir?.startsWith('/') && process.argv[1]?.endsWith('entry.mjs')) {
  const options = { dataDir, threads: 1, memoryLimitMb: 256, retention: keepForever }
  const store =
    worker === undefined ? createEngine(options) : createStore({ ...options, workerUrl: pathToFileURL(worker) })
  await store.open((entries) =>
    entries.map(({ payload }) => {
      const columns = columnsOf(payload)
      if (columns.samples?.value.includes(POISON)) process.kill(process.pid, 'SIGKILL')
      return columns
    }),
  )
  await store.close()
}
