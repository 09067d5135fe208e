/**
 * Requests that come by HTTP/2, where Node tells of them: later lines of 22, and 24. They are streams there, with no objects that
 * hooks of HTTP/1 could be given.
 */
import type { ServerHttp2Stream } from 'node:http2'
import { performance } from 'node:perf_hooks'
import type { Failed } from '../shared/guard.js'
import { subscribe } from './channels.js'
import type { Outcome } from './duration-table.js'
import { routeOf } from './route.js'

/** What is done with an exchange; `begin` and `end` come in pairs. */
export interface ExchangeMeter {
  begin(): void
  end(seconds: number, method: string, route: string, outcome: Outcome): void
}

export function instrumentHttp2Server(meter: ExchangeMeter, failed: Failed): (() => void)[] {
  const begun = Symbol('begun')
  type Measured = ServerHttp2Stream & { [begun]?: { startMs: number; method: string } }
  return [
    subscribe<{ stream: Measured; headers: { ':method'?: string } }>(
      'http2.server.stream.start',
      failed,
      ({ stream, headers }) => {
        if (headers[':method'] === undefined) return
        stream[begun] = { startMs: performance.now(), method: headers[':method'] }
        meter.begin()
      },
    ),
    subscribe<{ stream: Measured }>('http2.server.stream.close', failed, ({ stream }) => {
      const about = stream[begun]
      if (about === undefined) return
      stream[begun] = undefined
      const status = stream.sentHeaders?.[':status']
      const outcome = stream.aborted || typeof status !== 'number' ? 'aborted' : status
      meter.end((performance.now() - about.startMs) / 1000, about.method, routeOf(stream) ?? '', outcome)
    }),
  ]
}
