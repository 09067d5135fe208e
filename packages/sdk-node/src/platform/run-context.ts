/** Which run asynchronous work belongs to. The storage is made with the first run that needs it: it is not free. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Run, RunContext } from '@telltale/sdk-core'

let storage: AsyncLocalStorage<Run> | undefined

export const nodeRunContext: RunContext = {
  run(run, work) {
    storage ??= new AsyncLocalStorage()
    return storage.run(run, work, run)
  },
  current: () => storage?.getStore(),
}
