/** The app around its pages: navigation, the palette, and which page is shown. */
import { render } from 'lit'
import { type Api, createApi } from './api.js'
import { pages } from './pages/index.js'
import { setUpPalette } from './palette.js'
import { followLinks, type Place, placeOf } from './router.js'

export interface ShellParts {
  /** The overview, which is in the document from the start. */
  overview: HTMLElement
  /** Where all other pages draw themselves. */
  page: HTMLElement
  nav: HTMLElement
  palette: HTMLDialogElement
  paletteOpener: HTMLElement
  getToken(): Promise<string>
  /** Tells whether the overview is shown: the header has tools for it. */
  shown(isOverview: boolean): void
}

export function startShell(parts: ShellParts): void {
  const { overview, page, nav, palette, paletteOpener, getToken, shown } = parts
  const api: Api = createApi(getToken)
  let leave: (() => void) | undefined
  let turn = 0

  const show = ({ page: name, id }: Place) => {
    leave?.()
    leave = undefined
    const current = ++turn
    const isOverview = name === 'overview'
    overview.hidden = !isOverview
    page.hidden = isOverview
    // A new container a page: what lit keeps for one must not meet the next.
    const root = document.createElement('div')
    page.replaceChildren(root)
    shown(isOverview)
    for (const link of nav.querySelectorAll('a')) {
      const target = placeOf(link.pathname)?.page
      const isCurrent = target === name || (target === 'dashboards' && name === 'dashboard')
      if (isCurrent) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    document.title = `${isOverview ? 'Overview' : pages[name].title} – Telltale`
    if (isOverview) return
    const undo = pages[name].show({ root, api, id, go, isCurrent: () => turn === current })
    leave = () => {
      undo?.()
      render(null, root)
    }
  }
  const { go } = followLinks(show)
  setUpPalette(palette, paletteOpener, api, go)
  nav.hidden = paletteOpener.hidden = false
  show(placeOf(location.pathname) ?? { page: 'overview', id: '' })
}
