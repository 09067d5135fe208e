/** Gives a tag its client: from the nearest provider, else from `configure()`; a change of either is followed. */
import type { LitElement, ReactiveController } from 'lit'
import { type AnalyticsClient, acquireClient } from '../client/analytics-client.js'
import { onConfigure, pageOptions, type TelltaleOptions } from '../client/configure.js'
import { ClientError } from '../client/errors.js'
import { ContextRequestEvent, optionsContext, providerEvent } from './context.js'

export class ClientController implements ReactiveController {
  readonly #host: LitElement
  #provided: TelltaleOptions | undefined
  #release: (() => void) | undefined
  #stopProvider: (() => void) | undefined
  #stopConfigure: (() => void) | undefined

  client: AnalyticsClient | undefined
  /** Options that make no client, such as an endpoint that is no URL. */
  error: ClientError | undefined

  constructor(host: LitElement) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#ask()
    this.#stopConfigure = onConfigure(() => this.#resolve())
    document.addEventListener(providerEvent, this.#providerCame)
  }

  hostDisconnected(): void {
    document.removeEventListener(providerEvent, this.#providerCame)
    this.#stopConfigure?.()
    this.#stopProvider?.()
    this.#release?.()
    this.#provided = this.#stopProvider = this.#release = this.client = undefined
  }

  readonly #providerCame = (event: Event): void => {
    // A host in a closed or open shadow root is not `contained`; asking once more settles it.
    if (event.target instanceof Node) this.#ask()
  }

  #ask(): void {
    this.#stopProvider?.()
    this.#provided = this.#stopProvider = undefined
    const callback = (options: TelltaleOptions, unsubscribe?: () => void) => {
      this.#stopProvider = unsubscribe
      this.#provided = options
      this.#resolve()
    }
    this.#host.dispatchEvent(new ContextRequestEvent(optionsContext, callback, true))
    if (!this.#provided) this.#resolve()
  }

  #resolve(): void {
    const previous = this.#release
    this.error = this.client = this.#release = undefined
    try {
      const { client, release } = acquireClient({ ...pageOptions(), ...this.#provided })
      this.client = client
      this.#release = release
    } catch (cause) {
      if (!(cause instanceof ClientError)) throw cause
      this.error = cause
    }
    // After taking the new one, so that an unchanged client is never closed in between.
    previous?.()
    this.#host.requestUpdate()
  }
}
