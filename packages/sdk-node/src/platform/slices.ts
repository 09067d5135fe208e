/**
 * Main-thread time of each run, however many overlap: the hooks that Node calls before and after each callback tell when
 * the thread starts and stops to work for a run, and the asynchronous context tells for which.
 *
 *   run A  ├──────┤            ├────┤       charged to A: 6 + 4
 *   run B          ├──────────┤             charged to B: 10
 *   thread ───────────────────────────►
 *
 * Hooks cost about a microsecond at every callback of the process, so they are on only while such a run is open.
 */
import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import type { SliceAccount, SliceMeter } from '@telltale/sdk-core'

/** An open run as the hooks see it. */
interface Charged {
  account: SliceAccount
  open: boolean
}

const storage = new AsyncLocalStorage<Charged>()
/** Whom the thread works for now, and since when. */
let current: Charged | undefined
let sinceMs = 0
let openRuns = 0
const byAccount = new WeakMap<SliceAccount, Charged>()

/** Callbacks may nest; an inner one gives the thread back to whom it took it from. */
const interrupted: (Charged | undefined)[] = []

const hook = createHook({
  before() {
    interrupted.push(current)
    switchTo(storage.getStore())
  },
  after: () => switchTo(interrupted.pop()),
})

export const nodeSlices: SliceMeter = {
  run(account, work) {
    const charged = { account, open: true }
    byAccount.set(account, charged)
    if (openRuns++ === 0) hook.enable()
    const outer = current
    switchTo(charged)
    try {
      return storage.run(charged, work)
    } finally {
      switchTo(outer)
    }
  },
  end(account) {
    const charged = byAccount.get(account)
    if (charged === undefined || !charged.open) return account.ms
    if (current === charged) switchTo(undefined)
    charged.open = false
    if (--openRuns === 0) {
      hook.disable()
      interrupted.length = 0
    }
    return account.ms
  },
}

function switchTo(next: Charged | undefined): void {
  if (next === current) return
  const nowMs = performance.now()
  if (current?.open) current.account.ms += nowMs - sinceMs
  sinceMs = nowMs
  current = next
}
