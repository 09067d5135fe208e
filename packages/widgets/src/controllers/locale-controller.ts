/** A tag's language: the `lang` of its nearest ancestor, through shadow roots too, else the page's; changes are followed. */
import type { LitElement, ReactiveController } from 'lit'
import { onConfigure } from '../client/configure.js'
import { canonicalLocale, pageLocale } from '../i18n/locale.js'
import { loadMessages, onMessages } from '../i18n/messages.js'

/** One observer for the page, whatever the number of tags. */
const followers = new Set<() => void>()
let observer: MutationObserver | undefined

function followLanguage(changed: () => void): () => void {
  followers.add(changed)
  if (!observer) {
    observer = new MutationObserver(() => {
      for (const follower of [...followers]) follower()
    })
    observer.observe(document, { attributes: true, attributeFilter: ['lang', 'dir'], subtree: true })
  }
  return () => {
    followers.delete(changed)
    if (followers.size > 0) return
    observer?.disconnect()
    observer = undefined
  }
}

export class LocaleController implements ReactiveController {
  readonly #host: LitElement
  #stops: (() => void)[] = []

  /** Undefined for the reader's own. */
  locale: string | undefined

  constructor(host: LitElement) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#resolve()
    this.#stops = [
      followLanguage(() => this.#resolve()),
      onConfigure(() => this.#resolve()),
      onMessages(() => this.#host.requestUpdate()),
    ]
  }

  hostDisconnected(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  #resolve(): void {
    const before = this.locale
    this.locale = nearestLanguage(this.#host) ?? pageLocale()
    void loadMessages(this.locale)
    if (this.locale !== before) this.#host.requestUpdate()
  }
}

/** The document's own `lang` is not near: `configure({ locale })` goes before it. */
function nearestLanguage(element: Element): string | undefined {
  let at: Element | null = element
  while (at) {
    const found: Element | null = at.closest('[lang]')
    if (found && found !== document.documentElement) return canonicalLocale(found.getAttribute('lang'))
    const root = at.getRootNode()
    at = root instanceof ShadowRoot ? root.host : null
  }
  return undefined
}
