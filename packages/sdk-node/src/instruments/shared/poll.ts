/** Reads something now and then: never twice at once, never keeping the process alive, never failing into the host. */
import type { Failed } from './guard.js'

/** Begins with one reading at once. The result ends it; a reading under way then ends by itself. */
export function poll(
  intervalMs: number,
  what: string,
  failed: Failed,
  read: (isStopped: () => boolean) => void | Promise<void>,
): () => void {
  let reading = false
  let stopped = false
  const once = async () => {
    // A slow reading must not pile up.
    if (reading || stopped) return
    reading = true
    try {
      await read(() => stopped)
    } catch (error) {
      if (!stopped) failed(what, error)
    } finally {
      reading = false
    }
  }
  const timer = setInterval(() => void once(), intervalMs)
  timer.unref()
  void once()
  return () => {
    stopped = true
    clearInterval(timer)
  }
}
