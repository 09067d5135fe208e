/** Which page an address names. Links of the app are followed without a load; the back button goes where one was. */

export type PageName = 'overview' | 'dashboards' | 'dashboard' | 'explore' | 'tasks' | 'catalogue' | 'settings'

export interface Place {
  page: PageName
  /** Of a dashboard. */
  id: string
}

const pages: Readonly<Record<string, PageName>> = {
  '': 'overview',
  dashboards: 'dashboards',
  explore: 'explore',
  tasks: 'tasks',
  catalogue: 'catalogue',
  settings: 'settings',
}

/** Undefined: the address is none of the app's. */
export function placeOf(pathname: string): Place | undefined {
  const [first = '', id = '', ...rest] = pathname.split('/').filter((part) => part !== '')
  const page = Object.hasOwn(pages, first) ? pages[first] : undefined
  if (page === undefined || rest.length > 0) return undefined
  if (id === '') return { page, id }
  return page === 'dashboards' ? { page: 'dashboard', id: decodeURIComponent(id) } : undefined
}

export function followLinks(show: (place: Place) => void): { go(path: string): void } {
  const address = () => location.pathname + location.search
  let shown = address()
  const current = () => {
    shown = address()
    show(placeOf(location.pathname) ?? { page: 'overview', id: '' })
  }
  const go = (path: string) => {
    history.pushState(null, '', path)
    scrollTo(0, 0)
    current()
  }
  addEventListener('popstate', () => {
    // To or from a place on the same page: that is the browser's to scroll to.
    if (address() !== shown) current()
  })
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement) as
      | HTMLAnchorElement
      | undefined
    if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
    // A place on this very page is the browser's to go to.
    if (link.hash && link.pathname === location.pathname) {
      shown = address()
      return
    }
    if (!placeOf(link.pathname)) return
    event.preventDefault()
    go(link.pathname + link.search + link.hash)
  })
  return { go }
}
