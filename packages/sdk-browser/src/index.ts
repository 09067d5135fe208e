/** Telltale's SDK for browsers. Importing it does nothing; `init` starts it. */
import type {
  Attributes,
  Counter,
  EventName,
  EventProperties,
  Gauge,
  Histogram,
  InstrumentOptions,
  ObserveOptions,
  Properties,
  Stats,
} from '@telltale/sdk-core'
import { createBooks } from './books.js'
import { type Engine, start } from './client.js'
import type { ClientOptions, Consent } from './options.js'
import type { Cell, Kind, Spec } from './record/metrics.js'
import type { Task, TaskOptions } from './record/tasks.js'

export type {
  AttributeName,
  Attributes,
  AttributeValue,
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Counter,
  EventName,
  EventProperties,
  Gauge,
  Histogram,
  InstrumentOptions,
  ObserveOptions,
  Properties,
  Stats,
} from '@telltale/sdk-core'
export { type ClientOptions, type Consent, defaults, SetupError } from './options.js'
export type { Task, TaskOptions } from './record/tasks.js'

/** The functions of this module, as an object; they act on the client that `init` made last. */
export interface Client {
  track: typeof track
  withTaskMetrics: typeof withTaskMetrics
  instrumentTask: typeof instrumentTask
  counter: typeof counter
  upDownCounter: typeof upDownCounter
  gauge: typeof gauge
  histogram: typeof histogram
  observe: typeof observe
  identify: typeof identify
  group: typeof group
  page: typeof page
  setConsent: typeof setConsent
  flush: typeof flush
  close: typeof close
  stats: typeof stats
}

let engine: Engine | undefined
const observers = /* @__PURE__ */ new Set<() => void>()

/**
 * Starts the client of this page; one that was started before is closed. Instruments made earlier come alive with it.
 * Throws `SetupError`, with the option's name, where an option is wrong; nothing else here ever throws.
 */
export function init(options: ClientOptions = {}): Client {
  const started = start(options, observers)
  void engine?.close()
  engine = started
  if (observers.size) engine.arm()
  return {
    track,
    withTaskMetrics,
    instrumentTask,
    counter,
    upDownCounter,
    gauge,
    histogram,
    observe,
    identify,
    group,
    page,
    setConsent,
    flush,
    close,
    stats,
  }
}

/** Records an event. `user.id`, `org.id` and `session.id` are added; given among the properties, they win. */
export function track<N extends EventName>(name: N, properties?: EventProperties<N>): void {
  engine?.track(name, properties as object | undefined)
}

/** Runs `work` and records how it went. Returns what it returns, and throws what it throws, now or later. */
export function withTaskMetrics<T>(type: string, work: (task: Task) => T, options?: TaskOptions): T {
  return engine ? engine.task(type, work, options) : work({ type, id: options?.id ?? '', set() {}, step() {} })
}

/** A function that does what `work` does, each call of it a task run. */
export function instrumentTask<A extends unknown[], R>(
  type: string,
  work: (...args: A) => R,
  options?: TaskOptions,
): (...args: A) => R {
  return function (this: unknown, ...args) {
    return withTaskMetrics(type, () => work.apply(this, args), options)
  }
}

/** A sum that only grows, such as finished jobs. */
export function counter(name: string, options?: InstrumentOptions): Counter {
  return instrument('counter', name, options)
}

/** A sum that also falls, such as open connections. */
export function upDownCounter(name: string, options?: InstrumentOptions): Counter {
  return instrument('up_down_counter', name, options)
}

/** A level that is set, such as a temperature. */
export function gauge(name: string, options?: InstrumentOptions): Gauge {
  return instrument('gauge', name, options)
}

/** The distribution of a value, such as a latency. */
export function histogram(name: string, options?: InstrumentOptions): Histogram {
  return instrument('histogram', name, options)
}

/** A gauge that the SDK reads at each flush. The result ends it. */
export function observe(name: string, read: () => number, options?: ObserveOptions): () => void {
  const { set } = instrument('gauge', name, { unit: options?.unit, description: options?.description }).with(
    options?.attributes ?? {},
  )
  const observer = (): void => {
    let value: number
    try {
      value = read()
    } catch {
      engine?.refuse('observer_failed')
      return
    }
    set(value)
  }
  observers.add(observer)
  engine?.arm()
  return () => void observers.delete(observer)
}

/** Who is there: later events and task runs carry it as `user.id`. Traits are kept with an event `user.identified`. `null`: nobody. */
export function identify(userId: string | null, traits?: Properties): void {
  engine?.identify('user.id', 'user.identified', userId, traits)
}

/** The organisation of who is there: later events carry it as `org.id`. Traits are kept with an event `org.identified`. */
export function group(orgId: string | null, traits?: Properties): void {
  engine?.identify('org.id', 'org.identified', orgId, traits)
}

/** A page view; ends the one before. `path`: default is that of the address. Needed only where `pageViews` is false. */
export function page(path?: string, properties?: Properties): void {
  engine?.page(path, properties)
}

/** `granted` stores and sends what has waited; `denied` forgets it, and what is stored. The page remembers the choice itself. */
export function setConsent(consent: Consent): void {
  engine?.consent(consent)
}

/** Resolves when all that was recorded before is acknowledged or given up, or after `flushTimeoutMs`. Never rejects. */
export async function flush(): Promise<void> {
  await engine?.flush()
}

/** Flushes within `closeTimeoutMs`, then ends the client: later calls are counted as dropped. Never rejects. */
export async function close(): Promise<void> {
  await engine?.close()
}

/** Where all calls on the client so far are. */
export function stats(): Stats {
  return (engine ?? createBooks()).stats()
}

type Take = (value: number, attributes?: Attributes) => void
interface AnyInstrument {
  add: (value?: number, attributes?: Attributes) => void
  set: Take
  record: Take
  with: (attributes: Attributes) => AnyInstrument
}

/** All kinds in one shape; the types above tell which method is whose. */
function instrument(kind: Kind, name: string, options?: InstrumentOptions, bound?: Attributes): AnyInstrument {
  const spec: Spec = { name: String(name), kind, unit: options?.unit, description: options?.description }
  let owner: Engine | undefined
  let cell: Cell | string
  const record: Take = (value, attributes) => {
    if (!engine) return
    // Found once for each client, so that a kept handle costs no look-up.
    if (owner !== engine || attributes) cell = engine.metrics.cell(spec, attributes ?? bound, options?.attributes)
    owner = attributes ? undefined : engine
    engine.metrics.record(cell, value)
    engine.arm()
  }
  return {
    add: (value = 1, attributes) => record(value, attributes),
    set: record,
    record,
    with: (attributes) => instrument(kind, name, options, attributes),
  }
}
