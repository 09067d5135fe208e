/** `<metric-provider>`: gives every tag inside it, through shadow roots too, its endpoint, token and theme. */
import { css, html, LitElement } from 'lit'
import type { TelltaleOptions } from '../../client/configure.js'
import type { GetToken } from '../../client/credential.js'
import {
  type ContextCallback,
  type ContextRequestEvent,
  optionsContext,
  providerEvent,
} from '../../controllers/context.js'
import type { Theme } from '../shared/widget-element.js'

/**
 * @attr endpoint - Base URL of the collector. Default: the origin that the script was served from.
 * @attr token - A read key or an embed token.
 * @attr theme - `light`, `dark` or `auto`, for everything inside.
 */
export class MetricProvider extends LitElement {
  static override properties = {
    endpoint: { type: String },
    token: { type: String },
    theme: { type: String, reflect: true },
    getToken: { attribute: false },
  }
  static override styles = css`
    :host {
      display: contents;
    }
    :host([theme='light']) {
      color-scheme: light;
    }
    :host([theme='dark']) {
      color-scheme: dark;
    }
    :host([theme='auto']) {
      color-scheme: light dark;
    }
  `

  declare endpoint: string | undefined
  declare token: string | undefined
  declare theme: Theme
  /** Asked for the first token, and for another whenever the collector refuses the last. */
  declare getToken: GetToken | undefined

  readonly #subscribers = new Set<ContextCallback>()

  constructor() {
    super()
    this.theme = ''
    this.addEventListener('context-request', (event) => this.#answer(event))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.dispatchEvent(new Event(providerEvent, { bubbles: true, composed: true }))
  }

  protected override render(): unknown {
    return html`<slot></slot>`
  }

  protected override updated(): void {
    for (const callback of [...this.#subscribers]) this.#give(callback)
  }

  get #options(): TelltaleOptions {
    const { endpoint, token, getToken } = this
    // What is not said here is left to `configure()`.
    return { ...(endpoint ? { endpoint } : {}), ...(token ? { token } : {}), ...(getToken ? { getToken } : {}) }
  }

  #answer(event: ContextRequestEvent): void {
    if (event.context !== optionsContext) return
    event.stopPropagation()
    if (event.subscribe) this.#subscribers.add(event.callback)
    this.#give(event.callback)
  }

  #give(callback: ContextCallback): void {
    callback(this.#options, () => this.#subscribers.delete(callback))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'metric-provider': MetricProvider
  }
}
