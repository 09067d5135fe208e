/** The collector's settings: one table of names, defaults and checks, resolved from flags, environment and file. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { RetentionRule } from '@telltale/protocol/api'
import { z } from 'zod'

export interface Config {
  /** Address to listen on. */
  host: string
  /** Port to listen on; 0 takes a free one. */
  port: number
  /** Absolute path of the folder that holds everything that must survive. */
  dataDir: string
  logLevel: LogLevel
  /** A proxy in front ends TLS and sets X-Forwarded-For; it is believed. */
  behindProxy: boolean
  /** Pages opened on this machine may read the default project without a key. */
  localViewer: boolean
  /** Origins whose pages may use the API with a bearer token. */
  corsOrigins: '*' | readonly string[]
  /** How long a stop waits for requests that are under way. */
  drainTimeoutMs: number
  ingest: IngestConfig
  /** `cacheBytes` 0: no answers are kept. */
  query: { timeoutMs: number; cacheBytes: number }
  storage: {
    sealIntervalMs: number
    sealRows: number
    compactionQuietMs: number
    memoryLimitMb: number
    warmMb: number
    threads: number
    reserveBytes: number
  }
  retention: RetentionConfig
  /** For metrics that are kept for longer or shorter. */
  retentionRules: readonly ConfiguredRule[]
  stream: { maxClients: number }
  /** How often the collector's own measures are stored; 0: never. */
  selfMetricsIntervalMs: number
}

/** A rule of one project, or of all. */
export type ConfiguredRule = RetentionRule & { project?: string }

/** Ages at which rows and rollups go. */
export interface RetentionConfig {
  rawMs: number
  '1mMs': number
  '5mMs': number
  '1hMs': number
  '1dMs': number
  eventsMs: number
}

export interface IngestConfig {
  /** Rows older than this on arrival are refused as `too_late`. */
  maxAgeMs: number
  /** Rows further in the future than this on arrival are refused as `too_far_ahead`. */
  maxAheadMs: number
  /** Largest request body, after inflating. */
  maxBodyBytes: number
  /** Bodies held at once, over all requests; above it the answer is 503 `overloaded`. */
  maxInFlightBytes: number
  /** Series of one metric; further ones are folded into one with `telltale.overflow=true`. */
  maxSeriesPerMetric: number
  /** Series of one project, over all metrics; folded likewise. */
  maxSeriesPerProject: number
}

/** The project of the first start, of the local viewer and of the demo. */
export const defaultProject = 'default'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Setting<T = unknown> {
  /** As it is written on the command line, in the environment or in the file. */
  default: string | number | boolean
  schema: z.ZodType<T>
  description: string
  env: string
}

const unitMs: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 }

const durationMs = (minMs: number, maxMs: number) =>
  z
    .string({ error: 'must be a duration such as 500ms, 5s, 15m, 24h or 30d' })
    .regex(/^\d+(\.\d+)?(ms|s|m|h|d|w)$/, 'must be a duration such as 500ms, 5s, 15m, 24h or 30d')
    .transform((text) => {
      const [, number, unit] = /^([\d.]+)([a-z]+)$/.exec(text) as RegExpExecArray
      return Number(number) * unitMs[unit]
    })
    .refine((ms) => ms >= minMs && ms <= maxMs, `must be between ${minMs} ms and ${maxMs} ms`)

const integer = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`
  const text = z.string().regex(/^\d+$/, error).transform(Number)
  return z.union([z.number(), text], { error }).pipe(z.number({ error }).int(error).min(min, error).max(max, error))
}

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] })], {
  error: 'must be true or false',
})

const host = z
  .string({ error: 'must be an IP address or a host name' })
  .refine((text) => isIP(text) !== 0 || /^[a-z0-9.-]+$/i.test(text), 'must be an IP address or a host name')

const origins = z.string({ error: 'must be * or origins separated by commas' }).transform((text, context) => {
  if (text.trim() === '*') return '*' as const
  const list = text.split(',').map((item) => item.trim())
  for (const item of list) {
    if (/^https?:\/\/[^/]+$/.test(item)) continue
    context.addIssue(`must be * or origins such as https://app.example.com separated by commas; "${item}" is neither`)
  }
  return list
})

const age = durationMs(3.6e6, 3.2e12)

const rulesError = 'must be a list of rules such as [{"prefix": "debug.", "raw": "7d"}]'

/** A list in the file, JSON in the environment. */
const rules = z.string({ error: rulesError }).transform((text, context): ConfiguredRule[] => {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list)) {
    context.addIssue(rulesError)
    return z.NEVER
  }
  return list.flatMap((item: unknown, at) => {
    const { project, ...rule } = typeof item === 'object' && item !== null ? (item as ConfiguredRule) : { prefix: '' }
    const parsed = RetentionRule.safeParse(rule)
    if (project !== undefined && typeof project !== 'string')
      context.addIssue(`[${at}].project must be the name of a project`)
    if (parsed.success) return [project === undefined ? parsed.data : { ...parsed.data, project }]
    const [issue] = parsed.error.issues
    context.addIssue(`[${[at, ...issue!.path.map(String)].join('].')}: ${issue!.message}`)
    return []
  })
})

const setting = <T>(
  env: string,
  fallback: Setting['default'],
  schema: z.ZodType<T>,
  description: string,
): Setting<T> => ({ env: `TELLTALE_${env}`, default: fallback, schema, description })

/** Every setting, by its name in the config file (dots are nesting). `docs/reference/configuration.md` lists them. */
export const settings = {
  host: setting('HOST', '127.0.0.1', host, 'Address to listen on.'),
  port: setting('PORT', 8000, integer(0, 65_535), 'Port to listen on; 0 takes a free one.'),
  dataDir: setting('DATA_DIR', './telltale-data', z.string().min(1, 'must not be empty'), 'Folder of all data.'),
  logLevel: setting('LOG_LEVEL', 'info', z.enum(logLevels), `One of ${logLevels.join(', ')}.`),
  behindProxy: setting('BEHIND_PROXY', false, flag, 'A proxy in front ends TLS; X-Forwarded-For is believed.'),
  localViewer: setting('LOCAL_VIEWER', false, flag, 'Pages opened on this machine read the default project.'),
  corsOrigins: setting('CORS_ORIGINS', '*', origins, 'Origins that may use the API: *, or a list with commas.'),
  drainTimeout: setting('DRAIN_TIMEOUT', '10s', durationMs(0, 60_000), 'Longest wait for open requests at a stop.'),
  'ingest.maxAge': setting('INGEST_MAX_AGE', '24h', durationMs(1000, 3.2e11), 'Oldest row that is accepted.'),
  'ingest.maxAhead': setting('INGEST_MAX_AHEAD', '10m', durationMs(0, 864e5), 'Furthest row ahead of our clock.'),
  'ingest.maxBodyBytes': setting(
    'INGEST_MAX_BODY_BYTES',
    4_194_304,
    integer(1024, 67_108_864),
    'Largest request body after inflating.',
  ),
  'ingest.maxInFlightBytes': setting(
    'INGEST_MAX_IN_FLIGHT_BYTES',
    67_108_864,
    integer(1_048_576, 4_294_967_296),
    'Bodies held at once; above it the answer is 503.',
  ),
  'ingest.maxSeriesPerMetric': setting(
    'INGEST_MAX_SERIES_PER_METRIC',
    50_000,
    integer(1, 10_000_000),
    'Series of one metric before folding.',
  ),
  'ingest.maxSeriesPerProject': setting(
    'INGEST_MAX_SERIES_PER_PROJECT',
    200_000,
    integer(1, 10_000_000),
    'Series of one project before folding.',
  ),
  'query.timeout': setting('QUERY_TIMEOUT', '30s', durationMs(10, 3.6e6), 'Longest run of one query.'),
  'query.cacheBytes': setting(
    'QUERY_CACHE_BYTES',
    67_108_864,
    integer(0, 4_294_967_296),
    'Memory for answers that are kept; 0: none are.',
  ),
  'storage.sealInterval': setting(
    'STORAGE_SEAL_INTERVAL',
    '30m',
    durationMs(1000, 864e5),
    'Oldest rows in memory before they are written to segments.',
  ),
  'storage.sealRows': setting(
    'STORAGE_SEAL_ROWS',
    2_000_000,
    integer(1000, 100_000_000),
    'Rows in memory before they are written to segments.',
  ),
  'storage.compactionQuiet': setting(
    'STORAGE_COMPACTION_QUIET',
    '15m',
    durationMs(0, 864e5),
    'How long a day that is over must have been without new rows before its files are merged.',
  ),
  'storage.memoryLimitMb': setting(
    'STORAGE_MEMORY_LIMIT_MB',
    0,
    integer(0, 1_048_576),
    'Memory that DuckDB may use, MB; 0: by the size of the machine.',
  ),
  'storage.warmMb': setting(
    'STORAGE_WARM_MB',
    256,
    integer(0, 65_536),
    'Memory for decoded rows that queries read again and again, MB; 0: none.',
  ),
  'storage.threads': setting('STORAGE_THREADS', 0, integer(0, 256), 'Threads of DuckDB; 0: one a core.'),
  'storage.reserveBytes': setting(
    'STORAGE_RESERVE_BYTES',
    33_554_432,
    integer(0, 10_737_418_240),
    'File that makes room on a full disk; 0: none.',
  ),
  'retention.rules': setting('RETENTION_RULES', '[]', rules, 'Metrics that are kept for longer or shorter: JSON.'),
  'retention.raw': setting('RETENTION_RAW', '365d', age, 'Age at which samples as they came are removed.'),
  'retention.1m': setting('RETENTION_1M', '365d', age, 'The same for rollups of a minute.'),
  'retention.5m': setting('RETENTION_5M', '1825d', age, 'The same for rollups of five minutes.'),
  'retention.1h': setting('RETENTION_1H', '1825d', age, 'The same for rollups of an hour.'),
  'retention.1d': setting('RETENTION_1D', '1825d', age, 'The same for rollups of a day.'),
  'retention.events': setting('RETENTION_EVENTS', '365d', age, 'The same for events, tasks and sessions.'),
  selfMetricsInterval: setting(
    'SELF_METRICS_INTERVAL',
    '10s',
    durationMs(0, 3.6e6),
    "How often the collector's own measures are stored in the default project; 0s: never.",
  ),
  'stream.maxClients': setting('STREAM_MAX_CLIENTS', 10_000, integer(1, 1_000_000), 'WebSockets open at once.'),
} as const

export type SettingName = keyof typeof settings
type Values = { [K in SettingName]: (typeof settings)[K] extends Setting<infer T> ? T : never }

/** A setting that cannot be used: says which, what was given, where, and what would do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export interface ConfigSources {
  /** From the command line; strongest. `undefined` values count as absent. */
  flags?: Partial<Record<SettingName, unknown>>
  env?: Record<string, string | undefined>
  /** A JSON file. */
  file?: string
}

/** Flags beat environment beat file beat defaults. Throws ConfigError naming the bad value and where it came from. */
export function resolveConfig(sources: ConfigSources = {}): Config {
  const { flags = {}, env = {} } = sources
  const filePath = sources.file ?? env.TELLTALE_CONFIG
  const file = filePath ? readConfigFile(filePath) : new Map<string, unknown>()
  const values: Record<string, unknown> = {}
  for (const [name, { schema, default: fallback, env: variable }] of Object.entries(settings)) {
    let given: unknown = fallback
    let source = 'the defaults'
    if (file.has(name)) [given, source] = [file.get(name), filePath as string]
    if (env[variable] !== undefined && env[variable] !== '') [given, source] = [env[variable], variable]
    const fromFlag = flags[name as SettingName]
    if (fromFlag !== undefined) [given, source] = [fromFlag, flagName(name)]
    const result = schema.safeParse(given)
    if (!result.success) {
      const reason = result.error.issues[0].message
      throw new ConfigError(`${name}: ${reason} (got ${JSON.stringify(given)} from ${source})`)
    }
    values[name] = result.data
  }
  return build(values as Values)
}

/** `ingest.maxAge` → `--ingest-max-age`. */
export function flagName(name: string): string {
  return `--${name.replace(/\./g, '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Is this an address that only this machine can reach? */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^(::ffff:)?127\./.test(address)
}

function build(v: Values): Config {
  const config: Config = {
    host: v.host,
    port: v.port,
    dataDir: resolve(v.dataDir),
    logLevel: v.logLevel,
    behindProxy: v.behindProxy,
    localViewer: v.localViewer,
    corsOrigins: v.corsOrigins,
    drainTimeoutMs: v.drainTimeout,
    ingest: {
      maxAgeMs: v['ingest.maxAge'],
      maxAheadMs: v['ingest.maxAhead'],
      maxBodyBytes: v['ingest.maxBodyBytes'],
      maxInFlightBytes: v['ingest.maxInFlightBytes'],
      maxSeriesPerMetric: v['ingest.maxSeriesPerMetric'],
      maxSeriesPerProject: v['ingest.maxSeriesPerProject'],
    },
    query: { timeoutMs: v['query.timeout'], cacheBytes: v['query.cacheBytes'] },
    storage: {
      sealIntervalMs: v['storage.sealInterval'],
      sealRows: v['storage.sealRows'],
      compactionQuietMs: v['storage.compactionQuiet'],
      memoryLimitMb: v['storage.memoryLimitMb'],
      warmMb: v['storage.warmMb'],
      threads: v['storage.threads'],
      reserveBytes: v['storage.reserveBytes'],
    },
    retention: {
      rawMs: v['retention.raw'],
      '1mMs': v['retention.1m'],
      '5mMs': v['retention.5m'],
      '1hMs': v['retention.1h'],
      '1dMs': v['retention.1d'],
      eventsMs: v['retention.events'],
    },
    retentionRules: v['retention.rules'],
    stream: { maxClients: v['stream.maxClients'] },
    selfMetricsIntervalMs: v.selfMetricsInterval,
  }
  for (const part of Object.values(config)) if (typeof part === 'object') Object.freeze(part)
  return Object.freeze(config)
}

/** The file's leaves by dotted name; refuses names that no setting has. */
function readConfigFile(path: string): Map<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${path}: cannot be read as JSON: ${(error as Error).message}`)
  }
  const found = new Map<string, unknown>()
  flatten(parsed, '', found)
  for (const name of found.keys()) {
    if (!(name in settings))
      throw new ConfigError(`${path}: no setting is called "${name}"; see the configuration page`)
  }
  return found
}

function flatten(value: unknown, prefix: string, into: Map<string, unknown>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const isOfObjects = Array.isArray(value) && value.some((item) => typeof item === 'object')
    into.set(prefix, isOfObjects ? JSON.stringify(value) : Array.isArray(value) ? value.join(',') : value)
    return
  }
  for (const [key, child] of Object.entries(value)) flatten(child, prefix ? `${prefix}.${key}` : key, into)
}
