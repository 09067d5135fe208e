/** The browser's clocks and timers. Nothing keeps a page alive, so holding has no meaning here. */
import type { Clock } from '@telltale/sdk-core'

export const browserClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
