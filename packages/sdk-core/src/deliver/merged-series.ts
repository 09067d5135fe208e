/** One series table for the series of several batches, each there once. */
import type { Batch, Series } from '@telltale/protocol'
import type { Dictionary } from '../batch/dictionary.js'

export class MergedSeries {
  readonly table: Series[] = []
  readonly #strings: Dictionary
  readonly #places = new Map<string, number>()

  constructor(strings: Dictionary) {
    this.#strings = strings
  }

  /** From the places of a batch's table to those of this one. */
  of(batch: Batch): (ref: number) => number {
    const places = batch.series.map((one) => this.#place(batch.strings, one))
    return (ref) => places[ref]
  }

  #place(strings: readonly string[], { name, kind, unit, description, attributes }: Series): number {
    const ref = (old: number) => this.#strings.ref(strings[old])
    const moved: Series = {
      name: ref(name),
      kind,
      unit: ref(unit),
      description: ref(description),
      attributes: attributes.map(ref),
    }
    // References are to one dictionary by now, so that equal series have equal numbers.
    const key = `${moved.name} ${kind} ${moved.attributes.join(' ')}`
    let place = this.#places.get(key)
    if (place === undefined) {
      place = this.table.push(moved) - 1
      this.#places.set(key, place)
    }
    return place
  }
}
