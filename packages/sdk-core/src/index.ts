/** What the SDKs for Node and browsers are made of: everything but the platform. */

export type { SignalCode } from '@telltale/protocol'
export type { AttributeValue, Properties } from './attributes.js'
export { type RowCalls, type SealedBatch, sealedBatch } from './batch/sealed-batch.js'
export type { Client } from './client.js'
export type { Clock } from './clock.js'
export { mergeBatches } from './deliver/merge.js'
export { costOf, type Lost, MemoryQueue, type Pushed, type Queue } from './deliver/queue.js'
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
export { defaults, spoolDefaults } from './options.js'
export type {
  ExitTarget,
  Platform,
  QueueContext,
  ResourceProbe,
  RunContext,
  SliceMeter,
  Transport,
  TransportResponse,
} from './platform.js'
export type { AttributeName, Attributes, EventName, EventProperties } from './register.js'
export type { DropCount, DropReason, Stats } from './stats.js'
export { dropReasons } from './stats.js'
export { sdkVersion } from './version.js'
