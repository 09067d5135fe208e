/** Telltale's SDK for Node.js. Importing it does nothing; `init` starts it. */
import type { ModuleFunctions } from '@telltale/sdk-core'
import { sdk } from './sdk.js'

export type {
  AttributeName,
  Attributes,
  AttributeValue,
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Client,
  ClientOptions,
  Compression,
  Counter,
  CpuMode,
  DropReason,
  EventName,
  EventProperties,
  Gauge,
  Histogram,
  InstrumentOptions,
  Logger,
  NestingMode,
  ObserveOptions,
  Properties,
  SpoolOptions,
  Stats,
  Task,
  TaskOptions,
} from '@telltale/sdk-core'
export { defaults, SetupError } from '@telltale/sdk-core'
export { instrumentHttp } from './instruments/http/instrument-http.js'
export type { HttpInstrumentOptions } from './instruments/http/options.js'
export { httpRoute } from './instruments/http/route.js'
export { instrumentPg, type PgInstrumentOptions, type PgPool } from './instruments/pg/instrument-pg.js'
export type { PgClient } from './instruments/pg/query.js'
export type { BullQueue } from './instruments/queue/bullmq-events.js'
export {
  type DepthQueue,
  instrumentQueue,
  type QueueInstrument,
  type QueueInstrumentOptions,
} from './instruments/queue/instrument-queue.js'
export type { RedisClient } from './instruments/redis/command.js'
export { instrumentRedis, type RedisInstrumentOptions } from './instruments/redis/instrument-redis.js'
export { type EventLoopMetricsOptions, eventLoopMetrics } from './instruments/runtime/event-loop.js'
export { type GcMetricsOptions, gcMetrics } from './instruments/runtime/gc.js'
export type { InstrumentTarget, Stop } from './instruments/shared/target.js'
export { type SystemMetricsOptions, systemMetrics } from './instruments/system/system-metrics.js'

/**
 * Makes a client, and the default client of the functions below. Instruments made earlier come alive with it.
 * Throws `SetupError`, with the option's name, where an option is wrong; nothing else here ever throws.
 */
export const init: ModuleFunctions['init'] = sdk.init
/** Records an event. `user.id`, `org.id` and `session.id` among the properties say whose it is. */
export const track: ModuleFunctions['track'] = sdk.track
/** Runs `work` and records how it went. Returns what it returns, and throws what it throws, now or later. */
export const withTaskMetrics: ModuleFunctions['withTaskMetrics'] = sdk.withTaskMetrics
/** A function that does what `work` does, each call of it a task run. */
export const instrumentTask: ModuleFunctions['instrumentTask'] = sdk.instrumentTask
/** A sum that only grows, such as finished jobs. */
export const counter: ModuleFunctions['counter'] = sdk.counter
/** A sum that also falls, such as open connections. */
export const upDownCounter: ModuleFunctions['upDownCounter'] = sdk.upDownCounter
/** A level that is set, such as a temperature. */
export const gauge: ModuleFunctions['gauge'] = sdk.gauge
/** The distribution of a value, such as a latency. */
export const histogram: ModuleFunctions['histogram'] = sdk.histogram
/** A gauge that the SDK reads at each flush. The result ends it. */
export const observe: ModuleFunctions['observe'] = sdk.observe
/** Resolves when all that was recorded before is acknowledged or given up, or after `flushTimeoutMs`. Never rejects. */
export const flush: ModuleFunctions['flush'] = sdk.flush
/** Flushes within `closeTimeoutMs`, then ends the default client: later calls are counted as dropped. Never rejects. */
export const close: ModuleFunctions['close'] = sdk.close
/** Where all calls on the default client so far are. */
export const stats: ModuleFunctions['stats'] = sdk.stats
