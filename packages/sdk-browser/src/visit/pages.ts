/**
 * Journeys: a page view at each change of path, whoever changes it, and how long the page before was looked at.
 *
 * Addresses are recorded without query and fragment, which may hold secrets; a fragment that is a route (`#/…`, `#!…`) counts
 * as part of the path.
 */

export interface Pages {
  /** A view of `path`, ending the one before. Default: where the page is. */
  view(path?: string, properties?: object): void
  stop(): void
}

/** `listen` adds a listener for as long as the client lives. */
export function createPages(
  track: (name: string, properties: object) => void,
  auto: boolean,
  listen: (target: EventTarget, type: string, listener: (event: Event) => void) => void,
): Pages {
  let current = ''
  let referrer = plainAddress(document.referrer)
  let seenMs = 0
  /** When the page was last shown; NaN while it is hidden. */
  let shownAtMs = Number.NaN

  const clock = (): void => {
    seenMs += performance.now() - shownAtMs || 0
    shownAtMs = document.hidden ? Number.NaN : performance.now()
  }
  const leave = (): void => {
    clock()
    if (current) track('page.left', { 'url.path': current, 'page.duration_ms': Math.round(seenMs) })
    referrer = current || referrer
    current = ''
  }
  const view = (path = pathOf(location), properties?: object): void => {
    leave()
    current = path
    seenMs = 0
    track('page.viewed', { 'url.path': path, 'page.referrer': referrer, ...properties })
  }
  const moved = (): void => {
    if (auto && pathOf(location) !== current) view()
  }

  listen(document, 'visibilitychange', clock)
  listen(window, 'pagehide', leave)
  // From the back/forward cache; at the first load the page is current already.
  listen(window, 'pageshow', moved)
  listen(window, 'popstate', moved)
  listen(window, 'hashchange', moved)
  if (auto) {
    for (const method of ['pushState', 'replaceState'] as const) {
      const original = history[method]
      // Whoever wraps it after us keeps us inside, so it is never taken out; once stopped, it only passes on.
      history[method] = function (this: History, ...args) {
        original.apply(this, args)
        moved()
      }
    }
  }
  return {
    view,
    stop() {
      leave()
      auto = false
    },
  }
}

export function pathOf({ pathname, hash }: Location): string {
  return /^#[!/]/.test(hash) ? pathname + hash.replace(/\?.*/, '') : pathname
}

/** Within the site the path, from elsewhere the address; never query or fragment. */
export function plainAddress(address: string): string {
  return address.replace(/[?#].*/, '').replace(location.origin, '')
}
