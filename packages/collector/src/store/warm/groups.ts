/** Which group a series belongs to, as one array look-up: folding asks for every run. */
import type { AggregateRequest } from '../store.js'

export class SeriesGroups {
  /** By series less `lowest`; −1: not asked for. */
  readonly #groupOf: Int32Array
  readonly lowest: number
  readonly highest: number
  /** Series that are asked for. */
  readonly size: number
  /** Groups, numbered from 0. */
  readonly count: number

  constructor({ series, group }: Pick<AggregateRequest, 'series' | 'group'>) {
    let lowest = Number.POSITIVE_INFINITY
    let highest = 0
    let groups = 0
    for (let i = 0; i < series.length; i++) {
      if (series[i] < lowest) lowest = series[i]
      if (series[i] > highest) highest = series[i]
      if (group[i] >= groups) groups = group[i] + 1
    }
    this.lowest = lowest
    this.highest = highest
    this.size = series.length
    this.count = groups
    this.#groupOf = new Int32Array(Math.max(0, highest - lowest + 1)).fill(-1)
    for (let i = 0; i < series.length; i++) this.#groupOf[series[i] - lowest] = group[i]
  }

  of(series: number): number {
    return series < this.lowest || series > this.highest ? -1 : this.#groupOf[series - this.lowest]
  }
}
