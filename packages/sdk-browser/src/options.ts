/** The options of `init`: documented, defaulted, and validated once. */
import type { Attributes, Properties } from '@telltale/sdk-core'

export type Consent = 'pending' | 'granted' | 'denied'

export interface ClientOptions {
  /** Base URL of the collector. Default: `http://127.0.0.1:8000`. */
  endpoint?: string
  /** Publishable key (`pk_…`) with the scope `ingest`. Default: none. */
  apiKey?: string
  /** Name of the app, a tag of all its data. Default: `unknown_service`. */
  service?: string
  /** Version of the app. It is kept with the data, but is no tag. Default: none. */
  version?: string
  /** Such as `production` or `staging`, a tag. Default: none. */
  environment?: string
  /** Further tags of all data; at most 12. Default: none. */
  attributes?: Attributes
  /** Attributes of task runs that become tags of the built-in task metrics. Default: none. */
  metricAttributes?: readonly string[]
  /** Aggregation and sending interval. Default: 1000, at least 10. */
  flushIntervalMs?: number
  /** Bytes that wait for the collector, in memory and on disk each; past it the oldest are dropped. Default: 4 MiB. */
  maxQueueBytes?: number
  /** Series of one metric; further ones share a series tagged `telltale.overflow=true`. Default: 2000. */
  maxSeriesPerMetric?: number
  /** Limit of one request. Default: 10,000. */
  requestTimeoutMs?: number
  /** Limit of `flush()`. Default: 10,000. */
  flushTimeoutMs?: number
  /** Limit of `close()`. Default: 3000. */
  closeTimeoutMs?: number
  /** Where warnings go. Default: `console`; `false` silences them. */
  logger?: { warn(message: string): void } | false
  /** Keep the session in `localStorage` and what waits in IndexedDB. Default: true. */
  storage?: boolean
  /** Count page views by themselves. Default: true. */
  pageViews?: boolean
  /** A session ends after this long without activity. Default: 1,800,000 (30 min). */
  sessionIdleMs?: number
  /** Nothing is stored or sent before `granted`. Default: `granted`. */
  consent?: Consent
  /** Do Not Track and Global Privacy Control count as `consent: 'denied'`. Default: false. */
  respectDoNotTrack?: boolean
  /** Share of sessions that are recorded, whole or not at all. Default: 1; 0 to 1. */
  sampleRate?: number
  /** Sees each event and task run before it is kept, and returns what to keep of its properties; `null` drops it. */
  redact?: (properties: Readonly<Record<string, unknown>>, name: string) => Properties | null
}

export type Options = ClientOptions & Required<Pick<ClientOptions, keyof typeof defaults>>

export const defaults = {
  endpoint: 'http://127.0.0.1:8000',
  service: 'unknown_service',
  metricAttributes: [],
  flushIntervalMs: 1000,
  maxQueueBytes: 4 * 1024 * 1024,
  maxSeriesPerMetric: 2000,
  requestTimeoutMs: 10_000,
  flushTimeoutMs: 10_000,
  closeTimeoutMs: 3000,
  storage: true,
  pageViews: true,
  sessionIdleMs: 1_800_000,
  consent: 'granted',
  respectDoNotTrack: false,
  sampleRate: 1,
} as const

/** An observer would otherwise be read without pause. */
const leastIntervalMs = 10

/** Thrown by `init` alone. Match on `code`, and on `option` for the name of the option that is wrong. */
export class SetupError extends Error {
  override readonly name = 'TelltaleSetupError'
  readonly code = 'invalid_option'
  readonly option: string

  constructor(option: string, expected: string) {
    super(`init: ${option} must be ${expected}`)
    this.option = option
  }
}

/** Throws `SetupError` at the first option that is wrong. */
export function resolveOptions(given: ClientOptions): Options {
  const options: Record<string, unknown> & Options = { ...defaults }
  const require = (ok: boolean, name: string, expected: string): void => {
    if (!ok) throw new SetupError(name, expected)
  }
  for (const [name, value] of Object.entries(given)) {
    const type = name === 'apiKey' ? 'string' : typeof (defaults as Record<string, unknown>)[name]
    if (value == null) continue
    // The value is left out of the message: it may be a secret.
    if (type !== 'undefined') require(typeof value === type && value !== '' && !(value < 0), name, `a ${type}`)
    options[name] = value
  }
  // The path is kept, for collectors behind a proxy.
  require(/^https?:\/\/[^?#@]+$/.test(options.endpoint), 'endpoint', 'an http(s) URL')
  require(/^(pending|granted|denied)$/.test(options.consent), 'consent', 'pending, granted or denied')
  options.endpoint = options.endpoint.replace(/\/+$/, '')
  options.flushIntervalMs = Math.max(leastIntervalMs, options.flushIntervalMs)
  return options
}
