/** The series of one client: name and attributes → cell. Instruments resolve their cells here, once for each series. */
import { Kind, type KindCode } from '@telltale/protocol'
import { type AttributeList, noAttributes, seriesKey } from '../attributes.js'
import type { Clock } from '../clock.js'
import type { Warnings } from '../logger.js'
import type { DropReason, Ledger } from '../stats.js'
import { isName } from '../text.js'
import { type Books, type Cell, GaugeCell, type MetricSpec, SumCell } from './cell.js'
import { HistogramCell } from './histogram-cell.js'

/** Names made up at run time, one for each user, must not grow memory without end. */
const maxMetrics = 2000

/** Series past the limit share one, marked like this. */
const overflowAttributes: AttributeList = ['telltale.overflow', 'true']

export interface AggregatorOptions {
  maxSeriesPerMetric: number
  /** Attributes of one series, beside those of the resource. */
  maxAttributes: number
}

interface Family {
  readonly spec: MetricSpec
  readonly cells: Map<string, Cell>
  /** Series with attributes. */
  tagged: number
  overflow: Cell | undefined
}

export class Aggregator {
  readonly #options: AggregatorOptions
  readonly #books: Ledger
  readonly #clock: Clock
  readonly #warnings: Warnings
  readonly #families = new Map<string, Family>()
  readonly #refusing: Cell[] = []
  #closed: DropReason | undefined
  /** Cells with calls since the last flush, in the order of their first call. */
  readonly changed: Cell[] = []

  constructor(options: AggregatorOptions, books: Ledger, clock: Clock, warnings: Warnings) {
    this.#options = options
    this.#books = books
    this.#clock = clock
    this.#warnings = warnings
  }

  /** The cell of one series; where the call must be refused, a cell that refuses and counts. Never throws. */
  cell(spec: MetricSpec, attributes: AttributeList): Cell {
    if (this.#closed !== undefined) {
      return makeCell(spec, attributes, this.#refusing, this.#books, this.#clock, this.#closed)
    }
    if (!isName(spec.name)) {
      this.#warnings.once('invalid_name', 'a metric name must be 1 to 256 bytes without control characters; dropped')
      return this.refusing(spec, 'invalid_name')
    }
    const family = this.#family(spec)
    if (family === undefined) {
      this.#warnings.once('too_many_metrics', `more than ${maxMetrics} metric names; put what varies into attributes`)
      return this.refusing(spec, 'too_many_metrics')
    }
    if (family.spec.kind !== spec.kind) {
      this.#warnings.once(
        `kind:${spec.name}`,
        `metric '${spec.name}' exists as a ${kindName(family.spec.kind)}; calls to it as a ${kindName(spec.kind)} are dropped`,
      )
      return this.refusing(spec, 'kind_conflict')
    }
    if (attributes.length > this.#options.maxAttributes * 2) {
      this.#warnings.once(`attributes:${spec.name}`, `metric '${spec.name}' has too many attributes; dropped`)
      return this.refusing(spec, 'too_many_attributes')
    }
    return this.#series(family, attributes)
  }

  /** A cell that counts every call as dropped for `reason`. */
  refusing(spec: MetricSpec, reason: DropReason): Cell {
    return makeCell(spec, noAttributes, this.#refusing, this.#books, this.#clock, reason)
  }

  /** Calls that no batch holds yet. */
  openCalls(): number {
    let calls = 0
    for (const cell of this.changed) calls += cell.calls
    return calls
  }

  /** From now on every call is refused. What was gathered stays, for a last flush. */
  close(reason: DropReason): void {
    this.#closed = reason
    for (const family of this.#families.values()) {
      for (const cell of family.cells.values()) cell.close(reason)
      family.overflow?.close(reason)
    }
  }

  #family(spec: MetricSpec): Family | undefined {
    let family = this.#families.get(spec.name)
    if (family === undefined) {
      if (this.#families.size >= maxMetrics) return undefined
      family = { spec, cells: new Map(), tagged: 0, overflow: undefined }
      this.#families.set(spec.name, family)
    } else if (family.spec.unit !== spec.unit && spec.unit !== '') {
      this.#warnings.once(
        `unit:${spec.name}`,
        `metric '${spec.name}' has the unit '${family.spec.unit}'; '${spec.unit}' is ignored`,
      )
    }
    return family
  }

  #series(family: Family, attributes: AttributeList): Cell {
    const key = seriesKey(attributes)
    let cell = family.cells.get(key)
    if (cell !== undefined) return cell
    // Every instrument has the series without attributes, used or not: it is beyond the limit.
    if (attributes.length > 0 && family.tagged >= this.#options.maxSeriesPerMetric) {
      this.#warnings.once(
        `overflow:${family.spec.name}`,
        `metric '${family.spec.name}' has more than ${this.#options.maxSeriesPerMetric} series; further ones share one with telltale.overflow=true`,
      )
      family.overflow ??= this.#live(family.spec, overflowAttributes)
      return family.overflow
    }
    if (attributes.length > 0) family.tagged++
    cell = this.#live(family.spec, attributes)
    family.cells.set(key, cell)
    return cell
  }

  #live(spec: MetricSpec, attributes: AttributeList): Cell {
    return makeCell(spec, attributes, this.changed, this.#books, this.#clock)
  }
}

/** The class follows the kind alone, so that a handle meets one class of cell whether it is live, inert or refusing. */
export function makeCell(
  spec: MetricSpec,
  attributes: AttributeList,
  changed: Cell[],
  books: Books,
  clock: Clock,
  reason?: DropReason,
): Cell {
  if (spec.kind === Kind.gauge) return new GaugeCell(spec, attributes, changed, books, clock, reason)
  if (spec.kind === Kind.histogram) return new HistogramCell(spec, attributes, changed, books, reason)
  return new SumCell(spec, attributes, changed, books, reason)
}

function kindName(kind: KindCode): string {
  if (kind === Kind.counter) return 'counter'
  if (kind === Kind.upDownCounter) return 'upDownCounter'
  return kind === Kind.gauge ? 'gauge' : 'histogram'
}
