/**
 * One series table with its dictionary, which stays the same, byte for byte, from flush to flush: the collector then
 * needs to read and resolve it only once. Series are appended as they appear; a page that is mostly idle is given up.
 */
import type { Series, StringRef } from '@telltale/protocol'
import type { Cell } from '../aggregate/cell.js'
import { Dictionary } from './dictionary.js'

export interface PageLimits {
  maxSeries: number
  maxStringBytes: number
  maxStrings: number
}

/** Flushes in a row that may use less than a quarter of a page before it is given up. */
const patienceFlushes = 10
/** Pages below this many series are never worth rebuilding. */
const smallPage = 64

export class SchemaPage {
  readonly dictionary = new Dictionary()
  readonly resource: StringRef[] = []
  readonly series: Series[] = []
  /** Given up: its cells find another page at their next flush. */
  retired = false
  readonly #limits: PageLimits
  #idleFlushes = 0

  constructor(resource: readonly (readonly [key: string, value: string])[], limits: PageLimits) {
    this.#limits = limits
    for (const [key, value] of resource) this.resource.push(this.dictionary.ref(key), this.dictionary.ref(value))
  }

  get full(): boolean {
    const { maxSeries, maxStringBytes, maxStrings } = this.#limits
    const { bytes, strings } = this.dictionary
    return this.series.length >= maxSeries || bytes >= maxStringBytes || strings.length >= maxStrings
  }

  place(cell: Cell): void {
    const { dictionary } = this
    const { spec } = cell
    const attributes: StringRef[] = []
    for (const text of cell.attributes) attributes.push(dictionary.ref(text))
    cell.page = this
    cell.index = this.series.length
    this.series.push({
      name: dictionary.ref(spec.name),
      kind: spec.kind,
      unit: dictionary.ref(spec.unit),
      description: dictionary.ref(spec.description),
      attributes,
    })
  }

  /** Called after each flush with the number of series that had data in it. */
  used(seriesCount: number): void {
    const idle = this.series.length > smallPage && seriesCount * 4 < this.series.length
    this.#idleFlushes = idle ? this.#idleFlushes + 1 : 0
    this.retired = this.#idleFlushes >= patienceFlushes
  }
}
