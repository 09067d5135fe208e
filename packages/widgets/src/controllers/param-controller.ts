/** Keeps a picker's value and the page's address in step, where its `param` attribute names a parameter. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { readParam, writeParam } from '../client/url-param.js'

export interface ParamHost extends ReactiveControllerHost {
  /** Name of the parameter; empty: the address is left alone. */
  readonly param: string
}

export class ParamController implements ReactiveController {
  readonly #host: ParamHost
  readonly #take: (text: string) => void

  /** `take` is given what the address says: when the tag comes, and when the reader goes back or forward. */
  constructor(host: ParamHost, take: (text: string) => void) {
    this.#host = host
    this.#take = take
    host.addController(this)
  }

  hostConnected(): void {
    addEventListener('popstate', this.#read)
    this.#read()
  }

  hostDisconnected(): void {
    removeEventListener('popstate', this.#read)
  }

  write(text: string): void {
    if (this.#host.param) writeParam(this.#host.param, text)
  }

  readonly #read = (): void => {
    const text = this.#host.param ? readParam(this.#host.param) : null
    if (text !== null) this.#take(text)
  }
}
