/** Node's clocks and timers. */
import { performance } from 'node:perf_hooks'
import type { Clock } from '@telltale/sdk-core'

export const nodeClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(callback, delayMs, hold = false) {
    const timer = setTimeout(callback, delayMs)
    if (!hold) timer.unref()
    return () => clearTimeout(timer)
  },
}
