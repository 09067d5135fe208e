/**
 * Counter, up-down counter, gauge and histogram as the host holds them. They belong to a meter, and find their cells in
 * whatever client the meter is attached to: handles made before `init` come alive with it.
 */
import type { Cell, GaugeCell, MetricSpec, SumCell } from '../aggregate/cell.js'
import type { HistogramCell } from '../aggregate/histogram-cell.js'
import { type AttributeList, canonicalise, noAttributes } from '../attributes.js'
import type { AttributeName, Attributes } from '../register.js'
import type { DropReason } from '../stats.js'
import { DeclaredResolver, OpenResolver, type Resolver } from './resolver.js'

/** One series of a counter or up-down counter. */
export interface BoundCounter {
  /** Counters take values from 0, up-down counters any finite number. Default: 1. */
  add(value?: number): void
}
export interface Counter {
  add(value?: number, attributes?: Attributes): void
  /** The series with these attributes; keep it where calls are frequent. */
  with(attributes: Attributes): BoundCounter
}
/** One series of a gauge. */
export interface BoundGauge {
  set(value: number): void
}
export interface Gauge {
  set(value: number, attributes?: Attributes): void
  /** The series with these attributes; keep it where calls are frequent. */
  with(attributes: Attributes): BoundGauge
}
/** One series of a histogram. */
export interface BoundHistogram {
  record(value: number): void
}
export interface Histogram {
  record(value: number, attributes?: Attributes): void
  /** The series with these attributes; keep it where calls are frequent. */
  with(attributes: Attributes): BoundHistogram
}

export interface InstrumentOptions {
  /** Unit of the values, such as `ms`, `By` or `1`. Default: none. */
  unit?: string
  /** What the metric tells, for people. Default: none. */
  description?: string
  /** Keys that series are told apart by. Others are ignored, and look-ups are faster. Default: all that calls give. */
  attributes?: readonly AttributeName[]
}

/** Where instruments get their cells from: a client, or nothing before `init`. */
export interface CellSource {
  cell(spec: MetricSpec, attributes: AttributeList): Cell
  refusing(spec: MetricSpec, reason: DropReason): Cell
}

/** A series as the host holds it; the meter swaps the cell underneath. */
interface Handle<C extends Cell> {
  cell: C
  readonly attributes: AttributeList
}

const none: Attributes = Object.freeze({})

/** Paths that one instrument remembers. Further ones work as well, only slower. */
const maxRemembered = 10_000

/** `C` is the class that `makeCell` gives for the kind of `spec`. */
export abstract class Instrument<C extends Cell, H extends Handle<C>> {
  readonly spec: MetricSpec
  readonly #declared: readonly string[] | undefined
  readonly #resolver: Resolver<H>
  readonly #handles: H[] = []
  #source: CellSource
  /** Of the series without attributes. */
  protected cell: C

  constructor(spec: MetricSpec, declared: readonly string[] | undefined, source: CellSource) {
    this.spec = spec
    this.#declared = declared
    this.#resolver =
      declared === undefined || declared.length === 0 ? new OpenResolver() : new DeclaredResolver(declared)
    this.#source = source
    this.cell = source.cell(spec, noAttributes) as C
  }

  with(given: Attributes): H {
    const attributes = given ?? none
    try {
      // The keys of a string are its characters, and it may have millions of them.
      if (typeof attributes !== 'object') throw new TypeError('attributes must be an object')
      const handle = this.#resolver.find(attributes)
      return handle === undefined ? this.#resolve(attributes) : handle
    } catch {
      // No object, a getter that throws, a proxy: plain JavaScript may hand over anything.
      return this.handle(this.#source.refusing(this.spec, 'invalid_attributes') as C, noAttributes)
    }
  }

  /** Finds all cells anew in `source`. */
  attach(source: CellSource): void {
    this.#source = source
    this.cell = source.cell(this.spec, noAttributes) as C
    for (const handle of this.#handles) handle.cell = source.cell(this.spec, handle.attributes) as C
  }

  protected abstract handle(cell: C, attributes: AttributeList): H

  #resolve(attributes: Attributes): H {
    const { list, cacheable } = canonicalise(attributes, this.#declared)
    const cell = this.#source.cell(this.spec, list) as C
    const handle = this.handle(cell, list)
    // Only a series of its own is worth a place: what overflows or is refused has no bound.
    if (cacheable && this.#handles.length < maxRemembered && sameList(cell.attributes, list)) {
      this.#handles.push(handle)
      this.#resolver.remember(attributes, handle)
    }
    return handle
  }
}

function sameList(a: AttributeList, b: AttributeList): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i])
}

class SumHandle implements BoundCounter {
  cell: SumCell
  readonly attributes: AttributeList

  constructor(cell: SumCell, attributes: AttributeList) {
    this.cell = cell
    this.attributes = attributes
  }

  add(value = 1): void {
    this.cell.add(value)
  }
}

export class SumInstrument extends Instrument<SumCell, SumHandle> implements Counter {
  add(value = 1, attributes?: Attributes): void {
    if (attributes === undefined) this.cell.add(value)
    else this.with(attributes).cell.add(value)
  }

  protected override handle(cell: SumCell, attributes: AttributeList): SumHandle {
    return new SumHandle(cell, attributes)
  }
}

class GaugeHandle implements BoundGauge {
  cell: GaugeCell
  readonly attributes: AttributeList

  constructor(cell: GaugeCell, attributes: AttributeList) {
    this.cell = cell
    this.attributes = attributes
  }

  set(value: number): void {
    this.cell.set(value)
  }
}

export class GaugeInstrument extends Instrument<GaugeCell, GaugeHandle> implements Gauge {
  set(value: number, attributes?: Attributes): void {
    if (attributes === undefined) this.cell.set(value)
    else this.with(attributes).cell.set(value)
  }

  protected override handle(cell: GaugeCell, attributes: AttributeList): GaugeHandle {
    return new GaugeHandle(cell, attributes)
  }
}

class HistogramHandle implements BoundHistogram {
  cell: HistogramCell
  readonly attributes: AttributeList

  constructor(cell: HistogramCell, attributes: AttributeList) {
    this.cell = cell
    this.attributes = attributes
  }

  record(value: number): void {
    this.cell.record(value)
  }
}

export class HistogramInstrument extends Instrument<HistogramCell, HistogramHandle> implements Histogram {
  record(value: number, attributes?: Attributes): void {
    if (attributes === undefined) this.cell.record(value)
    else this.with(attributes).cell.record(value)
  }

  protected override handle(cell: HistogramCell, attributes: AttributeList): HistogramHandle {
    return new HistogramHandle(cell, attributes)
  }
}
