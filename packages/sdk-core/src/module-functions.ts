/** The functions that the SDKs export: they act on the default client, the one that `init` made last. */
import type { Properties } from './attributes.js'
import { type Client, instrumented, SdkClient } from './client.js'
import { inertSource, Meter } from './instrument/meter.js'
import type { Task, TaskOptions } from './instrument/task.js'
import type { ClientOptions } from './options.js'
import type { Platform } from './platform.js'
import type { Stats } from './stats.js'

export interface ModuleFunctions extends Client {
  /**
   * Makes a client, and the default client of the module-level functions. Instruments made earlier come alive with it.
   * Throws `SetupError`, with the option's name, where an option is wrong; nothing else here ever throws.
   */
  init(options?: ClientOptions): Client
}

/** A run before `init`: the measured function may use it, and it leaves no trace. */
class InertTask implements Task {
  readonly type: string
  readonly id: string
  readonly signal: AbortSignal
  readonly traceparent: string

  constructor(type: string, options: TaskOptions | undefined) {
    this.type = type
    this.id = options?.id ?? ''
    this.signal = options?.signal ?? new AbortController().signal
    this.traceparent = options?.traceparent ?? ''
  }

  set(): void {}

  step(): void {}
}

export function createModuleFunctions(platform: Platform): ModuleFunctions {
  const meter = new Meter(inertSource(platform.clock))
  let current: SdkClient | undefined

  function withTaskMetrics<T>(type: string, work: (task: Task) => T, options?: TaskOptions): T {
    if (current !== undefined) return current.withTaskMetrics(type, work, options)
    return work(new InertTask(type, options))
  }

  function runTask<T>(type: string, work: (task: Task) => T, options: TaskOptions | undefined, isAsync: boolean): T {
    if (current !== undefined) return current.runTask(type, work, options, isAsync)
    return work(new InertTask(type, options))
  }

  return {
    init(options: ClientOptions = {}): Client {
      const client = new SdkClient(platform, options)
      current?.detach(meter)
      current = client
      client.attach(meter)
      return client
    },
    track: (name: string, properties?: Properties): void => current?.track(name, properties),
    withTaskMetrics,
    instrumentTask: (type, work, options) => instrumented({ runTask }, type, work, options),
    counter: (name, options) => meter.counter(name, options),
    upDownCounter: (name, options) => meter.upDownCounter(name, options),
    gauge: (name, options) => meter.gauge(name, options),
    histogram: (name, options) => meter.histogram(name, options),
    observe: (name, read, options) => meter.observe(name, read, options),
    flush: async (): Promise<void> => current?.flush(),
    close: async (): Promise<void> => current?.close(),
    stats: (): Stats => current?.stats() ?? { recorded: 0, acked: 0, rejected: 0, buffered: 0, dropped: {} },
  }
}
