/** What the SDKs for Node and browsers are made of: everything but the platform. */
export type { Attributes, AttributeValue, Properties } from './attributes.js'
export type { Client } from './client.js'
export type { Clock } from './clock.js'
export { splitBatch } from './deliver/split.js'
export { SetupError } from './errors.js'
export type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Counter,
  Gauge,
  Histogram,
  InstrumentOptions,
} from './instrument/instrument.js'
export type { ObserveOptions } from './instrument/observer.js'
export type { Run, Task, TaskOptions } from './instrument/task.js'
export type { SliceAccount } from './instrument/task-resources.js'
export type { Logger } from './logger.js'
export { createModuleFunctions, type ModuleFunctions } from './module-functions.js'
export type { ClientOptions, Compression, CpuMode, NestingMode, ResolvedOptions, SpoolOptions } from './options.js'
export { defaults } from './options.js'
export type {
  ExitTarget,
  Platform,
  ResourceProbe,
  RunContext,
  SliceMeter,
  Transport,
  TransportResponse,
} from './platform.js'
export type { DropReason, Stats } from './stats.js'
export { dropReasons } from './stats.js'
export { sdkVersion } from './version.js'
