/** Whether a tag is on the screen: what is scrolled away or hidden is not drawn. */
import type { LitElement, ReactiveController } from 'lit'

export class VisibilityController implements ReactiveController {
  readonly #host: LitElement
  readonly #changed: (visible: boolean) => void
  #observer: IntersectionObserver | undefined

  visible = false

  constructor(host: LitElement, changed: (visible: boolean) => void) {
    this.#host = host
    this.#changed = changed
    host.addController(this)
  }

  hostConnected(): void {
    // Half a screen before it scrolls in, so that it is drawn when it is seen.
    this.#observer = new IntersectionObserver(
      (entries) => {
        this.visible = entries[entries.length - 1].isIntersecting
        this.#changed(this.visible)
      },
      { rootMargin: '50% 0px' },
    )
    this.#observer.observe(this.#host)
  }

  hostDisconnected(): void {
    this.#observer?.disconnect()
    if (!this.visible) return
    this.visible = false
    this.#changed(false)
  }
}
