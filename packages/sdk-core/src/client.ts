/**
 * One client, from call to acknowledgement: the composition root of this package.
 *
 *   instruments ─► aggregator ─► MetricBatcher ─┐
 *   events, task runs ─────────► RowBatcher ────┴► Sealer ─► Queue ─► Sender ─► collector
 */
import { Signal } from '@telltale/protocol'
import { Aggregator } from './aggregate/aggregator.js'
import { maxAttributesOnWire, type Properties } from './attributes.js'
import { MetricBatcher } from './batch/metric-batcher.js'
import { PropertyReader } from './batch/property-reader.js'
import { RowBatcher } from './batch/row-batcher.js'
import { Sealer } from './batch/sealer.js'
import { coarserStepMs } from './deliver/coarsening.js'
import { MemoryQueue, type Queue } from './deliver/queue.js'
import { Sender } from './deliver/sender.js'
import type { Counter, Gauge, Histogram, InstrumentOptions } from './instrument/instrument.js'
import { Meter } from './instrument/meter.js'
import type { ObserveOptions } from './instrument/observer.js'
import { isAsyncFunction } from './instrument/run-nesting.js'
import type { Task, TaskOptions } from './instrument/task.js'
import { TaskRecorder } from './instrument/task-recorder.js'
import { Warnings } from './logger.js'
import { type ClientOptions, type ResolvedOptions, resolveOptions, unknownOptions } from './options.js'
import type { Platform, Transport } from './platform.js'
import type { EventName, EventProperties } from './register.js'
import { Ledger, type Stats } from './stats.js'
import { isName } from './text.js'

/** The methods of a client; the module-level functions of the SDKs have the same shapes. */
export interface Client {
  /** Records an event. `user.id`, `org.id` and `session.id` among the properties say whose it is. */
  track<N extends EventName>(name: N, properties?: EventProperties<N>): void
  /** Runs `work` and records how it went. Returns what it returns, and throws what it throws, now or later. */
  withTaskMetrics<T>(type: string, work: (task: Task) => T, options?: TaskOptions): T
  /** A function that does what `work` does, each call of it a task run. */
  instrumentTask<A extends unknown[], R>(
    type: string,
    work: (...args: A) => R,
    options?: TaskOptions,
  ): (...args: A) => R
  /** A sum that only grows, such as finished jobs. */
  counter(name: string, options?: InstrumentOptions): Counter
  /** A sum that also falls, such as open connections. */
  upDownCounter(name: string, options?: InstrumentOptions): Counter
  /** A level that is set, such as a temperature. */
  gauge(name: string, options?: InstrumentOptions): Gauge
  /** The distribution of a value, such as a latency. */
  histogram(name: string, options?: InstrumentOptions): Histogram
  /** A gauge that the SDK reads at each flush. The result ends it. */
  observe(name: string, read: () => number, options?: ObserveOptions): () => void
  /** Resolves when all that was recorded before is acknowledged or given up, or after `flushTimeoutMs`. Never rejects. */
  flush(): Promise<void>
  /** Flushes within `closeTimeoutMs`, then ends the client: later calls are counted as dropped. Never rejects. */
  close(): Promise<void>
  /** Where all calls so far are. */
  stats(): Stats
}

export class SdkClient implements Client {
  readonly aggregator: Aggregator
  readonly options: ResolvedOptions
  readonly #platform: Platform
  readonly #warnings: Warnings
  readonly #ledger = new Ledger()
  readonly #transport: Transport
  readonly #sealer: Sealer
  readonly #metrics: MetricBatcher
  readonly #rows: RowBatcher
  readonly #queue: Queue
  readonly #sender: Sender
  readonly #tasks: TaskRecorder
  readonly #meter: Meter
  /** Meters that are attached: the client's own, and at most one of the module-level functions. */
  readonly #meters = new Set<Meter>()
  readonly #reader = new PropertyReader()
  readonly #maxAttributes: number
  readonly #removeExitHooks: () => void
  #cancelTick: () => void = () => {}
  /** When metrics last became batches. */
  #metricsAtMs = Number.NEGATIVE_INFINITY
  #ended = false
  #closing: Promise<void> | undefined

  /** Throws `SetupError` where an option is wrong. */
  constructor(platform: Platform, given: ClientOptions) {
    const options = resolveOptions(given, platform.env, platform.logger)
    const { clock } = platform
    this.options = options
    this.#platform = platform
    this.#warnings = new Warnings(options.logger, clock)
    const resource = resourceOf(options, platform)
    this.#maxAttributes = maxAttributesOnWire - resource.length
    this.#transport = platform.createTransport(options)
    this.#sealer = new Sealer({
      resource,
      clock,
      ledger: this.#ledger,
      randomBytes: platform.randomBytes,
      maxBatchBytes: platform.maxBatchBytes,
      emit: (batch) => this.#sender.send(batch),
    })
    this.#queue = this.#createQueue()
    this.#sender = new Sender({
      queue: this.#queue,
      transport: this.#transport,
      sealer: this.#sealer,
      ledger: this.#ledger,
      clock,
      warnings: this.#warnings,
      requestTimeoutMs: options.requestTimeoutMs,
      split: platform.split,
    })
    this.#metrics = new MetricBatcher(this.#sealer, options.maxBatchRows)
    this.#rows = new RowBatcher(this.#sealer, options.maxBatchRows)
    const limits = { maxSeriesPerMetric: options.maxSeriesPerMetric, maxAttributes: this.#maxAttributes }
    this.aggregator = new Aggregator(limits, this.#ledger, clock, this.#warnings)
    this.#tasks = new TaskRecorder({
      platform,
      rows: this.#rows,
      ledger: this.#ledger,
      warnings: this.#warnings,
      cpu: options.cpu,
      nesting: options.nesting,
      metricAttributes: options.metricAttributes,
      maxAttributes: this.#maxAttributes,
    })
    this.#meter = new Meter(this.aggregator)
    this.#meters.add(this.#meter)
    this.#warnOfOptions(given)
    this.#removeExitHooks = options.flushOnExit ? this.#installExitHooks() : () => {}
    this.#scheduleTick()
    this.#sender.start()
  }

  /** Instruments of `meter` feed this client from now on. */
  attach(meter: Meter): void {
    this.#meters.add(meter)
    meter.attach(this.aggregator)
  }

  /** Observers of `meter` are no longer read here; its instruments follow when it is attached elsewhere. */
  detach(meter: Meter): void {
    this.#meters.delete(meter)
  }

  track(name: string, properties?: Properties): void {
    const reader = this.#reader
    if (this.#ended) {
      this.#ledger.refuse(Signal.event, 'closed')
      return
    }
    if (!isName(name)) {
      this.#warnings.once('invalid_name', 'an event name must be 1 to 256 bytes without control characters; dropped')
      this.#ledger.refuse(Signal.event, 'invalid_name')
      return
    }
    reader.clear()
    const reason = reader.read(properties)
    if (reason !== undefined) {
      this.#ledger.refuse(Signal.event, reason)
      return
    }
    if (reader.count > this.#maxAttributes) {
      this.#warnings.once(
        `attributes:${name}`,
        `event '${name}' has more than ${this.#maxAttributes} properties; dropped`,
      )
      this.#ledger.refuse(Signal.event, 'too_many_attributes')
      return
    }
    if (reader.skipped > 0) {
      this.#warnings.once(
        `skipped:${name}`,
        `event '${name}': properties that are no string, number or boolean are left out`,
      )
    }
    this.#rows.event(name, this.#platform.clock.monotonicMs(), reader)
  }

  withTaskMetrics<T>(type: string, work: (task: Task) => T, options?: TaskOptions): T {
    return this.#tasks.run(type, work, options)
  }

  /** `isAsync`: `work` stands for a function that is asynchronous. */
  runTask<T>(type: string, work: (task: Task) => T, options: TaskOptions | undefined, isAsync: boolean): T {
    return this.#tasks.run(type, work, options, isAsync)
  }

  instrumentTask<A extends unknown[], R>(
    type: string,
    work: (...args: A) => R,
    options?: TaskOptions,
  ): (...args: A) => R {
    return instrumented(this, type, work, options)
  }

  counter(name: string, options?: InstrumentOptions): Counter {
    return this.#meter.counter(name, options)
  }

  upDownCounter(name: string, options?: InstrumentOptions): Counter {
    return this.#meter.upDownCounter(name, options)
  }

  gauge(name: string, options?: InstrumentOptions): Gauge {
    return this.#meter.gauge(name, options)
  }

  histogram(name: string, options?: InstrumentOptions): Histogram {
    return this.#meter.histogram(name, options)
  }

  observe(name: string, read: () => number, options?: ObserveOptions): () => void {
    return this.#meter.observe(name, read, options)
  }

  flush(): Promise<void> {
    return this.#closing ?? this.#flush(this.options.flushTimeoutMs)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  stats(): Stats {
    return this.#ledger.stats(this.aggregator.openCalls() + this.#rows.openCalls)
  }

  async #flush(timeoutMs: number): Promise<void> {
    this.#collect()
    this.#sender.hurry()
    await this.#within(timeoutMs, this.#sender.settled(this.#platform.clock.monotonicMs() + timeoutMs))
  }

  async #close(): Promise<void> {
    this.#cancelTick()
    this.#removeExitHooks()
    // One last reading of the observers, before the doors close.
    this.#collect()
    this.#ended = true
    this.aggregator.close('closed')
    this.#tasks.close()
    await this.#flush(this.options.closeTimeoutMs)
    this.#sender.close('close_timeout')
    await this.#transport.close().catch(() => {})
  }

  /** Everything recorded so far moves into batches. */
  #collect(): void {
    this.#sealer.timeline.resync()
    if (!this.#ended) this.#runObservers()
    this.#metricsAtMs = this.#platform.clock.monotonicMs()
    this.#metrics.flush(this.aggregator.changed)
    this.#rows.flush()
  }

  /** As `#collect`, but metrics stay in their cells for a while where the queue fills up. */
  #tick(): void {
    const ageMs = this.#platform.clock.monotonicMs() - this.#metricsAtMs
    if (ageMs >= coarserStepMs(this.#queue.fill)) this.#collect()
    else {
      this.#sealer.timeline.resync()
      this.#rows.flush()
    }
  }

  #runObservers(): void {
    for (const meter of this.#meters) {
      meter.runObservers((name, error) => {
        this.#ledger.refuse(Signal.sample, 'observer_failed')
        this.#warnings.once(`observer:${name}`, `observing '${name}' failed: ${errorText(error)}`)
      })
    }
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#platform.clock.schedule(() => {
      this.#scheduleTick()
      this.#tick()
    }, this.options.flushIntervalMs)
  }

  /** The deadline's timer keeps the process alive: somebody awaits this. Nothing else of the SDK does. */
  async #within(timeoutMs: number, work: Promise<void>): Promise<void> {
    let cancel: () => void = () => {}
    const deadline = new Promise<void>((resolve) => {
      cancel = this.#platform.clock.schedule(resolve, timeoutMs, true)
    })
    await Promise.race([work, deadline])
    cancel()
  }

  #installExitHooks(): () => void {
    return this.#platform.onExit({
      timeoutMs: this.options.closeTimeoutMs,
      flush: () => this.#flush(this.options.closeTimeoutMs),
      keep: () => this.#collect(),
    })
  }

  #createQueue(): Queue {
    const made = this.#platform.createQueue?.(this.options, {
      clock: this.#platform.clock,
      ledger: this.#ledger,
      warnings: this.#warnings,
      wake: () => this.#sender.start(),
      lose: (lost) => this.#sender.lost(lost),
    })
    const { merge } = this.#platform
    return made ?? new MemoryQueue(this.options.maxQueueBytes, merge && ((batches) => merge(batches, this.#sealer)))
  }

  #warnOfOptions(given: ClientOptions): void {
    for (const name of unknownOptions(given)) {
      this.#warnings.once(`option:${name.slice(0, 80)}`, `init: there is no option '${name.slice(0, 80)}'; ignored`)
    }
    if (this.options.spool !== false && this.#platform.createQueue === undefined) {
      this.#warnings.once('spool', 'init: there is no disk for a spool here; batches wait in memory only')
    }
  }
}

/** Who runs tasks is looked up at each call, so that wrapping may come before `init`. */
export function instrumented<A extends unknown[], R>(
  target: Pick<SdkClient, 'runTask'>,
  type: string,
  work: (...args: A) => R,
  options?: TaskOptions,
): (...args: A) => R {
  const isAsync = isAsyncFunction(work)
  return function (this: unknown, ...args: A): R {
    return target.runTask(type, () => work.apply(this, args), options, isAsync)
  }
}

function resourceOf(options: ResolvedOptions, platform: Platform): [key: string, value: string][] {
  const resource = new Map<string, string>(options.attributes)
  resource.set('service', options.service)
  if (options.environment !== undefined) resource.set('environment', options.environment)
  if (options.version !== undefined) resource.set('version', options.version)
  resource.set('telltale.sdk', platform.sdk)
  return [...resource]
}

function errorText(error: unknown): string {
  try {
    return String(error).slice(0, 200)
  } catch {
    return 'an error that cannot be read'
  }
}
