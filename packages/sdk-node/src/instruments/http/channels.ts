/** Subscriptions to Node's diagnostics channels: nothing is patched, so there is nothing to put back but these. */
import { subscribe as listen, unsubscribe } from 'node:diagnostics_channel'
import type { Failed } from '../shared/guard.js'

/** `M` is what the channel publishes. A listener that throws would be an uncaught exception of the host. */
export function subscribe<M>(channel: string, failed: Failed, listener: (message: M) => void): () => void {
  const guarded = (message: unknown) => {
    try {
      listener(message as M)
    } catch (error) {
      failed(`listening to ${channel}`, error)
    }
  }
  listen(channel, guarded)
  return () => {
    unsubscribe(channel, guarded)
  }
}
