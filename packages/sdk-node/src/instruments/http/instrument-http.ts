/** Rate, errors and duration of HTTP, both ways, by diagnostics channels: for any framework, and patching nothing. */
import { failuresOf } from '../shared/guard.js'
import { type Stop, stopOnce, targetOf } from '../shared/target.js'
import { instrumentClient } from './client.js'
import { type HttpInstrumentOptions, resolveHttpOptions } from './options.js'
import { OutgoingDurations } from './outgoing-durations.js'
import { instrumentServer } from './server.js'
import { instrumentUndici } from './undici.js'

/**
 * The histograms `http.server.request.duration` and `http.client.request.duration` in seconds, and the gauge
 * `http.server.active_requests`. Call it before or after servers are made. Of HTTP/2, servers are measured, by Node
 * 22 and 24.
 */
export function instrumentHttp(options: HttpInstrumentOptions = {}): Stop {
  const { incoming, outgoing, hooks } = resolveHttpOptions(options)
  const target = targetOf(options)
  const failed = failuresOf('instrumentHttp', options)
  const steps = incoming ? instrumentServer(target, hooks, failed) : []
  if (outgoing) {
    const durations = new OutgoingDurations(target)
    steps.push(...instrumentClient(durations, failed), ...instrumentUndici(durations, failed))
  }
  return stopOnce(failed, steps)
}
