/** A page that nobody sees needs no stream: its socket is let go after a while, and is back when the page is. */
import type { Connection } from './connection.js'

/** Long enough for a look at another tab. */
const pauseAfterMs = 15_000

/** Until the returned function is called. Without a document, as on a server, nothing is hidden. */
export function pauseWhileHidden(connection: Pick<Connection, 'pause' | 'resume'>): () => void {
  const page = globalThis.document
  if (!page) return () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  const follow = () => {
    clearTimeout(timer)
    if (page.visibilityState === 'hidden') timer = setTimeout(() => connection.pause(), pauseAfterMs)
    else connection.resume()
  }
  page.addEventListener('visibilitychange', follow)
  if (page.visibilityState === 'hidden') follow()
  return () => {
    clearTimeout(timer)
    page.removeEventListener('visibilitychange', follow)
  }
}
