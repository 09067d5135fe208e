/** How a tag finds its provider: the DOM event of the web components' context protocol, so it crosses shadow roots and works with other libraries. */
import type { TelltaleOptions } from '../client/configure.js'

/** The key of the context whose value is `TelltaleOptions`. */
export const optionsContext = Symbol.for('telltale.options')

export type ContextCallback = (value: TelltaleOptions, unsubscribe?: () => void) => void

export class ContextRequestEvent extends Event {
  readonly context: unknown
  readonly callback: ContextCallback
  readonly subscribe: boolean

  constructor(context: unknown, callback: ContextCallback, subscribe: boolean) {
    super('context-request', { bubbles: true, composed: true })
    this.context = context
    this.callback = callback
    this.subscribe = subscribe
  }
}

/** Told by a provider that came after the tags inside it: they ask again. */
export const providerEvent = 'telltale-provider'

declare global {
  interface HTMLElementEventMap {
    'context-request': ContextRequestEvent
  }
}
