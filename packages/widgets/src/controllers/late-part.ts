/** The inner part of a tag: its code is asked for when the tag first stands in a page, not when its module is loaded. */
import type { LitElement, ReactiveController } from 'lit'
import { ClientError } from '../client/errors.js'
import type { WidgetState } from './widget-state.js'

export class LatePart<T> implements ReactiveController {
  readonly #host: LitElement
  readonly #make: () => Promise<T>
  #loading: Promise<void> | undefined
  #error: ClientError | undefined

  value: T | undefined

  constructor(host: LitElement, make: () => Promise<T>) {
    this.#host = host
    this.#make = make
    host.addController(this)
  }

  /** What is shown in place of the part; undefined once it is there. */
  get state(): WidgetState | undefined {
    if (this.value) return undefined
    return this.#error ? { phase: 'error', error: this.#error } : { phase: 'loading' }
  }

  /** Settled when the part is there, or has failed to come: then the next call asks again. */
  load(): Promise<void> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  /** As `load`, for those who wait and do not want to begin it. */
  get settled(): Promise<void> {
    return this.#loading ?? Promise.resolve()
  }

  hostConnected(): void {
    void this.load()
  }

  async #load(): Promise<void> {
    try {
      this.value = await this.#make()
      this.#error = undefined
    } catch (cause) {
      // Some browsers remember for the page's life that a module did not come.
      const text = 'The code of this tag did not arrive. Where trying again does not help, reload the page.'
      this.#error = new ClientError('not_loaded', text, cause)
      this.#loading = undefined
    }
    this.#host.requestUpdate()
  }
}
