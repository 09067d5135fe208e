/** Whether a tag is on the screen of a page that is seen: what is scrolled away or hidden is neither drawn nor asked for. */
import type { LitElement, ReactiveController } from 'lit'

export class VisibilityController implements ReactiveController {
  readonly #host: LitElement
  readonly #changed: (visible: boolean) => void
  #observer: IntersectionObserver | undefined
  #isNear = false

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
        this.#isNear = entries[entries.length - 1].isIntersecting
        this.#tell()
      },
      { rootMargin: '50% 0px' },
    )
    this.#observer.observe(this.#host)
    document.addEventListener('visibilitychange', this.#tell)
  }

  hostDisconnected(): void {
    this.#observer?.disconnect()
    document.removeEventListener('visibilitychange', this.#tell)
    this.#isNear = false
    if (!this.visible) return
    this.visible = false
    this.#changed(false)
  }

  readonly #tell = (): void => {
    const visible = this.#isNear && document.visibilityState === 'visible'
    // An observer tells again when a tag has changed its size; those who listen decide.
    this.visible = visible
    this.#changed(visible)
  }
}
