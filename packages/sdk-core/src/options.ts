/** The options of `init`: documented, defaulted, validated once and frozen. */

import { type AnyAttributes, maxAttributesOnWire, toText } from './attributes.js'
import { SetupError } from './errors.js'
import type { Logger } from './logger.js'
import { isName, maxValueBytes, utf8Bytes } from './text.js'

/** How CPU time of task runs is measured; see the Node guide. */
export type CpuMode = 'auto' | 'off' | 'process' | 'exclusive' | 'slices'
/** How a run finds the run that it is part of; see the Node guide. */
export type NestingMode = 'async' | 'sync' | 'off'
export type Compression = 'auto' | 'gzip' | 'none'

export interface SpoolOptions {
  /** Folder for batches until they are acknowledged; processes may share it. It is made where it is missing. */
  dir: string
  /** Bytes that the folder may hold; past it the oldest go. Default: 64 MiB; from 65,536. */
  maxBytes?: number
  /** Batches older than this are dropped. Default: 86,400,000, a day: the collector's own limit for late data. */
  maxAgeMs?: number
}

export interface ClientOptions {
  /** Base URL of the collector. Default: `TELLTALE_ENDPOINT`, or `http://127.0.0.1:8000`. */
  endpoint?: string
  /** Key with the scope `ingest`. Default: `TELLTALE_API_KEY`, or none. */
  apiKey?: string
  /** Name of the program, a tag of all its data. Default: `TELLTALE_SERVICE`, or `unknown_service`. */
  service?: string
  /** Version of the program. It is kept with the data, but is no tag. Default: none. */
  version?: string
  /** Such as `production` or `staging`, a tag. Default: `TELLTALE_ENVIRONMENT`, or none. */
  environment?: string
  /** Further tags of all data; at most 16. Default: none. */
  attributes?: AnyAttributes
  /** Attributes of task runs that become tags of the built-in task metrics. Default: none. */
  metricAttributes?: readonly string[]
  /** Aggregation and sending interval. Default: 1000; 10 to 3,600,000. */
  flushIntervalMs?: number
  /** Bytes of batches that wait for the collector; past it the oldest are dropped. Default: 16 MiB. */
  maxQueueBytes?: number
  /** Rows of one batch. Default: 10,000, which is also the most. */
  maxBatchRows?: number
  /** Series of one metric; further ones share a series tagged `telltale.overflow=true`. Default: 2000. */
  maxSeriesPerMetric?: number
  /** `auto`: gzip, save to this machine and private networks. Default: `auto`. */
  compression?: Compression
  /** Limit of one request. Default: 10,000. */
  requestTimeoutMs?: number
  /** Limit of `flush()`. Default: 10,000. */
  flushTimeoutMs?: number
  /** Limit of `close()` and of the flush on exit. Default: 3000. */
  closeTimeoutMs?: number
  /** Send what is left when the process ends, or the page is hidden. Default: true. */
  flushOnExit?: boolean
  /** Where warnings go. Default: `console`; `false` silences them. */
  logger?: Logger | false
  /** Keeps batches on disk until they are acknowledged, over restarts and crashes; Node only. Default: false. */
  spool?: SpoolOptions | false
  /** Default for task runs. Default: `auto`. */
  cpu?: CpuMode
  /**
   * How far a run that starts inside another is linked to it: through asynchronous functions, only where it starts
   * before the first `await`, or not at all. Default: `async`.
   */
  nesting?: NestingMode
}

export interface ResolvedOptions {
  readonly endpoint: string
  readonly apiKey: string | undefined
  readonly service: string
  readonly version: string | undefined
  readonly environment: string | undefined
  readonly attributes: readonly (readonly [key: string, value: string])[]
  readonly metricAttributes: ReadonlySet<string>
  readonly flushIntervalMs: number
  readonly maxQueueBytes: number
  readonly maxBatchRows: number
  readonly maxSeriesPerMetric: number
  readonly compression: Compression
  readonly requestTimeoutMs: number
  readonly flushTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly flushOnExit: boolean
  readonly logger: Logger | false
  readonly spool: Readonly<Required<SpoolOptions>> | false
  readonly cpu: CpuMode
  readonly nesting: NestingMode
}

export const defaults = Object.freeze({
  endpoint: 'http://127.0.0.1:8000',
  service: 'unknown_service',
  flushIntervalMs: 1000,
  maxQueueBytes: 16 * 1024 * 1024,
  maxBatchRows: 10_000,
  maxSeriesPerMetric: 2000,
  compression: 'auto',
  requestTimeoutMs: 10_000,
  flushTimeoutMs: 10_000,
  closeTimeoutMs: 3000,
  flushOnExit: true,
  spool: false,
  cpu: 'auto',
  nesting: 'async',
} as const)

const known = new Set([
  ...Object.keys(defaults),
  'apiKey',
  'version',
  'environment',
  'attributes',
  'metricAttributes',
  'logger',
])

export const spoolDefaults = Object.freeze({ maxBytes: 64 * 1024 * 1024, maxAgeMs: 86_400_000 })

/** Four of the wire's 32 belong to the SDK, and half of the rest to each series. */
const maxResourceAttributes = maxAttributesOnWire / 2

const hourMs = 3_600_000
const compressions = ['auto', 'gzip', 'none'] as const
const cpuModes = ['auto', 'off', 'process', 'exclusive', 'slices'] as const
const nestingModes = ['async', 'sync', 'off'] as const

/** Reads an environment variable; always undefined in browsers. */
export type Environment = (name: string) => string | undefined

/** Throws `SetupError` at the first option that is wrong. */
export function resolveOptions(options: ClientOptions, env: Environment, logger: Logger): ResolvedOptions {
  if (typeof options !== 'object' || options === null) throw new SetupError('options', 'an object', options)
  const o = options
  return Object.freeze({
    endpoint: endpointUrl(o.endpoint ?? env('TELLTALE_ENDPOINT') ?? defaults.endpoint),
    apiKey: apiKey(o.apiKey ?? env('TELLTALE_API_KEY')),
    service: text('service', o.service ?? env('TELLTALE_SERVICE') ?? defaults.service),
    version: optionalText('version', o.version),
    environment: optionalText('environment', o.environment ?? env('TELLTALE_ENVIRONMENT')),
    attributes: resourceAttributes(o.attributes),
    metricAttributes: names('metricAttributes', o.metricAttributes),
    flushIntervalMs: whole('flushIntervalMs', o.flushIntervalMs ?? defaults.flushIntervalMs, 10, hourMs),
    maxQueueBytes: whole('maxQueueBytes', o.maxQueueBytes ?? defaults.maxQueueBytes, 65_536, 2 ** 32),
    maxBatchRows: whole('maxBatchRows', o.maxBatchRows ?? defaults.maxBatchRows, 1, 10_000),
    maxSeriesPerMetric: whole('maxSeriesPerMetric', o.maxSeriesPerMetric ?? defaults.maxSeriesPerMetric, 1, 100_000),
    compression: oneOf('compression', o.compression ?? defaults.compression, compressions),
    requestTimeoutMs: whole('requestTimeoutMs', o.requestTimeoutMs ?? defaults.requestTimeoutMs, 10, hourMs),
    flushTimeoutMs: whole('flushTimeoutMs', o.flushTimeoutMs ?? defaults.flushTimeoutMs, 0, hourMs),
    closeTimeoutMs: whole('closeTimeoutMs', o.closeTimeoutMs ?? defaults.closeTimeoutMs, 0, hourMs),
    flushOnExit: flag('flushOnExit', o.flushOnExit ?? defaults.flushOnExit),
    logger: resolveLogger(o.logger ?? logger),
    spool: resolveSpool(o.spool ?? defaults.spool),
    cpu: oneOf('cpu', o.cpu ?? defaults.cpu, cpuModes),
    nesting: oneOf('nesting', o.nesting ?? defaults.nesting, nestingModes),
  })
}

/** Names that no option has: most likely a slip of the pen, but no reason to stop a program. */
export function unknownOptions(options: ClientOptions): string[] {
  return Object.keys(options).filter((name) => !known.has(name))
}

/** The path is kept, for collectors behind a proxy; it never ends in a slash. */
function endpointUrl(value: unknown): string {
  const expected = 'an http or https URL such as "http://127.0.0.1:8000", without credentials, query or fragment'
  let url: URL
  try {
    url = new URL(value as string)
  } catch {
    throw new SetupError('endpoint', expected, value)
  }
  const web = url.protocol === 'http:' || url.protocol === 'https:'
  if (!web || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SetupError('endpoint', expected, value)
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

function apiKey(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  // The value is left out of the message: it is a secret, or a piece of one.
  if (typeof value !== 'string' || !/^[\x21-\x7e]{1,512}$/.test(value)) {
    throw new SetupError('apiKey', 'printable ASCII without spaces, at most 512 characters', '(hidden)')
  }
  return value
}

function text(option: string, value: unknown): string {
  if (!isName(value)) throw new SetupError(option, 'a text of 1 to 256 bytes', value)
  return value
}

function optionalText(option: string, value: unknown): string | undefined {
  return value === undefined || value === '' ? undefined : text(option, value)
}

function resourceAttributes(value: unknown): [string, string][] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SetupError('attributes', 'an object of strings, numbers and booleans', value)
  }
  const entries: [string, string][] = []
  for (const [key, raw] of Object.entries(value)) {
    if (raw === undefined || raw === null) continue
    const valueText = toText(raw)
    if (!isName(key) || valueText === undefined || utf8Bytes(valueText) > maxValueBytes) {
      throw new SetupError(`attributes[${JSON.stringify(key)}]`, 'a string, number or boolean of ≤ 4096 bytes', raw)
    }
    if (valueText !== '') entries.push([key, valueText])
  }
  if (entries.length > maxResourceAttributes - 4) {
    throw new SetupError('attributes', `at most ${maxResourceAttributes - 4} entries`, value)
  }
  return entries
}

function names(option: string, value: unknown): ReadonlySet<string> {
  if (value === undefined) return new Set()
  if (!Array.isArray(value) || value.length > 16 || !value.every(isName)) {
    throw new SetupError(option, 'an array of at most 16 attribute names', value)
  }
  return new Set(value)
}

function whole(option: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new SetupError(option, `a whole number from ${least} to ${most}`, value)
  }
  return value
}

function oneOf<T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value)
  if (choice === undefined) {
    throw new SetupError(option, `one of ${choices.map((one) => `'${one}'`).join(', ')}`, value)
  }
  return choice
}

function flag(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new SetupError(option, 'true or false', value)
  return value
}

function resolveLogger(value: unknown): Logger | false {
  if (value === false) return false
  if (typeof value !== 'object' || value === null || typeof (value as Logger).warn !== 'function') {
    throw new SetupError('logger', 'an object with a method warn(message), or false', value)
  }
  return value as Logger
}

function resolveSpool(value: unknown): ResolvedOptions['spool'] {
  if (value === false) return false
  const spool = value as SpoolOptions
  if (typeof value !== 'object' || value === null || typeof spool.dir !== 'string' || spool.dir === '') {
    throw new SetupError('spool', 'false, or { dir, maxBytes, maxAgeMs }', value)
  }
  const { maxBytes = spoolDefaults.maxBytes, maxAgeMs = spoolDefaults.maxAgeMs } = spool
  return Object.freeze({
    dir: spool.dir,
    maxBytes: whole('spool.maxBytes', maxBytes, 65_536, 2 ** 40),
    maxAgeMs: whole('spool.maxAgeMs', maxAgeMs, 1000, 366 * 86_400_000),
  })
}
