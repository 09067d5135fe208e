/** What hosts may say about the measuring of HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Attributes } from '@telltale/sdk-core'
import { booleanOf, functionOf } from '../shared/options.js'
import type { InstrumentationOptions } from '../shared/target.js'

export interface HttpHooks {
  /**
   * The route's pattern, such as `/users/:id`. Default, and where it gives nothing: what `httpRoute` named, or what
   * Fastify or Express matched.
   */
  route?(request: IncomingMessage, response: ServerResponse): string | undefined
  /**
   * Further attributes of an answered request, such as `{ 'org.id': request.org }`, read when it is over. Each
   * combination of values is a series. Default: none.
   */
  attributes?(request: IncomingMessage, response: ServerResponse): Attributes | undefined
  /** Requests that are not measured, such as health checks. Default: none. */
  ignore?(request: IncomingMessage): boolean
  /** Also record each answered request as an event `http.request`, so that usage can be broken down by user. Default: false. */
  events?: boolean
}

export interface HttpInstrumentOptions extends InstrumentationOptions, HttpHooks {
  /** Measure requests that this process answers. Default: true. */
  incoming?: boolean
  /** Measure requests that this process makes, by `node:http`, `fetch` and undici. Default: true. */
  outgoing?: boolean
}

export interface ResolvedHttpOptions {
  incoming: boolean
  outgoing: boolean
  hooks: HttpHooks
}

export function resolveHttpOptions(options: HttpInstrumentOptions): ResolvedHttpOptions {
  const where = 'instrumentHttp'
  return {
    incoming: booleanOf(where, 'incoming', options.incoming, true),
    outgoing: booleanOf(where, 'outgoing', options.outgoing, true),
    hooks: {
      route: functionOf(where, 'route', options.route),
      attributes: functionOf(where, 'attributes', options.attributes),
      ignore: functionOf(where, 'ignore', options.ignore),
      events: booleanOf(where, 'events', options.events, false),
    },
  }
}
