/** The one histogram of requests that this process makes, whichever client makes them. */
import type { Attributes } from '@telltale/sdk-core'
import type { InstrumentTarget } from '../shared/target.js'
import { DurationTable, type Outcome } from './duration-table.js'
import { methodName } from './method-name.js'

export class OutgoingDurations {
  readonly #table: DurationTable

  constructor(target: InstrumentTarget) {
    const duration = target.histogram('http.client.request.duration', {
      unit: 's',
      description: 'Duration of requests that were made.',
    })
    this.#table = new DurationTable(duration, describe)
  }

  /** `authority` is host and port, as in `example.com:443` and `[::1]:8000`. */
  record(seconds: number, method: string, authority: string, outcome: Outcome): void {
    this.#table.record(seconds, method, authority, outcome)
  }
}

/** In the names of OpenTelemetry's semantic conventions. Errors of the client are errors here: we are the client. */
function describe(method: string, authority: string, outcome: Outcome): Attributes {
  const colon = authority.lastIndexOf(':')
  return {
    'http.request.method': methodName(method),
    'server.address': authority.slice(0, colon),
    'server.port': authority.slice(colon + 1),
    'http.response.status_code': typeof outcome === 'number' ? outcome : undefined,
    'error.type': typeof outcome === 'string' || outcome >= 400 ? String(outcome) : undefined,
  }
}
