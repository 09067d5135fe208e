/** A set of instruments that come alive together: one of each client, and one behind the module-level functions. */
import { Kind, type KindCode } from '@telltale/protocol'
import { makeCell } from '../aggregate/aggregator.js'
import type { MetricSpec } from '../aggregate/cell.js'
import type { Clock } from '../clock.js'
import type { Attributes } from '../register.js'
import { isName } from '../text.js'
import {
  type CellSource,
  type Counter,
  type Gauge,
  GaugeInstrument,
  type Histogram,
  HistogramInstrument,
  type InstrumentOptions,
  SumInstrument,
} from './instrument.js'
import { type ObserveOptions, Observer } from './observer.js'

/** Names that one meter remembers, of each kind, and observers. Further ones are refused by the client. */
const maxInstruments = 2000

type AnyInstrument = SumInstrument | GaugeInstrument | HistogramInstrument

export class Meter {
  readonly #instruments = new Map<KindCode, Map<string, AnyInstrument>>()
  readonly #observers = new Set<Observer>()
  #source: CellSource

  constructor(source: CellSource) {
    this.#source = source
  }

  counter(name: string, options?: InstrumentOptions): Counter {
    return this.#get(Kind.counter, name, options, (...args) => new SumInstrument(...args))
  }

  upDownCounter(name: string, options?: InstrumentOptions): Counter {
    return this.#get(Kind.upDownCounter, name, options, (...args) => new SumInstrument(...args))
  }

  gauge(name: string, options?: InstrumentOptions): Gauge {
    return this.#get(Kind.gauge, name, options, (...args) => new GaugeInstrument(...args))
  }

  histogram(name: string, options?: InstrumentOptions): Histogram {
    return this.#get(Kind.histogram, name, options, (...args) => new HistogramInstrument(...args))
  }

  observe(name: string, read: () => number, options?: ObserveOptions): () => void {
    // Here `attributes` are values, not the keys that an instrument declares.
    const gauge = this.#get(Kind.gauge, name, labelsOf(options), (...args) => new GaugeInstrument(...args))
    const observer = new Observer(gauge, read, attributesOf(options))
    if (this.#observers.size < maxInstruments) this.#observers.add(observer)
    return () => {
      this.#observers.delete(observer)
    }
  }

  /** From now on all instruments, old and new, feed `source`. */
  attach(source: CellSource): void {
    this.#source = source
    for (const byName of this.#instruments.values()) for (const one of byName.values()) one.attach(source)
  }

  /** Reads every observer once; `onError` hears of those that throw. */
  runObservers(onError: (name: string, error: unknown) => void): void {
    for (const observer of this.#observers) observer.run(onError)
  }

  #get<I extends AnyInstrument>(
    kind: KindCode,
    name: string,
    options: InstrumentOptions | undefined,
    make: (spec: MetricSpec, declared: readonly string[] | undefined, source: CellSource) => I,
  ): I {
    let byName = this.#instruments.get(kind)
    if (byName === undefined) {
      byName = new Map()
      this.#instruments.set(kind, byName)
    }
    // One kind has one class, so that what is found here is what `make` would give.
    const found = byName.get(name) as I | undefined
    if (found !== undefined) return found
    const made = make(specOf(kind, name, options), declaredOf(options), this.#source)
    if (isName(name) && byName.size < maxInstruments) byName.set(name, made)
    return made
  }
}

/** Before `init` instruments take calls and forget them. */
export function inertSource(clock: Clock): CellSource {
  return {
    cell: (spec, attributes) => makeCell(spec, attributes, [], null, clock, 'closed'),
    refusing: (spec, reason) => makeCell(spec, [], [], null, clock, reason),
  }
}

/** Plain JavaScript may hand over anything here, and nothing may throw. */
function specOf(kind: KindCode, name: unknown, options: InstrumentOptions | undefined): MetricSpec {
  let unit = ''
  let description = ''
  try {
    if (isName(options?.unit)) unit = options.unit
    if (isName(options?.description)) description = options.description
  } catch {
    // Options with a getter that throws count as no options.
  }
  return { name: typeof name === 'string' ? name : '', kind, unit, description }
}

function declaredOf(options: InstrumentOptions | undefined): readonly string[] | undefined {
  try {
    const declared = options?.attributes
    return Array.isArray(declared) ? [...new Set(declared.filter(isName))] : undefined
  } catch {
    return undefined
  }
}

function labelsOf(options: ObserveOptions | undefined): InstrumentOptions | undefined {
  try {
    return { unit: options?.unit, description: options?.description }
  } catch {
    return undefined
  }
}

function attributesOf(options: ObserveOptions | undefined): Attributes | undefined {
  try {
    return options?.attributes ?? undefined
  } catch {
    return undefined
  }
}
