/**
 * The end of a page: nothing is sure to run after it was hidden, so that is when it flushes. `unload` is not used: it
 * fires seldom on phones, and listening to it keeps pages out of the back/forward cache.
 */
import type { ExitTarget } from '@telltale/sdk-core'

export function isHidden(): boolean {
  return typeof document !== 'undefined' && document.visibilityState === 'hidden'
}

/** Does nothing where there is no page, as on a server that renders one. */
export function flushOnHide(target: ExitTarget): () => void {
  if (typeof document === 'undefined' || typeof window === 'undefined') return () => {}
  const onVisibility = (): void => {
    if (isHidden()) void target.flush()
  }
  const onPageHide = (): void => void target.flush()
  document.addEventListener('visibilitychange', onVisibility)
  window.addEventListener('pagehide', onPageHide)
  return () => {
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('pagehide', onPageHide)
  }
}
